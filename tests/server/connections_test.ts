import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Closable, Connections } from "../handlers/connections.ts";

/** A connection that remembers how it was closed. */
class FakeConnection implements Closable {
  readonly closes: [code: number, reason: string][] = [];

  close(code: number, reason: string) {
    this.closes.push([code, reason]);
  }

  abandon() {
    this.closes.push([0, "abandoned"]);
  }
}

Deno.test("Connections.refusal() begins when all places are taken", () => {
  const connections = new Connections(2);
  const [a, b] = [new FakeConnection(), new FakeConnection()];
  assertEquals(connections.refusal(), undefined);
  connections.add(a);
  assertEquals(connections.refusal(), undefined);
  connections.add(b);
  assertEquals(
    connections.refusal(),
    "all 2 connections of --max-connections are taken",
  );
  connections.delete(a);
  assertEquals(connections.refusal(), undefined);
  assertEquals([a.closes, b.closes], [[], []]);
});

Deno.test("Connections.refuse() keeps newcomers out, and those on their way", () => {
  const connections = new Connections(2);
  const [early, late] = [new FakeConnection(), new FakeConnection()];
  connections.add(early);
  connections.refuse({ refusal: "it is ending", code: 1001, reason: "end" });
  assertEquals(connections.refusal(), "it is ending");
  connections.add(late);
  assertEquals([early.closes, late.closes], [[], [[1001, "end"]]]);
  connections.refuse();
  connections.delete(late);
  assertEquals(connections.refusal(), undefined);
});

Deno.test("Connections.abandonAll() abandons what is open", () => {
  const connections = new Connections(2);
  const [open, closed] = [new FakeConnection(), new FakeConnection()];
  connections.add(open);
  connections.add(closed);
  connections.delete(closed);
  connections.abandonAll();
  assertEquals([open.closes, closed.closes], [[[0, "abandoned"]], []]);
});

Deno.test("Connections.size counts each open connection once", () => {
  const connections = new Connections(10);
  const [a, b] = [new FakeConnection(), new FakeConnection()];
  assertEquals(connections.size, 0);
  connections.add(a);
  connections.add(a);
  connections.add(b);
  assertEquals(connections.size, 2);
  connections.delete(a);
  connections.delete(a);
  assertEquals(connections.size, 1);
  connections.delete(new FakeConnection());
  assertEquals(connections.size, 1);
});

Deno.test("Connections.add() closes with 1013 who opens one too many", () => {
  const connections = new Connections(1);
  const [a, b] = [new FakeConnection(), new FakeConnection()];
  connections.add(a);
  connections.add(b);
  assertEquals(a.closes, []);
  assertEquals(b.closes.length, 1);
  const [[code, reason] = [0, ""]] = b.closes;
  assertEquals(code, 1013);
  assertStringIncludes(reason, "connections");
  // It counts until its close event: its memory is in use until then.
  assertEquals(connections.size, 2);
  assert(connections.refusal());
  connections.delete(b);
  connections.delete(a);
  assertEquals(connections.refusal(), undefined);
});

Deno.test("Connections.closeAll() closes every open connection", () => {
  const connections = new Connections(10);
  const all = Array.from({ length: 3 }, () => new FakeConnection());
  for (const connection of all) connections.add(connection);
  const [gone, ...open] = all;
  connections.delete(gone!);
  connections.closeAll(1001, "bye", 10);
  assertEquals(gone!.closes, []);
  for (const { closes } of open) assertEquals(closes, [[1001, "bye"]]);
  assertEquals(connections.size, 2, "they count until their close event");
});

Deno.test("Connections.closeAll() copes with connections that go at once", () => {
  const connections = new Connections(10);
  const closed: number[] = [];
  for (let i = 0; i < 3; i++) {
    const connection = {
      close() {
        closed.push(i);
        connections.delete(connection);
      },
      abandon() {},
    };
    connections.add(connection);
  }
  connections.closeAll(1001, "bye", 10);
  assertEquals(closed, [0, 1, 2]);
  assertEquals(connections.size, 0);
});

Deno.test("Connections.empty() resolves when the last one has gone", async () => {
  const connections = new Connections(10);
  await connections.empty();
  const [a, b] = [new FakeConnection(), new FakeConnection()];
  connections.add(a);
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
});

Deno.test("Connections.empty() can be awaited again and again", async () => {
  const connections = new Connections(10);
  for (let i = 0; i < 2; i++) {
    const connection = new FakeConnection();
    connections.add(connection);
    const empty = connections.empty();
    connections.delete(connection);
    await empty;
  }
});
