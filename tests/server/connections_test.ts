import { assertEquals } from "@std/assert";
import {
  type Closable,
  Connections,
} from "../../handlers/server/connections.ts";
import { Tally } from "../../handlers/server/tally.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A connection that remembers what was done to it. */
class FakeConnection implements Closable {
  isCloseSent = false;
  readonly calls: (string | number)[] = [];

  close(...args: [code: number, reason: string, drainMs?: number]) {
    this.calls.push("close", ...args as [number, string]);
  }

  terminate() {
    this.calls.push("terminate");
  }
}

const SUSPENSION = { refusal: "no memory", code: 1013, reason: "memory" };

/** Connections that count in a tally, by default one of their own. */
function create(max: number, tally = new Tally()): Connections {
  return new Connections({ max, maxHeld: 100, suspension: SUSPENSION, tally });
}

/** A registry with room for two, and fake connections, the first added. */
function setUp() {
  const tally = new Tally();
  const connections = create(2, tally);
  const [a, b, c] = Array.from({ length: 3 }, () => new FakeConnection());
  connections.add(a!);
  return { tally, connections, a: a!, b: b!, c: c! };
}

Deno.test("Connections.size counts each open connection once", () => {
  const { connections, a, b } = setUp();
  connections.add(a);
  connections.add(b);
  assertEquals(connections.size, 2);
  connections.delete(a);
  connections.delete(a);
  connections.delete(new FakeConnection());
  assertEquals(connections.size, 1);
});

Deno.test("Connections.add() closes with 1013 beyond the connection limit", () => {
  const { connections, a, b, c } = setUp();
  assertEquals(connections.unavailable, undefined);
  connections.add(b);
  const refusal = "the connection limit is reached (--max-connections 2)";
  assertEquals(connections.unavailable, refusal);
  // One whose handshake was accepted when there still was room.
  connections.add(c);
  assertEquals([a.calls, b.calls], [[], []]);
  assertEquals(c.calls, ["close", 1013, "Connection limit reached"]);
  // It counts until its close event: its memory is in use until then.
  assertEquals(connections.size, 3);
  connections.delete(a);
  assertEquals(connections.unavailable, refusal);
  connections.delete(c);
  assertEquals(connections.unavailable, undefined);
});

Deno.test("Connections.add() keeps the limit together with other threads", () => {
  const buffer = Tally.create(2);
  const [here, there] = [0, 1].map((slot) =>
    create(2, new Tally(buffer, slot))
  );
  const last = new FakeConnection();
  here!.add(new FakeConnection());
  there!.add(new FakeConnection());
  assertEquals(here!.unavailable, there!.unavailable);
  here!.add(last);
  assertEquals(last.calls, ["close", 1013, "Connection limit reached"]);
});

Deno.test("Connections.suspend() accepts nothing any more, nor a suspended tally", () => {
  const { tally, connections, a, b, c } = setUp();
  tally.isSuspended = true;
  assertEquals(connections.unavailable, "no memory");
  connections.add(b);
  assertEquals([a.calls, b.calls], [[], ["close", 1013, "memory"]]);
  tally.isSuspended = false;
  connections.delete(b);
  assertEquals(connections.unavailable, undefined);
  connections.suspend({ refusal: "it ends", code: 1001, reason: "end" });
  assertEquals(connections.unavailable, "it ends");
  connections.add(c);
  assertEquals(c.calls, ["close", 1001, "end"]);
});

Deno.test("Connections counts the handshakes that never open as leaked", () => {
  using clock = new FakeClock();
  const { tally, connections, a, b, c } = setUp();
  const counts = () => [tally.read().opening, tally.read().leaked];
  connections.expect(b);
  clock.advance(1_500);
  connections.expect(c);
  assertEquals(counts(), [2, 0]);
  clock.advance(1_000);
  connections.countLeaks();
  assertEquals(counts(), [1, 1]);
  // Its open event was late.
  connections.add(b);
  connections.delete(c);
  assertEquals(counts(), [0, 0]);
  assertEquals(connections.size, 2);
  connections.delete(a);
});

