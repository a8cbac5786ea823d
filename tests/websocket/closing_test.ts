import { assertEquals } from "@std/assert";
import {
  Closing,
  describeClose,
  DRAIN_MS,
} from "../../handlers/websocket/closing.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A close with 1001, and when its frames were sent. */
function createClosing(clock: FakeClock, failure?: Error) {
  const frames: [code: number, reason: string, at: number][] = [];
  const errors: unknown[] = [];
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
    (error) => errors.push(error),
  );
  /** Lets time pass while the client sends a message every 10 ms. */
  const advanceBusily = (ms: number) => {
    for (let i = 0; i < ms / 10; i++) {
      closing.noteMessage();
      clock.advance(10);
    }
  };
  return { closing, socket, frames, errors, advanceBusily };
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
  advanceBusily(2 * DRAIN_MS);
  assertEquals([frames.length, clock.timers.size], [1, 0]);
});

Deno.test("Closing.drain() waits until no message arrives and all is written", () => {
  using clock = new FakeClock();
  const { closing, socket, frames, advanceBusily } = createClosing(clock);
  socket.bufferedAmount = 1;
  closing.drain(DRAIN_MS);
  advanceBusily(1_000);
  socket.bufferedAmount = 0;
  advanceBusily(1_000);
  socket.bufferedAmount = 1;
  clock.advance(1_000);
  assertEquals([closing.isSent, frames], [false, []]);
  socket.bufferedAmount = 0;
  clock.advance(50);
  assertEquals(frames, [[1001, "bye", 3_050]]);
  assertEquals(clock.timers.size, 0);
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
  assertEquals(frames, [[1001, "bye", DRAIN_MS]]);
  assertEquals(clock.timers.size, 0);
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

Deno.test("Closing.stop() ends the wait without a frame", () => {
  using clock = new FakeClock();
  const { closing, frames } = createClosing(clock);
  closing.drain(DRAIN_MS);
  closing.stop();
  assertEquals([clock.timers.size, frames], [0, []]);
});

Deno.test("Closing passes on what the socket throws, once", () => {
  using clock = new FakeClock();
  const failure = new Error("no");
  const { closing, frames, errors } = createClosing(clock, failure);
  closing.drain(0);
  clock.advance(50);
  closing.sendSoon();
  clock.advance(50);
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
  [{ code: 0, wasClean: false }, "draining", [1001, "bye", "server", "failure"]],
  // The client was first: what the server was about to say is the error.
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
