import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { inheritedFlags } from "../../.ci/offline/flags.ts";
import { run } from "../support/process.ts";
import { PARTS, readOptions } from "./main.ts";
import { runPart } from "./run_part.ts";

/** Shares of the full size: a few seconds for each part. Default: 0.01. */
const SIZES: Record<string, number> = {
  ...{ handshakes: 0.1, frames: 0.1, resets: 0.1, fragments: 0.1, delays: 0.1 },
  ...{ http2: 0.2, siblings: 0.05, errors: 0.03 },
};

/** Parts that wait most of the time, and so run side by side. */
const WAITING = ["resets", "unanswered", "log", "errors"];
const [waiting, busy] = [true, false].map((isWaiting) =>
  PARTS.filter(({ name }) => WAITING.includes(name) === isWaiting)
);

for (const parts of [...busy!.map((part) => [part]), waiting!]) {
  const names = parts.map(({ name }) => name).join(", ");
  Deno.test({
    name: `stress ${names}: the service holds, small`,
    // Descriptors and memory of the service are read from /proc.
    ignore: Deno.build.os !== "linux",
    // fast-check's message has the seed of what failed.
    fn: async () => {
      const { seed } = readOptions([]);
      await Promise.all(
        parts.map((part) => runPart(part, SIZES[part.name] ?? 0.01, seed)),
      );
    },
  });
}

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
