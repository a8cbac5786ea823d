import { assertEquals, assertStringIncludes } from "@std/assert";
import { inheritedFlags } from "../../.ci/offline/flags.ts";
import { run } from "../support/process.ts";
import { PARTS } from "./parts.ts";
import { runPart } from "./run_part.ts";

/** Share of the full size: a few seconds for all parts. */
const SIZE = 0.01;

for (const part of PARTS) {
  Deno.test({
    name: `stress ${part.name}: the service holds, small`,
    // Descriptors and memory of the service are read from /proc.
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      // A failing case is repeated with it.
      console.log(`seed ${seed}`);
      await runPart(part, SIZE, { seed });
    },
  });
}

function runStress(...args: string[]) {
  const command = [Deno.execPath(), "run", "--quiet", ...inheritedFlags()];
  return run({
    command,
    args: ["--allow-all", "tests/stress/main.ts", ...args],
  });
}

Deno.test("stress --help names every option and part", async () => {
  const { code, stdout } = await runStress("--help");
  assertEquals(code, 0);
  for (const { name, summary } of PARTS) {
    assertStringIncludes(stdout, `${name.padEnd(14)}${summary}`);
  }
});

Deno.test("stress ends with 2 on wrong usage", async () => {
  for (
    const [args, message] of [
      [["--only", "x"], 'Cannot run --only "x"'],
      [["--size", "0"], 'Cannot use --size "0"'],
      [["--seed", "-1"], "seed"],
      [["--nonsense"], "--nonsense"],
    ] as const
  ) {
    const { code, stderr } = await runStress(...args);
    assertEquals(code, 2, args.join(" "));
    assertStringIncludes(stderr, message);
  }
});
