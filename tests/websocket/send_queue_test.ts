import {
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { Backlog } from "../handlers/backlog.ts";

/** A platform's queue of messages, of which only the bytes can be seen. */
class Platform {
  readonly backlog = new Backlog();
  /** What is left to be written of each message. */
  readonly #queue: number[] = [];

  get bufferedAmount(): number {
    return this.#queue.reduce((sum, bytes) => sum + bytes, 0);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  send(bytes: number) {
    this.#queue.push(bytes);
    this.backlog.sent(bytes);
  }

  /** Writes bytes, and the messages that they complete. */
  drain(bytes: number) {
    while (this.#queue.length > 0 && bytes >= this.#queue[0]!) {
      bytes -= this.#queue.shift()!;
    }
    if (this.#queue.length > 0) this.#queue[0]! -= bytes;
  }

  estimate(): number {
    return this.backlog.waiting(this.bufferedAmount);
  }
}

Deno.test("Backlog.waiting() is nothing at the beginning and after a drain", () => {
  const platform = new Platform();
  assertEquals(platform.estimate(), 0);
  for (let i = 1; i <= 3; i++) {
    platform.send(10);
    assertEquals(platform.estimate(), i);
  }
  platform.drain(30);
  assertEquals(platform.estimate(), 0);
  platform.send(10);
  assertEquals(platform.estimate(), 1);
});

Deno.test("Backlog.waiting() is exact while nothing leaves", () => {
  const platform = new Platform();
  for (let sent = 1; sent <= 1_000; sent++) {
    platform.send(1);
    assertEquals(platform.estimate(), sent);
  }
});

Deno.test("Backlog.waiting() forgets what has left", () => {
  const platform = new Platform();
  for (let i = 0; i < 100; i++) platform.send(1);
  assertEquals(platform.estimate(), 100);
  for (let i = 0; i < 50; i++) platform.send(1);
  assertEquals(platform.estimate(), 150);
  // The first hundred are gone, and with them what they were counted for.
  platform.drain(100);
  assertEquals(platform.estimate(), 50);
  platform.send(1);
  assertEquals(platform.estimate(), 51);
});

Deno.test("Backlog.waiting() is never too low, whatever comes and leaves", () => {
  // A linear congruential generator: the same numbers in every run.
  let state = 1;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
  const platform = new Platform();
  let most = 0;
  for (let step = 0; step < 20_000; step++) {
    const isFilling = Math.floor(step / 2_000) % 2 === 0;
    platform.send(1 + random(100));
    if (random(3) > 0) platform.drain(random(isFilling ? 120 : 200));
    if (random(4) > 0) {
      assertGreaterOrEqual(platform.estimate(), platform.waiting);
    }
    most = Math.max(most, platform.waiting);
  }
  assertGreaterOrEqual(most, 100, "a backlog has built up");
});

Deno.test("Backlog.waiting() is at most twice too high with a steady reader", () => {
  const lag = 200;
  const platform = new Platform();
  for (let i = 0; i < lag; i++) platform.send(10);
  for (let i = 0; i < 10 * lag; i++) {
    platform.send(10);
    platform.drain(10);
    const estimate = platform.estimate();
    assertGreaterOrEqual(estimate, lag);
    assertLessOrEqual(estimate, 2 * lag + 1);
  }
});

Deno.test("Backlog.waiting() counts empty messages behind others", () => {
  const platform = new Platform();
  platform.send(1);
  assertEquals(platform.estimate(), 1);
  for (let i = 0; i < 100; i++) platform.send(0);
  assertEquals(platform.estimate(), 101);
});