Deno.test("Connections.abandon() gives the place free, and counts a leak", () => {
  const { tally, connections, a, b } = setUp();
  connections.add(b);
  connections.abandon(a);
  connections.abandon(a);
  assertEquals(connections.unavailable, undefined);
  assertEquals([connections.size, tally.total("open"), tally.read().leaked], [
    1,
    1,
    1,
  ]);
  // The platform has closed it after all.
  connections.delete(a);
  assertEquals([connections.size, tally.total("open"), tally.read().leaked], [
    1,
    1,
    0,
  ]);
  connections.abandon(a);
  assertEquals(tally.read().leaked, 0);
});

Deno.test("Connections.changeHeld() closes the one that holds back most", () => {
  const { tally, connections, a, b, c } = setUp();
  connections.add(b);
  connections.changeHeld(a, 40);
  connections.changeHeld(b, 60);
  connections.changeHeld(c, 1_000); // It is not open.
  assertEquals([a.calls, b.calls, tally.total("held")], [[], [], 100]);
  connections.changeHeld(a, 10);
  assertEquals([a.calls, tally.total("held")], [[], 50]);
  assertEquals(b.calls, ["close", 1013, "Out of memory", 0]);
  // What it gives back does not count twice.
  connections.changeHeld(b, -60);
  connections.changeHeld(a, -20);
  assertEquals(tally.total("held"), 30);
  connections.delete(a);
  assertEquals(tally.total("held"), 0);
  connections.closeHeaviest();
});

Deno.test("Connections.changeHeld() closes none while another thread holds back more", () => {
  const buffer = Tally.create(2);
  const connections = create(2, new Tally(buffer, 0));
  const other = new Tally(buffer, 1);
  const connection = new FakeConnection();
  connections.add(connection);
  other.add("held", 200);
  connections.changeHeld(connection, 90);
  other.add("held", -150);
  // Nor while it gives back.
  connections.changeHeld(connection, -10);
  assertEquals(connection.calls, []);
  connections.changeHeld(connection, 10);
  assertEquals(connection.calls, ["close", 1013, "Out of memory", 0]);
});

Deno.test("Connections.closeFramesSent() waits for what was open, as long as it is", async () => {
  const { connections, a, b, c } = setUp();
  connections.add(b);
  let isOver = false;
  const sent = connections.closeFramesSent().then(() => isOver = true);
  connections.add(c);
  a.isCloseSent = true;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assertEquals(isOver, false);
  connections.delete(b);
  await sent;
});

Deno.test("Connections.closeAll() and terminateAll() act on what is open", () => {
  const { connections, a, b, c } = setUp();
  connections.add(b);
  connections.add(c);
  connections.delete(b);
  for (const connection of [a, b, c]) connection.calls.length = 0;
  connections.closeAll(1001, "bye", 10);
  assertEquals(a.calls.splice(0), ["close", 1001, "bye", 10]);
  connections.terminateAll();
  assertEquals(c.calls, ["close", 1001, "bye", 10, "terminate"]);
  assertEquals([a.calls, b.calls], [["terminate"], []]);
  assertEquals(connections.size, 2, "they count until their close event");
});

Deno.test("Connections.closeAll() reaches all when connections end at once", () => {
  const connections = create(10);
  const closed: number[] = [];
  for (let i = 0; i < 3; i++) {
    const connection: Closable = {
      close() {
        closed.push(i);
        connections.delete(connection);
      },
      terminate() {},
      isCloseSent: true,
    };
    connections.add(connection);
  }
  connections.closeAll(1001, "bye", 10);
  assertEquals([closed, connections.size], [[0, 1, 2], 0]);
});

Deno.test("Connections.empty() resolves whenever the last one has gone", async () => {
  const { connections, a, b } = setUp();
  connections.add(b);
  const order: string[] = [];
  const waiting = ["one", "two"].map((name) =>
    connections.empty().then(() => order.push(name))
  );
  connections.delete(a);
  // More turns than the promises here need.
  for (let i = 0; i < 5; i++) await Promise.resolve();
  assertEquals(order, []);
  connections.delete(b);
  await Promise.all(waiting);
  assertEquals(order, ["one", "two"]);
  await connections.empty();
  connections.add(a);
  const again = connections.empty();
  connections.delete(a);
  await again;
});
