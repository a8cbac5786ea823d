import {
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { Schedule } from "../../handlers/websocket/schedule.ts";
import {
  HELD_STEP,
  MESSAGE_COST,
  SendQueue,
  WriteEstimate,
} from "../../handlers/websocket/send_queue.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { parametersOf } from "../support/parameters.ts";

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

/** A queue, what it sent so far, and the changes that it reported. */
function createQueue({ maxBuffered = 1_000_000, delay = 0 } = {}) {
  const socket = new FakeSocket();
  const sent: string[] = [];
  const errors: unknown[] = [];
  const changes: number[] = [];
  const queue = new SendQueue(socket, {
    maxBuffered,
    schedule: Schedule.of(parametersOf(`delay=${delay}`)),
    onSent: (message, size, isReply) => {
      const what = typeof message === "string"
        ? message
        : `[${new Uint8Array(message).slice(0, 3)}]`;
      sent.push(`${isReply ? "reply" : "message"} ${what} of ${size}`);
    },
    onError: (error) => errors.push(error),
    onHeldChange: (change) => changes.push(change),
  });
  return { socket, sent, errors, changes, queue };
}

Deno.test("SendQueue sends at once, up to what may be held", () => {
  const { socket, sent, queue } = createQueue({ maxBuffered: 10_000 });
  const binary = new ArrayBuffer(5_000);
  assertEquals(queue.send("äb"), true);
  assertEquals(queue.reply(binary, 5_000), true);
  assertEquals(binary.detached, true, "its memory is free");
  assertEquals(sent, ["message äb of 3", "reply [0,0,0] of 5000"]);
  // The stand-in counts characters.
  const held = 2 + 5_000 + 2 * MESSAGE_COST;
  assertEquals([socket.bufferedAmount, queue.held], [5_002, held]);
  const room = 10_000 - held;
  const beyond = new ArrayBuffer(room + 1);
  assertEquals(queue.reply(beyond, room + 1), false);
  assertEquals([beyond.detached, sent.length], [true, 2]);
  assertEquals(queue.send("x".repeat(room + 1)), false);
  assertEquals(queue.send("x".repeat(room)), true);
  assertEquals([queue.send("x"), queue.reply("", 0)], [false, false]);
  socket.write(10_000);
  assertEquals([queue.send("x"), queue.reply("", 0)], [true, true]);
});

Deno.test("SendQueue.reply() delays replies, which count as held", () => {
  using clock = new FakeClock();
  const maxBuffered = 2 * MESSAGE_COST + 5_009;
  const { socket, sent, queue } = createQueue({ maxBuffered, delay: 100 });
  const small = new Uint8Array([0, 128, 255]).buffer;
  const large = new ArrayBuffer(5_000);
  assertEquals(queue.reply("123456", 6), true);
  assertEquals(queue.reply(small, 3), true);
  assertEquals(queue.held, 9 + 2 * MESSAGE_COST);
  assertEquals(queue.reply(large, 5_000), true);
  assertEquals([queue.reply("", 0), queue.send("")], [false, false]);
  // Small buffers are packed, large ones kept.
  assertEquals([sent, small.detached, large.detached], [[], true, false]);
  // They have their place, whatever the platform has to write meanwhile.
  socket.add(8);
  clock.advance(100);
  assertEquals(sent, [
    "reply 123456 of 6",
    "reply [0,128,255] of 3",
    "reply [0,0,0] of 5000",
  ]);
  assertEquals([large.detached, socket.bufferedAmount], [true, 5_017]);
  assertEquals(queue.reply("x", 1), false);
});

Deno.test("SendQueue.clear() discards delayed replies, and frees their memory", () => {
  using clock = new FakeClock();
  const { sent, queue } = createQueue({ delay: 100 });
  const binary = new ArrayBuffer(5_000);
  queue.reply(binary, 5_000);
  // Other messages overtake delayed replies.
  queue.send("first");
  queue.clear();
  clock.advance(100);
  assertEquals([sent, clock.timers.size], [["message first of 5"], 0]);
  assertEquals(binary.detached, true);
});

Deno.test("SendQueue reports what is thrown while a delayed reply is sent", () => {
  using clock = new FakeClock();
  const { socket, errors, queue } = createQueue({ delay: 100 });
  queue.reply("a", 1);
  queue.reply("b", 1);
  socket.failure = new Error("no");
  clock.advance(100);
  assertEquals(errors, [socket.failure, socket.failure]);
});

const sum = (changes: number[]) => changes.reduce((a, b) => a + b, 0);

Deno.test("SendQueue reports what is held in steps, also when it was written", () => {
  using clock = new FakeClock();
  const { socket, changes, queue } = createQueue();
  while (queue.held < 4.5 * HELD_STEP) {
    assertEquals(queue.reply("0123456789", 10), true);
    assertLessOrEqual(queue.held - sum(changes), HELD_STEP + MESSAGE_COST);
  }
  assertEquals(changes.length, 4);
  assertGreaterOrEqual(Math.min(...changes), HELD_STEP);
  // Nothing more is sent, and no event tells that the platform has written.
  socket.write(100);
  clock.advance(100);
  assertEquals(changes.length, 4);
  socket.write(socket.bufferedAmount / 2);
  clock.advance(100);
  assertEquals([changes.length, sum(changes)], [5, queue.held]);
  socket.write(socket.bufferedAmount - 10);
  clock.advance(100);
  assertEquals([changes.length, sum(changes), clock.timers.size], [6, 0, 0]);
});

Deno.test("SendQueue.clear() reports that delayed replies are held no more", () => {
  using clock = new FakeClock();
  const { changes, queue } = createQueue({ delay: 60_000 });
  while (changes.length < 3 && queue.reply("0123456789", 10));
  assertGreaterOrEqual(sum(changes), 3 * HELD_STEP);
  queue.clear();
  assertEquals([sum(changes), queue.held, clock.timers.size], [0, 0, 0]);
});

Deno.test("SendQueue.end() reports, once, that nothing is held", () => {
  using clock = new FakeClock();
  for (const delay of [0, 60_000]) {
    const { changes, queue } = createQueue({ delay });
    queue.reply("x".repeat(HELD_STEP), HELD_STEP);
    assertEquals(changes, [HELD_STEP + MESSAGE_COST]);
    queue.end();
    queue.end();
    assertEquals(changes, [HELD_STEP + MESSAGE_COST, -changes[0]!]);
    assertEquals(clock.timers.size, 0);
  }
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

Deno.test("WriteEstimate.waiting() counts down in steps of 64 messages", () => {
  const socket = new Estimated();
  assertEquals(socket.estimate(), 0);
  socket.add(10, 1_000);
  assertEquals(socket.estimate(), 1_000);
  socket.write(639);
  assertEquals(socket.estimate(), 1_000);
  socket.write(1);
  assertEquals(socket.estimate(), 1_000 - 64);
  socket.write(1_280);
  assertEquals(socket.estimate(), 1_000 - 3 * 64);
  // Zero-length messages are counted while others wait.
  socket.add(0, 100);
  assertEquals(socket.estimate(), 1_100 - 3 * 64);
  socket.write(10_000);
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

Deno.test("WriteEstimate.waiting() is near the truth with a steady reader", () => {
  const lag = 2_000;
  const socket = new Estimated();
  socket.add(10, lag);
  for (let i = 0; i < 10 * lag; i++) {
    socket.add(10);
    socket.write(10);
    const estimate = socket.estimate();
    assertGreaterOrEqual(estimate, lag);
    assertLessOrEqual(estimate, lag + 64);
  }
});
