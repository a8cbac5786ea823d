import {
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import {
  SendQueue,
  WriteEstimate,
} from "../../handlers/websocket/send_queue.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A socket that writes nothing by itself; only the bytes can be seen. */
class FakeSocket {
  /** What is left to be written of each message, in bytes. */
  readonly waiting: number[] = [];
  failure: Error | undefined;

  bufferedAmount = 0;

  send(message: unknown) {
    if (this.failure) throw this.failure;
    const { length, byteLength = length } = message as Uint8Array;
    this.add(byteLength);
  }

  add(bytes: number) {
    this.waiting.push(bytes);
    this.bufferedAmount += bytes;
  }

  /** Writes bytes, and the messages that they complete. */
  write(bytes: number) {
    this.bufferedAmount = Math.max(0, this.bufferedAmount - bytes);
    while (this.waiting.length > 0 && bytes >= this.waiting[0]!) {
      bytes -= this.waiting.shift()!;
    }
    if (this.waiting.length > 0) this.waiting[0]! -= bytes;
  }
}

/** A queue that takes 10 bytes, and what it sent so far. */
function createQueue(delay = 0) {
  const socket = new FakeSocket();
  const sent: string[] = [];
  const errors: unknown[] = [];
  const queue = new SendQueue(socket, {
    maxBuffered: 10,
    delay,
    onSent: (message, size, isReply) => {
      const what = typeof message === "string" ? message : "binary";
      sent.push(`${isReply ? "reply" : "message"} ${what} of ${size}`);
    },
    onError: (error) => errors.push(error),
  });
  return { socket, sent, errors, queue };
}

Deno.test("SendQueue sends at once, up to the bytes that may wait", () => {
  const { socket, sent, queue } = createQueue();
  const binary = new ArrayBuffer(4);
  assertEquals(queue.send("äb"), true);
  assertEquals(queue.reply(binary, 4), true);
  assertEquals(binary.detached, true, "its memory is free");
  assertEquals(sent, ["message äb of 3", "reply binary of 4"]);
  // The stand-in counts characters.
  assertEquals(socket.bufferedAmount, 6);
  const beyond = new ArrayBuffer(5);
  assertEquals([queue.send("12345"), queue.reply(beyond, 5)], [false, false]);
  assertEquals(beyond.detached, true);
  assertEquals([queue.send("1234"), queue.reply("", 0)], [true, true]);
  assertEquals(queue.send("x"), false);
  socket.write(4);
  assertEquals([queue.send("x"), sent.length], [true, 5]);
});

Deno.test("SendQueue.reply() delays replies, which count as buffered", () => {
  using clock = new FakeClock();
  const { socket, sent, queue } = createQueue(100);
  const binary = new ArrayBuffer(4);
  assertEquals(queue.reply("123456", 6), true);
  assertEquals(queue.reply(binary, 4), true);
  assertEquals([queue.reply("x", 1), queue.send("x")], [false, false]);
  assertEquals([sent, binary.detached], [[], false]);
  // They have their place, whatever the platform has to write meanwhile.
  socket.add(8);
  clock.advance(100);
  assertEquals(sent, ["reply 123456 of 6", "reply binary of 4"]);
  assertEquals([binary.detached, socket.bufferedAmount], [true, 18]);
  assertEquals(queue.reply("x", 1), false);
});

Deno.test("SendQueue.clear() discards delayed replies, and frees their memory", () => {
  using clock = new FakeClock();
  const { sent, queue } = createQueue(100);
  const binary = new ArrayBuffer(4);
  queue.reply(binary, 4);
  // Other messages overtake delayed replies.
  queue.send("first");
  queue.clear();
  clock.advance(100);
  assertEquals([sent, clock.timers.size], [["message first of 5"], 0]);
  assertEquals(binary.detached, true);
});

Deno.test("SendQueue reports what is thrown while a delayed reply is sent", () => {
  using clock = new FakeClock();
  const { socket, errors, queue } = createQueue(100);
  queue.reply("a", 1);
  queue.reply("b", 1);
  socket.failure = new Error("no");
  clock.advance(100);
  assertEquals(errors, [socket.failure, socket.failure]);
});

Deno.test("SendQueue limits the number of replies that wait, whatever their size", () => {
  using clock = new FakeClock();
  for (const delay of [0, 60_000]) {
    const { socket, queue } = createQueue(delay);
    // Without a byte in front of them, empty ones would not be seen to wait.
    queue.send("x");
    let count = 1;
    while (count < 300_000 && queue.reply("", 0)) count++;
    assertEquals(count, 262_144);
    queue.clear();
    socket.bufferedAmount = 0;
    assertEquals(queue.reply("", 0), true);
  }
  clock.advance(60_000);
});

/** A socket, and the estimate of what it has not written. */
class Estimated extends FakeSocket {
  readonly #estimate = new WriteEstimate();

  override add(bytes: number, count = 1) {
    for (let i = 0; i < count; i++) {
      super.add(bytes);
      this.#estimate.sent(bytes);
    }
  }

  estimate(): number {
    return this.#estimate.waiting(this.bufferedAmount);
  }
}

Deno.test("WriteEstimate.waiting() counts all messages until what was sent is written", () => {
  const socket = new Estimated();
  assertEquals(socket.estimate(), 0);
  socket.add(10, 100);
  assertEquals(socket.estimate(), 100);
  for (let more = 1; more <= 50; more++) {
    socket.add(10);
    assertEquals(socket.estimate(), 100 + more);
  }
  // The first hundred are gone, and with them what they were counted for.
  socket.write(1_000);
  assertEquals(socket.estimate(), 50);
  // Zero-length messages are counted while others wait.
  socket.add(0, 100);
  assertEquals(socket.estimate(), 150);
  socket.write(500);
  assertEquals(socket.estimate(), 0);
});

Deno.test("WriteEstimate.waiting() is never lower than the truth", () => {
  // A linear congruential generator: the same numbers in every run.
  let state = 1;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
  const socket = new Estimated();
  let most = 0;
  for (let step = 0; step < 20_000; step++) {
    const isFilling = Math.floor(step / 2_000) % 2 === 0;
    socket.add(1 + random(100));
    if (random(3) > 0) socket.write(random(isFilling ? 120 : 200));
    if (random(4) > 0) {
      assertGreaterOrEqual(socket.estimate(), socket.waiting.length);
    }
    most = Math.max(most, socket.waiting.length);
  }
  assertGreaterOrEqual(most, 100, "messages have waited");
});

Deno.test("WriteEstimate.waiting() is at most twice the truth with a steady reader", () => {
  const lag = 200;
  const socket = new Estimated();
  socket.add(10, lag);
  for (let i = 0; i < 10 * lag; i++) {
    socket.add(10);
    socket.write(10);
    const estimate = socket.estimate();
    assertGreaterOrEqual(estimate, lag);
    assertLessOrEqual(estimate, 2 * lag + 1);
  }
});
