import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { inheritedFlags } from "../../.ci/offline/flags.ts";
import { run } from "../support/process.ts";
import { PARTS, readOptions } from "./main.ts";
import { testSmall, WAITING } from "./small_parts.ts";

for (const part of PARTS) if (WAITING.includes(part.name)) testSmall(part);

Deno.test("stress --help names every option and part", async () => {
  const { code, stdout } = await run({
    command: [Deno.execPath(), "run", "--quiet", ...inheritedFlags()],
    args: ["--allow-all", "tests/stress/main.ts", "--help"],
  });
  assertEquals(code, 0);
  for (const { name, summary } of PARTS) {
    assertStringIncludes(stdout, `${name.padEnd(14)}${summary}`);
  }
});

Deno.test("readOptions() reads the options, or names the wrong one", () => {
  const { parts, size, seed } = readOptions([
    ...["--only", "soak", "--only", "frames", "--size", "0.5", "--seed", "7"],
  ]);
  assertEquals(parts.map(({ name }) => name), ["frames", "soak"]);
  assertEquals({ size, seed }, { size: 0.5, seed: 7 });
  assertEquals(readOptions([]).parts, [...PARTS]);
  for (
    const [name, value] of [
      ...[["--only", "x"], ["--size", "0"], ["--size", "1e3"]],
      ...[["--seed", "x"], ["--nonsense", "x"]],
    ] as [string, string][]
  ) {
    const error = assertThrows(() => readOptions([name, value]), Error);
    assertStringIncludes(error.message, name);
  }
});
