import { assert, assertEquals } from "@std/assert";
import {
  ANSWER_MS,
  Closing,
  describeClose,
  DRAIN_MS,
} from "../../handlers/websocket/closing.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A close with 1001, and when its frames were sent. */
function createClosing(clock: FakeClock, failure?: Error) {
  const frames: [code: number, reason: string, at: number][] = [];
  const errors: unknown[] = [];
  const unanswered: number[] = [];
  const socket = {
    bufferedAmount: 0,
    close(code = 0, reason = "") {
      frames.push([code, reason, clock.now]);
      if (failure) throw failure;
    },
  };
  const closing = new Closing(
    socket,
    { code: 1001, reason: "bye" },
    {
      onError: (error) => errors.push(error),
      onUnanswered: () => unanswered.push(clock.now),
    },
  );
  /** Lets time pass while the client sends a message every 10 ms. */
  const advanceBusily = (ms: number) => {
    for (let i = 0; i < ms / 10; i++) {
      closing.noteMessage();
      clock.advance(10);
    }
  };
  return { closing, socket, frames, errors, unanswered, advanceBusily };
}

Deno.test("Closing.sendSoon() sends one frame when the current event is over", () => {
  using clock = new FakeClock();
  const { closing, frames, advanceBusily } = createClosing(clock);
  closing.drain(DRAIN_MS);
  advanceBusily(100);
  closing.sendSoon();
  closing.sendSoon();
  assertEquals([closing.isSent, frames], [false, []]);
  clock.advance(0);
  assertEquals([closing.isSent, frames], [true, [[1001, "bye", 100]]]);
  closing.drain(0);
  advanceBusily(DRAIN_MS);
  assertEquals(frames.length, 1);
});

Deno.test("Closing.drain() waits until no message arrives and all is written", () => {
  using clock = new FakeClock();
  const { closing, socket, frames, advanceBusily } = createClosing(clock);
  socket.bufferedAmount = 1;
  closing.drain(DRAIN_MS);
  clock.advance(1_000);
  assertEquals([closing.isSent, frames], [false, []]);
  socket.bufferedAmount = 0;
  advanceBusily(1_000);
  assertEquals([closing.isSent, frames], [false, []]);
  // The client has to pause after it could read all, not before.
  clock.advance(49);
  assertEquals(frames, []);
  clock.advance(200);
  assertEquals(frames.length, 1);
});

Deno.test("Closing.drain() sees messages that arrive in the turn of its timer", () => {
  using clock = new FakeClock();
  const { closing, frames } = createClosing(clock);
  closing.drain(DRAIN_MS);
  const [[id] = []] = clock.timers;
  clock.now = 100;
  clock.fire(id!);
  closing.noteMessage();
  clock.advance(0);
  assertEquals(frames, []);
});

Deno.test("Closing.drain() does not close many connections at one instant", () => {
  using clock = new FakeClock();
  const closings = Array.from({ length: 100 }, () => createClosing(clock));
  for (const { closing } of closings) closing.drain(DRAIN_MS);
  clock.advance(100);
  const instants = closings.map(({ frames }) => Math.floor(frames[0]![2]));
  assert(new Set(instants).size > 10, `${instants}`);
});

Deno.test("Closing.drain() sends in the end though the client reads nothing", () => {
  using clock = new FakeClock();
  const { closing, socket, frames } = createClosing(clock);
  socket.bufferedAmount = 1;
  closing.drain(DRAIN_MS);
  clock.advance(DRAIN_MS);
  assertEquals(frames, [[1001, "bye", DRAIN_MS]]);
});

Deno.test("Closing.drain() sends when its time is over, whatever the clock says", () => {
  using clock = new FakeClock();
  const { closing, frames, advanceBusily } = createClosing(clock);
  const { now } = Date;
  try {
    closing.drain(DRAIN_MS);
    Date.now = () => now() - 3_600_000;
    advanceBusily(2 * DRAIN_MS);
  } finally {
    Date.now = now;
  }
  // Right after a message.
  assertEquals(frames, [[1001, "bye", DRAIN_MS]]);
});

