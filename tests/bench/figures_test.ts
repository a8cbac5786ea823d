import { assert, assertEquals, assertThrows } from "@std/assert";
import { Histogram } from "./histogram.ts";
import { parseOptions, UsageError } from "./options.ts";
import { parseCores, planPinning } from "./pinning.ts";
import { Results } from "./results.ts";
import { formatTable } from "./table.ts";
import { BARE, listTargets } from "./targets.ts";

Deno.test("Histogram.quantile() is within a bucket's width", () => {
  const histogram = new Histogram();
  assertEquals(histogram.quantile(0.5), 0);
  for (let i = 1; i <= 10_000; i++) histogram.add(i / 100);
  assertEquals(histogram.count, 10_000);
  for (const share of [0.01, 0.5, 0.99, 1]) {
    const error = histogram.quantile(share) / (share * 100) - 1;
    assert(Math.abs(error) < 0.01, `${share}: ${error}`);
  }
  histogram.add(1e9);
  assert(histogram.quantile(1) > 20_000);
});

Deno.test("Results.median() takes ratios within each round", () => {
  const results = new Results();
  const add = (round: number, target: string, value: number) =>
    results.add({
      round,
      load: "idle",
      target,
      figures: { bytesPerConnection: { "1000": value } },
    });
  // The machine was ten times slower in the second round.
  [[1, 10, 20], [2, 100, 200], [3, 10, 30]].forEach(([round, bare, other]) => {
    add(round!, "bare", bare!);
    add(round!, "other", other!);
  });
  assertEquals(results.median("idle", "other", "1000"), {
    value: 30,
    ratio: 2,
  });
  assertEquals(results.median("idle", "absent", "1000"), undefined);
});

Deno.test("parseOptions() reads targets and their paths", () => {
  const { custom, rounds, seconds } = parseOptions([
    "--target",
    "mine=./server --port {port} --x=1",
    "--path",
    "mine=/echo",
    "--seconds=0.5",
  ]);
  assertEquals(custom, [{
    name: "mine",
    command: "./server --port {port} --x=1",
    path: "/echo",
  }]);
  assertEquals([rounds, seconds], [5, 0.5]);
});

const refused: Record<string, string[]> = {
  "an unknown option": ["--fast"],
  "an argument": ["fast"],
  "rounds that are no number": ["--rounds", "many"],
  "half a round": ["--rounds", "1.5"],
  "no time": ["--seconds", "0"],
  "an unknown load": ["--load", "2m"],
  "an unknown target": ["--only", "other"],
  "a target without a command": ["--target", "mine"],
  "a target without {port}": ["--target", "mine=./server"],
  "a name that is taken": ["--target", "bare=./server {port}"],
  "a path of no target": ["--path", "mine=/echo"],
  "a path without a slash": ["--target", "a=b {port}", "--path", "a=echo"],
};
for (const [what, args] of Object.entries(refused)) {
  Deno.test(`parseOptions() refuses ${what}`, () => {
    const error = assertThrows(() => parseOptions(args), UsageError);
    assert(error.message.startsWith("Cannot "), error.message);
  });
}

Deno.test("listTargets() names what it skips", () => {
  const { targets, skipped } = listTargets(
    { only: ["bare", "ws on Node"], custom: [] },
    { unavailable: "Node.js is not present" },
  );
  assertEquals(targets, [BARE]);
  assertEquals(skipped, [
    { name: "ws on Node", reason: "Node.js is not present" },
  ]);
});

Deno.test("listTargets() puts the port into a command for sh", () => {
  const { targets } = listTargets({
    only: ["mine"],
    custom: [{ name: "mine", command: "./server :{port}", path: "/" }],
  }, undefined);
  assertEquals(targets[1]?.command(99), ["sh", "-c", "exec ./server :99"]);
});

Deno.test("planPinning() keeps the generator's core to itself", () => {
  assertEquals(parseCores("0-2,8\n"), [0, 1, 2, 8]);
  assertEquals(planPinning([3]), { servers: [], generator: undefined });
  assertEquals(planPinning([0, 1]), { servers: [0], generator: 1 });
  assertEquals(planPinning([0, 1, 2, 8]), { servers: [0, 2], generator: 1 });
});

Deno.test("formatTable() lines up cells", () => {
  assertEquals(
    formatTable(["name", "x"], [["a", "1,000"], { first: "b", instead: "?" }]),
    "| name |     x |\n| ---- | ----: |\n| a    | 1,000 |\n| b    | ? |",
  );
});
