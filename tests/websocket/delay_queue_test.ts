import { assertEquals } from "@std/assert";
import { DelayQueue } from "../../handlers/websocket/delay_queue.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** When an item is due that waits 100 ms. */
const due = () => performance.now() + 100;

/** A queue, and what it delivered and discarded so far. */
function createQueue(onDelivery: (queue: DelayQueue<string>) => void) {
  const delivered: string[] = [];
  const discarded: string[] = [];
  const queue: DelayQueue<string> = new DelayQueue(
    (item, bytes) => {
      delivered.push(`${item} of ${bytes} at ${performance.now()}`);
      onDelivery(queue);
    },
    (item) => discarded.push(item),
  );
  return { queue, delivered, discarded };
}

Deno.test("DelayQueue.push() delivers each item when it is due, in order", () => {
  using clock = new FakeClock();
  const { queue, delivered } = createQueue(() => {});
  const expected: string[] = [];
  for (let i = 0; i < 100; i++) {
    queue.push(`${i}`, i, due());
    expected.push(`${i} of ${i} at ${clock.now + 100}`);
    // Several at a time, and pauses after which none waits.
    clock.advance(i % 20 === 0 ? 1_000 : i % 3);
    // One timer serves all.
    assertEquals(clock.timers.size, queue.length === 0 ? 0 : 1);
  }
  clock.advance(99);
  assertEquals(delivered, expected.slice(0, delivered.length));
  assertEquals(queue.length, 1);
  clock.advance(1);
  assertEquals(delivered, expected);
});

Deno.test("DelayQueue.push() waits on when its timer fires early", () => {
  using clock = new FakeClock();
  const { queue, delivered } = createQueue(() => {});
  queue.push("a", 1, due());
  clock.now = 99.5;
  const [[id] = []] = clock.timers;
  clock.fire(id!);
  assertEquals(delivered, []);
  clock.advance(1);
  assertEquals(delivered, ["a of 1 at 100"]);
});

Deno.test("DelayQueue.push() waits longer than a timer can", () => {
  using clock = new FakeClock();
  const { queue, delivered } = createQueue(() => {});
  const month = 31 * 86_400_000;
  queue.push("a", 1, month);
  clock.advance(month - 1);
  assertEquals(delivered, []);
  clock.advance(1);
  assertEquals(delivered, [`a of 1 at ${month}`]);
});

Deno.test("DelayQueue.push() leaves turns of the event loop to others", () => {
  using clock = new FakeClock();
  const { queue, delivered } = createQueue(() => {});
  for (let i = 0; i < 2_500; i++) queue.push("", 0, due());
  clock.now = 100;
  for (const count of [1_000, 2_000, 2_500]) {
    const [[id] = []] = clock.timers;
    clock.fire(id!);
    assertEquals([delivered.length, queue.length], [count, 2_500 - count]);
  }
  assertEquals(clock.timers.size, 0);
});

Deno.test("DelayQueue.bytes and length tell what waits", () => {
  using clock = new FakeClock();
  const seen: [length: number, bytes: number][] = [];
  const look = () => seen.push([queue.length, queue.bytes]);
  const { queue } = createQueue(look);
  look();
  queue.push("a", 10, due());
  clock.advance(50);
  queue.push("b", 5, due());
  queue.push("c", 1, due());
  look();
  // An item that is being delivered waits no more.
  clock.advance(100);
  assertEquals(seen, [[0, 0], [3, 16], [2, 6], [1, 1], [0, 0]]);
});

Deno.test("DelayQueue.clear() discards the waiting items, and the timer", () => {
  using clock = new FakeClock();
  const { queue, delivered, discarded } = createQueue(() => {});
  queue.clear();
  queue.push("a", 10, due());
  clock.advance(60);
  queue.push("b", 10, due());
  clock.advance(50);
  queue.push("c", 10, due());
  queue.clear();
  assertEquals(discarded, ["b", "c"]);
  assertEquals([queue.length, queue.bytes, clock.timers.size], [0, 0, 0]);
  // A whole delay of its own, whatever remained of the last one's.
  queue.push("d", 1, due());
  clock.advance(500);
  assertEquals(delivered, ["a of 10 at 100", "d of 1 at 210"]);
});

Deno.test("DelayQueue.clear() within a delivery ends it", () => {
  using clock = new FakeClock();
  const { queue, delivered, discarded } = createQueue(() => queue.clear());
  queue.push("a", 1, due());
  queue.push("b", 1, due());
  clock.advance(50);
  queue.push("c", 1, due());
  clock.advance(500);
  assertEquals([delivered, discarded], [["a of 1 at 100"], ["b", "c"]]);
  assertEquals([queue.length, queue.bytes, clock.timers.size], [0, 0, 0]);
});
