import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { DelayLine } from "../handlers/delay_line.ts";
import { within } from "./support/wait.ts";

/** Stands in for the clock and the timers until the end of the scope. */
class FakeClock implements Disposable {
  now = 0;
  /** The timers that run, by their number. */
  readonly timers = new Map<number, { due: number; run: () => void }>();
  #lastId = 0;
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: performance.now,
  };

  constructor() {
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms: number) => {
        this.timers.set(++this.#lastId, { due: this.now + ms, run });
        return this.#lastId;
      },
      clearTimeout: (id: number) => this.timers.delete(id),
    });
    performance.now = () => this.now;
  }

  /** Lets time pass, and timers fire when they are due. */
  advance(ms: number) {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.timers].sort((a, b) => a[1].due - b[1].due);
      if (!next || next[1].due > end) break;
      this.now = next[1].due;
      this.fire(next[0]);
    }
    this.now = end;
  }

  /** Lets a timer fire now. */
  fire(id: number) {
    const timer = this.timers.get(id);
    this.timers.delete(id);
    timer?.run();
  }

  [Symbol.dispose]() {
    const { now, ...timers } = this.#real;
    Object.assign(globalThis, timers);
    performance.now = now;
  }
}

Deno.test("DelayLine.push() delivers each item after its own delay", () => {
  using clock = new FakeClock();
  const delivered: [item: string, bytes: number, at: number][] = [];
  const line = new DelayLine<string>(
    100,
    (item, bytes) => delivered.push([item, bytes, clock.now]),
  );
  line.push("a", 1);
  clock.advance(30);
  line.push("b", 20);
  line.push("c", 0);
  clock.advance(69);
  assertEquals(delivered, []);
  clock.advance(1);
  assertEquals(delivered, [["a", 1, 100]]);
  clock.advance(1);
  line.push("d", 4);
  clock.advance(1_000);
  assertEquals(delivered.slice(1), [
    ["b", 20, 130],
    ["c", 0, 130],
    ["d", 4, 201],
  ]);
  assertEquals(clock.timers.size, 0);
});

Deno.test("DelayLine.push() delivers what comes after a pause", () => {
  using clock = new FakeClock();
  const delivered: number[] = [];
  const line = new DelayLine<string>(100, () => delivered.push(clock.now));
  line.push("a", 1);
  clock.advance(500);
  line.push("b", 1);
  clock.advance(500);
  assertEquals(delivered, [100, 600]);
});

Deno.test("DelayLine.push() keeps the order of many, with one timer", () => {
  using clock = new FakeClock();
  const delivered: number[] = [];
  const line = new DelayLine<number>(100, (item) => delivered.push(item));
  const items = Array.from({ length: 100 }, (_, i) => i);
  for (const item of items) {
    line.push(item, 1);
    if (item % 7 === 0) clock.advance(1);
    assertEquals(clock.timers.size, 1);
  }
  clock.advance(1_000);
  assertEquals(delivered, items);
  assertEquals([line.length, line.bytes], [0, 0]);
});

Deno.test("DelayLine.push() waits on when its timer fires early", () => {
  using clock = new FakeClock();
  const delivered: number[] = [];
  const line = new DelayLine<string>(100, () => delivered.push(clock.now));
  line.push("a", 1);
  clock.now = 99.5;
  const [[id] = []] = clock.timers;
  clock.fire(id!);
  assertEquals(delivered, []);
  clock.advance(1);
  assertEquals(delivered, [100]);
});

Deno.test("DelayLine.bytes and length tell what waits", () => {
  using clock = new FakeClock();
  const seen: [length: number, bytes: number][] = [];
  const look = () => seen.push([line.length, line.bytes]);
  const line: DelayLine<string> = new DelayLine(100, look);
  look();
  line.push("a", 10);
  clock.advance(50);
  line.push("b", 5);
  line.push("c", 1);
  look();
  // What is being delivered waits no more.
  clock.advance(50);
  clock.advance(50);
  assertEquals(seen, [[0, 0], [3, 16], [2, 6], [1, 1], [0, 0]]);
});

Deno.test("DelayLine.clear() drops what waits, and the timer", () => {
  using clock = new FakeClock();
  const delivered: string[] = [];
  const line = new DelayLine<string>(100, (item) => delivered.push(item));
  line.clear();
  line.push("a", 10);
  clock.advance(60);
  line.push("b", 10);
  line.clear();
  assertEquals([line.length, line.bytes, clock.timers.size], [0, 0, 0]);
  // A whole delay of its own, whatever remained of the last one's.
  line.push("c", 1);
  clock.advance(99);
  assertEquals(delivered, []);
  clock.advance(1);
  assertEquals(delivered, ["c"]);
});

Deno.test("DelayLine.clear() within a delivery ends it", () => {
  using clock = new FakeClock();
  const delivered: string[] = [];
  const line: DelayLine<string> = new DelayLine(100, (item) => {
    delivered.push(item);
    line.clear();
  });
  line.push("a", 1);
  line.push("b", 1);
  clock.advance(50);
  line.push("c", 1);
  clock.advance(500);
  assertEquals(delivered, ["a"]);
  assertEquals([line.length, line.bytes, clock.timers.size], [0, 0, 0]);
});

Deno.test("DelayLine.push() holds back for real", async () => {
  const delay = 20;
  const { promise, resolve } = Promise.withResolvers<void>();
  const delivered: string[] = [];
  const line = new DelayLine<string>(delay, (item) => {
    delivered.push(item);
    if (item === "last") resolve();
  });
  const start = performance.now();
  line.push("first", 1);
  line.push("last", 1);
  await within(promise, "the delivery");
  assertGreaterOrEqual(performance.now() - start, delay);
  assertEquals(delivered, ["first", "last"]);
});

Deno.test("DelayLine.clear() leaves no timer behind", () => {
  // The sanitizers would find it.
  const line = new DelayLine<string>(60_000, () => {});
  line.push("a", 1);
  line.clear();
});
