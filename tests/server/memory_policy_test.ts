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
  const risen = [{ memory: 1_110 }, { memory: 1_120 }, { memory: 1_300 }];
  const later = risen.map((reading) => ({ ...reading, now: 10_000 }));
  assertEquals(decideAll(policy, later), [[2, "recycle"]]);
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
  const soon = { now: 10_000 };
  assertEquals(decideAll(policy, [{ ...soon, memory: 3_020 }]), []);
  // As soon as it falls below the limit, that counts again.
  const [fallen, risen] = [{ memory: 500 }, { memory: 1_400 }];
  assertEquals(
    decideAll(policy, [{ ...soon, ...fallen }, { ...soon, ...risen }]),
    [[1, "recycle"]],
  );
});