Deno.test("Closing tells, once, that the close frame was not answered", () => {
  using clock = new FakeClock();
  const { closing, unanswered } = createClosing(clock);
  closing.sendSoon();
  clock.advance(ANSWER_MS - 1);
  assertEquals(unanswered, []);
  clock.advance(ANSWER_MS);
  assertEquals(unanswered, [ANSWER_MS]);
});

Deno.test("Closing.drain() is shortened by a later call, never prolonged", () => {
  using clock = new FakeClock();
  const { closing, frames, advanceBusily } = createClosing(clock);
  closing.drain(DRAIN_MS);
  advanceBusily(110);
  // Less than the time between two looks.
  closing.drain(30);
  closing.drain(DRAIN_MS);
  advanceBusily(100);
  assertEquals(frames, [[1001, "bye", 140]]);
});

Deno.test("Closing.stop() ends the wait, before the frame and after it", () => {
  using clock = new FakeClock();
  const [draining, sending, sent] = [1, 2, 3].map(() => createClosing(clock));
  draining!.closing.drain(DRAIN_MS);
  sent!.closing.sendSoon();
  clock.advance(0);
  sending!.closing.sendSoon();
  for (const { closing } of [draining!, sending!, sent!]) closing.stop();
  clock.advance(0);
  assertEquals(clock.timers.size, 0);
  assertEquals([draining!.frames, sending!.frames], [[], []]);
});

Deno.test("Closing passes on what the socket throws, once", () => {
  using clock = new FakeClock();
  const failure = new Error("no");
  const { closing, frames, errors } = createClosing(clock, failure);
  closing.drain(0);
  clock.advance(100);
  closing.sendSoon();
  clock.advance(100);
  assertEquals([errors, frames.length], [[failure], 1]);
});

/** A close event, the server's own close, and who closed with which code. */
// deno-fmt-ignore
const ENDS: [
  event: CloseEventInit,
  own: "none" | "draining" | "sent",
  expected: [code: number, reason: string, by: string, error?: string],
][] = [
  [{ code: 4000, reason: "r", wasClean: true }, "none", [4000, "r", "client", "failure"]],
  // The platform's idle timeout.
  [{ code: 1001, wasClean: false }, "none", [1001, "", "server", "failure"]],
  [{ code: 0, wasClean: false }, "none", [1006, "", "network", "failure"]],
  // The event need not hold the code that was sent.
  [{ code: 1005, wasClean: true }, "sent", [1001, "bye", "server", "failure"]],
  [{ code: 0, wasClean: false }, "sent", [1001, "bye", "server", "failure"]],
  // The frame was not sent: what it was to say is the error.
  [{ code: 0, wasClean: false }, "draining", [1006, "", "network", "bye"]],
  [{ code: 1006, wasClean: false }, "draining", [1006, "", "server", "bye"]],
  [{ code: 4000, wasClean: true }, "draining", [4000, "", "client", "bye"]],
];

Deno.test("describeClose() tells how it ended, not how it was to end", () => {
  using clock = new FakeClock();
  for (const [event, own, [code, reason, by, error]] of ENDS) {
    const { closing } = createClosing(clock);
    closing.isSent = own === "sent";
    const description = describeClose(
      new CloseEvent("close", event),
      own === "none" ? undefined : closing,
      "failure",
    );
    const expected = { code, reason, by, error };
    assertEquals(description as unknown, expected, Deno.inspect([event, own]));
  }
});

Deno.test("describeClose() tells that the close was not answered", () => {
  using clock = new FakeClock();
  const { closing } = createClosing(clock);
  closing.isSent = true;
  const describe = (wasClean: boolean) =>
    describeClose(new CloseEvent("close", { wasClean }), closing, undefined);
  assertEquals(describe(false).error, "No answer to the close");
  assertEquals(describe(true).error, undefined);
});
