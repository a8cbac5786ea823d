import { assertEquals } from "@std/assert";
import {
  type MemoryAction,
  MemoryPolicy,
  type MemoryReading,
  READING_MS,
} from "../../handlers/server/memory_policy.ts";

/** Reads figures in turn, and tells what was done at which of them. */
function decideAll(
  policy: MemoryPolicy,
  readings: Partial<MemoryReading>[],
): [reading: number, action: MemoryAction][] {
  return readings.flatMap((reading, index) => {
    const action = policy.decide({
      memory: 100,
      held: 0,
      connections: 1,
      ...reading,
      now: reading.now ?? index * READING_MS,
    });
    return action === undefined ? [] : [[index, action]];
  });
}

/** So many readings of the same. */
function times(count: number, reading: Partial<MemoryReading>) {
  return Array<Partial<MemoryReading>>(count).fill(reading);
}

/** Readings long after others. */
function later(memory: number[]): Partial<MemoryReading>[] {
  return memory.map((memory) => ({ memory, now: 10_000 }));
}

Deno.test("MemoryPolicy recycles the busiest on growth, before the limit is reached", () => {
  const readings = [{ memory: 500 }, { memory: 600 }, { memory: 790 }];
  const policy = new MemoryPolicy(1_000, 2);
  assertEquals(decideAll(policy, readings), [[2, "recycle"]]);
});

Deno.test("MemoryPolicy waits until what it did can show", () => {
  const readings = times(5, { memory: 2_000 });
  assertEquals(decideAll(new MemoryPolicy(1_000, 4), readings), [
    [0, "recycle"],
    [3, "recycle"],
  ]);
});

Deno.test("MemoryPolicy closes the heaviest while what is held back explains it", () => {
  const readings = [
    ...times(5, { memory: 1_100, held: 200 }),
    { memory: 900, held: 100 },
  ];
  assertEquals(decideAll(new MemoryPolicy(1_000, 2), readings), [
    [0, "refuse new connections"],
    [1, "close the heaviest"],
    [4, "close the heaviest"],
    [5, "accept new connections"],
  ]);
  // What is held back may rise a little higher than what is not.
  const policy = new MemoryPolicy(1_000, 2);
  const [held, other] = [{ memory: 1_300, held: 400 }, { memory: 1_300 }];
  assertEquals(decideAll(policy, [held, held, other]), [
    [0, "refuse new connections"],
    [1, "close the heaviest"],
    [2, "recycle"],
  ]);
});

Deno.test("MemoryPolicy refuses new connections for a second, and then accepts them for one", () => {
  const held = times(60, { memory: 1_100, held: 200 });
  const decisions = decideAll(new MemoryPolicy(1_000, 2), held)
    .filter(([, action]) => action !== "close the heaviest");
  assertEquals(decisions, [
    [0, "refuse new connections"],
    [20, "accept new connections"],
    [40, "refuse new connections"],
  ]);

  const policy = new MemoryPolicy(1_000, 2);
  assertEquals(decideAll(policy, times(60, { memory: 1_100 })), [
    [0, "refuse new connections"],
    [20, "tolerate"],
  ]);
  // It may rise to what was tolerated, and no more than a quarter in all.
  const risen = later([1_110, 1_120, 1_300]);
  assertEquals(decideAll(policy, risen), [[2, "recycle"]]);
  const high = new MemoryPolicy(1_000, 2);
  decideAll(high, times(21, { memory: 1_240 }));
  assertEquals(decideAll(high, later([1_245])), [[0, "recycle"]]);
  // Once it has fallen below the limit, that counts again.
  const fallen = new MemoryPolicy(1_000, 2);
  decideAll(fallen, times(21, { memory: 1_100 }));
  assertEquals(decideAll(fallen, later([940, 990])), [
    [1, "refuse new connections"],
  ]);
});

Deno.test("MemoryPolicy accepts new connections when the memory has fallen", () => {
  const readings = [{ memory: 1_100 }, { memory: 1_000 }, { memory: 900 }];
  assertEquals(decideAll(new MemoryPolicy(1_000, 2), readings), [
    [0, "refuse new connections"],
    [1, "accept new connections"],
  ]);
});

Deno.test("MemoryPolicy takes what stays without connections as the floor", () => {
  const policy = new MemoryPolicy(1_000, 2);
  const readings = times(30, { memory: 3_000, connections: 0 });
  assertEquals(decideAll(policy, readings), [
    [0, "recycle"],
    [3, "recycle"],
    [6, "tolerate"],
  ]);
  // A little above it, new connections are refused; as soon as the memory falls
  // below the limit, that counts again.
  const memory = [3_020, 3_080, 500, 1_400];
  assertEquals(decideAll(policy, later(memory)), [
    [1, "refuse new connections"],
    [2, "accept new connections"],
    [3, "recycle"],
  ]);
});

Deno.test("MemoryPolicy recycles on while a flood lasts, and all threads for each", () => {
  const flood = Array.from(
    { length: 8 },
    (_, i) => ({ memory: 2_000 + 20 * i }),
  );
  assertEquals(decideAll(new MemoryPolicy(1_000, 1), flood), [
    [0, "recycle"],
    [3, "recycle"],
    [6, "recycle"],
  ]);
  const [high, low] = [times(3, { memory: 3_000 }), times(1, { memory: 500 })];
  const twice = [...high, ...low, ...high, ...high];
  assertEquals(decideAll(new MemoryPolicy(1_000, 2), twice), [
    [0, "recycle"],
    [4, "recycle"],
    [7, "recycle"],
  ]);
});

Deno.test("MemoryPolicy recycles rather than tolerates where nobody is connected", () => {
  const readings = times(24, { memory: 1_100, connections: 0 });
  assertEquals(decideAll(new MemoryPolicy(1_000, 2), readings), [
    [0, "refuse new connections"],
    [20, "recycle"],
  ]);
});
