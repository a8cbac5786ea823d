import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Schedule } from "../../handlers/websocket/schedule.ts";
import { parametersOf } from "../support/parameters.ts";

/** When replies of so many bytes leave that were made at these times. */
function leave(query: string, replies: [now: number, bytes: number][]) {
  const schedule = Schedule.of(parametersOf(query));
  return replies.map(([now, bytes]) => schedule?.next(now, bytes));
}

Deno.test("Schedule.of() gives none where nothing waits", () => {
  assertEquals(Schedule.of(parametersOf("drop=50&push=100&seed=1")), undefined);
});

Deno.test("Schedule.next() lets repetitions leave in a turn of their own", () => {
  assertEquals(leave("repeat=2", [[3, 9], [3, 9], [5, 9]]), [3, 3, 5]);
});

Deno.test("Schedule.next() adds the delay, then the time at the rate", () => {
  assertEquals(leave("delay=10", [[0, 9], [5, 9]]), [10, 15]);
  const line: [number, number][] = [[0, 100], [0, 50], [500, 100]];
  assertEquals(leave("rate=1000", line), [100, 150, 600]);
  assertEquals(leave("rate=1000&delay=20", line), [120, 170, 620]);
});

Deno.test("Schedule.next() keeps the order, and the bounds of jitter and rate", () => {
  const replies = fc.array(fc.tuple(fc.nat(50), fc.nat(1_000)));
  const values = fc.record({
    delay: fc.nat(100),
    jitter: fc.integer({ min: 1, max: 100 }),
    rate: fc.option(fc.integer({ min: 1, max: 10_000 })),
    seed: fc.nat(),
  });
  fc.assert(fc.property(values, replies, (values, gaps) => {
    const { delay, jitter, rate, seed } = values;
    let now = 0;
    const made = gaps.map(([gap, bytes]): [number, number] => [
      now += gap,
      bytes,
    ]);
    const query = `delay=${delay}&jitter=${jitter}&seed=${seed}` +
      (rate === null ? "" : `&rate=${rate}`);
    let last = 0;
    for (const [i, due] of leave(query, made).entries()) {
      const [now, bytes] = made[i]!;
      const passing = rate === null ? 0 : bytes / rate * 1_000;
      const earliest = Math.max(last, now + delay) + passing;
      const latest = Math.max(last, now + delay + jitter) + passing;
      // Sums of fractions differ in their last digits.
      assert(due! >= earliest - 1e-6 && due! <= latest + 1e-6, `${i}: ${due}`);
      last = due!;
    }
    assertEquals(leave(query, made), leave(query, made), "the seed repeats it");
  }));
});
