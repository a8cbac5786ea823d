import { assertEquals } from "@std/assert";
import { DelayQueue } from "../../handlers/websocket/delay_queue.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A queue of 100 ms, and what it delivered and discarded so far. */
function createQueue(onDelivery: (queue: DelayQueue<string>) => void) {
  const delivered: string[] = [];
  const discarded: string[] = [];
  const queue: DelayQueue<string> = new DelayQueue(
    100,
    (item, bytes) => {
      delivered.push(`${item} of ${bytes} at ${performance.now()}`);
      onDelivery(queue);
    },
    (item) => discarded.push(item),
  );
  return { queue, delivered, discarded };
}

Deno.test("DelayQueue.push() delivers each item after its own delay", () => {
  using clock = new FakeClock();
  const { queue, delivered } = createQueue(() => {});
  queue.push("a", 1);
  clock.advance(30);
  queue.push("b", 20);
  queue.push("c", 0);
  clock.advance(69);
  assertEquals(delivered, []);
  clock.advance(2);
  assertEquals(delivered, ["a of 1 at 100"]);
  queue.push("d", 4);
  clock.advance(1_000);
  queue.push("after a pause", 1);
  clock.advance(1_000);
  assertEquals(delivered.slice(1), [
    "b of 20 at 130",
    "c of 0 at 130",
    "d of 4 at 201",
    "after a pause of 1 at 1201",
  ]);
  assertEquals(clock.timers.size, 0);
});

Deno.test("DelayQueue.push() keeps the order of many, with one timer", () => {
  using clock = new FakeClock();
  const { queue, delivered } = createQueue(() => {});
  for (let i = 0; i < 100; i++) {
    queue.push(`${i}`, 1);
    if (i % 7 === 0) clock.advance(1);
    assertEquals(clock.timers.size, 1);
  }
  clock.advance(1_000);
  const items = delivered.map((text) => Number(text.split(" ")[0]));
  assertEquals(items, Array.from({ length: 100 }, (_, i) => i));
});

Deno.test("DelayQueue.push() waits on when its timer fires early", () => {
  using clock = new FakeClock();
  const { queue, delivered } = createQueue(() => {});
  queue.push("a", 1);
  clock.now = 99.5;
  const [[id] = []] = clock.timers;
  clock.fire(id!);
  assertEquals(delivered, []);
  clock.advance(1);
  assertEquals(delivered, ["a of 1 at 100"]);
});

Deno.test("DelayQueue.bytes and length tell what waits", () => {
  using clock = new FakeClock();
  const seen: [length: number, bytes: number][] = [];
  const look = () => seen.push([queue.length, queue.bytes]);
  const { queue } = createQueue(look);
  look();
  queue.push("a", 10);
  clock.advance(50);
  queue.push("b", 5);
  queue.push("c", 1);
  look();
  // An item that is being delivered waits no more.
  clock.advance(100);
  assertEquals(seen, [[0, 0], [3, 16], [2, 6], [1, 1], [0, 0]]);
});

Deno.test("DelayQueue.clear() discards the waiting items, and the timer", () => {
  using clock = new FakeClock();
  const { queue, delivered, discarded } = createQueue(() => {});
  queue.clear();
  queue.push("a", 10);
  clock.advance(60);
  queue.push("b", 10);
  clock.advance(50);
  queue.push("c", 10);
  queue.clear();
  assertEquals(discarded, ["b", "c"]);
  assertEquals([queue.length, queue.bytes, clock.timers.size], [0, 0, 0]);
  // A whole delay of its own, whatever remained of the last one's.
  queue.push("d", 1);
  clock.advance(500);
  assertEquals(delivered, ["a of 10 at 100", "d of 1 at 210"]);
});

Deno.test("DelayQueue.clear() within a delivery ends it", () => {
  using clock = new FakeClock();
  const { queue, delivered, discarded } = createQueue(() => queue.clear());
  queue.push("a", 1);
  queue.push("b", 1);
  clock.advance(50);
  queue.push("c", 1);
  clock.advance(500);
  assertEquals([delivered, discarded], [["a of 1 at 100"], ["b", "c"]]);
  assertEquals([queue.length, queue.bytes, clock.timers.size], [0, 0, 0]);
});
