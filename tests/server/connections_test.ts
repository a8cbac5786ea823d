import { assertEquals } from "@std/assert";
import {
  type Closable,
  Connections,
} from "../../handlers/server/connections.ts";

/** A connection that remembers what was done to it. */
class FakeConnection implements Closable {
  readonly calls: (string | number)[] = [];

  close(...args: [code: number, reason: string, drainMs?: number]) {
    this.calls.push("close", ...args as [number, string]);
  }

  terminate() {
    this.calls.push("terminate");
  }
}

/** A registry with room for two, and fake connections, the first added. */
function setUp() {
  const connections = new Connections(2);
  const [a, b, c] = Array.from({ length: 3 }, () => new FakeConnection());
  connections.add(a!);
  return { connections, a: a!, b: b!, c: c! };
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

Deno.test("Connections.suspend() accepts nothing until resume()", () => {
  const { connections, a, b } = setUp();
  connections.suspend({ refusal: "it ends", code: 1001, reason: "end" });
  assertEquals(connections.unavailable, "it ends");
  connections.add(b);
  assertEquals([a.calls, b.calls], [[], ["close", 1001, "end"]]);
  connections.delete(b);
  connections.resume();
  assertEquals(connections.unavailable, undefined);
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
  const connections = new Connections(10);
  const closed: number[] = [];
  for (let i = 0; i < 3; i++) {
    const connection: Closable = {
      close() {
        closed.push(i);
        connections.delete(connection);
      },
      terminate() {},
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
