import { assert, assertEquals } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WatchHub } from "../../handlers/watch/hub.ts";
import {
  Watches,
  type Watching,
  type WatchSink,
} from "../../handlers/watch/watches.ts";
import type { Observed, Observer } from "../../handlers/websocket/observer.ts";

/** What a watcher got. */
class Sink implements WatchSink {
  #events: Record<string, unknown>[] = [];
  readonly rejections: string[] = [];

  deliver(text: string) {
    // Without times, also those of a snapshot.
    this.#events.push(
      JSON.parse(text, (key, value) => key === "time" ? undefined : value),
    );
  }

  reject(message: string) {
    this.rejections.push(message);
  }

  /** The events since the last look. */
  take(): Record<string, unknown>[] {
    return this.#events.splice(0);
  }
}

/** A connection that frees what it has sent, and its observer. */
class FakeConnection implements Observed {
  readonly observer: Observer;
  readonly done: unknown[] = [];
  repliesItself = true;
  refusal: string | undefined;

  constructor(watches: Watches, key: string, id: number) {
    this.observer = watches.observe(key, id, describe(id));
  }

  send(message: string | ArrayBuffer): string | undefined {
    if (this.refusal !== undefined) return this.refusal;
    this.done.push(
      typeof message === "string" ? message : [...new Uint8Array(message)],
    );
    if (typeof message !== "string") message.transfer(0);
    return;
  }

  close(code: number, reason: string) {
    this.done.push([code, reason]);
  }
}

function describe(id: number) {
  return {
    path: `/${id}`,
    remote: "127.0.0.1:41002",
    origin: null,
    subprotocol: "chat",
    headers: { host: "localhost" },
    parameters: { delay: 0 },
  };
}

const opened = (id: number) => ({ event: "open", id, ...describe(id) });

const END = {
  code: 1000,
  reason: "bye",
  by: "client",
  error: undefined,
  received: 1,
  sent: 2,
  seconds: 0.42,
} as const;

Deno.test("Watches shows a watcher what happens on the connections of its key", () => {
  const watches = new Watches(new WatchHub());
  const sink = new Sink();
  const [a, b, other] = [["k", 1], ["k", 2], ["other", 3]].map((
    [key, id],
  ) => new FakeConnection(watches, `${key}`, Number(id)));
  a!.observer.open(a!);
  const refusal = {
    id: 8,
    path: "/nowhere",
    remote: "127.0.0.1:41002",
    status: 404,
    message: "Cannot upgrade: …",
    headers: {},
  };
  watches.refused("k", refusal);
  const watching = watches.watch("k", 10, sink);
  for (const { observer } of [b!, other!]) {
    assertEquals(observer.isWatching, false);
  }
  for (const connection of [b!, other!]) connection.observer.open(connection);
  assertEquals(
    [a!, b!, other!].map(({ observer }) => observer.isWatching),
    [true, true, false],
  );
  a!.observer.message("in", "hello", 5);
  b!.observer.message("out", new ArrayBuffer(2), 2);
  watches.refused("k", refusal);
  watches.refused("other", refusal);
  a!.observer.close(END);
  b!.observer.close({ ...END, by: "network", error: "reset" });
  other!.observer.close(END);
  assertEquals(a!.observer.isWatching, false);
  const message = { event: "message", id: 1, direction: "in" };
  const { error: _, ...end } = END;
  assertEquals(sink.take(), [
    { event: "watching", key: "k", connections: [opened(1)], manual: [] },
    opened(2),
    { ...message, type: "text", size: 5, text: "hello" },
    {
      ...message,
      id: 2,
      direction: "out",
      type: "binary",
      size: 2,
      base64: "AAA=",
    },
    { event: "refused", ...refusal },
    { event: "close", id: 1, ...end },
    { event: "close", id: 2, ...end, by: "network", error: "reset" },
  ]);
  watching.end();
  watching.end();
  watches.refused("k", refusal);
  assertEquals(sink.take(), []);
});

Deno.test("Watches carries out commands, and says which it could not", () => {
  const watches = new Watches(new WatchHub());
  const sink = new Sink();
  const watching = watches.watch("k", 10, sink);
  const connections = [1, 2].map((id) => new FakeConnection(watches, "k", id));
  for (const connection of connections) connection.observer.open(connection);
  const [a, b] = connections;
  const replies = () => connections.map(({ repliesItself }) => repliesItself);
  const command = (value: unknown) => watching.command(JSON.stringify(value));
  const take = () => connections.map(({ done }) => done.splice(0));
  sink.take();

  command({ command: "send", id: 1, text: "to one" });
  command({ command: "send", base64: "AQI=" });
  assertEquals(take(), [["to one", [1, 2]], [[1, 2]]]);
  command({ command: "close", id: 2, code: 4000, reason: "try me" });
  command({ command: "close" });
  assertEquals(take(), [[[1000, ""]], [[4000, "try me"], [1000, ""]]]);
  command({ command: "reply", id: 2, mode: "manual" });
  assertEquals(replies(), [true, false]);
  command({ command: "reply", mode: "manual" });
  command({ command: "reply", id: 2, mode: "auto" });
  assertEquals(replies(), [false, true]);
  // The second command for both changes only one of them.
  assertEquals(
    sink.take(),
    [[2, "manual"], [1, "manual"], [2, "auto"]].map(
      ([id, mode]) => ({ event: "reply", id, mode }),
    ),
  );
  const later = new Sink();
  watches.watch("k", 11, later).end();
  assertEquals(later.take()[0]?.manual, [1]);

  const fails = (command: unknown, message: string) => {
    watching.command(JSON.stringify(command));
    assertEquals(sink.take(), [{ event: "error", message, command }]);
  };
  fails(
    { command: "send", id: 9, text: "" },
    "Cannot send: no connection has the id 9",
  );
  fails(
    { command: "send", id: 1 },
    'Cannot send: "text" and "base64" are both missing, expected one of them',
  );
  a!.refusal = "it is closing";
  fails({ command: "send", id: 1, text: "" }, "Cannot send: it is closing");
  // The others get it.
  fails({ command: "send", text: "" }, "Cannot send: it is closing");
  b!.observer.close(END);
  sink.take();
  fails(
    { command: "reply", id: 2, mode: "auto" },
    "Cannot reply: no connection has the id 2",
  );
  assertEquals(take(), [[], [""]]);
  // Nobody is left who could reply.
  assertEquals(replies(), [false, true]);
  watching.end();
  assertEquals(replies(), [true, true]);
  watches.watch("k", 12, later);
  assertEquals(later.take()[0]?.manual, []);
});

Deno.test("Watches.act() says that a connection has ended meanwhile, if it was meant", () => {
  const watches = new Watches(new WatchHub());
  const sink = new Sink();
  watches.watch("k", 10, sink);
  sink.take();
  const send = { command: "send", message: "" } as const;
  watches.act("k", [7, 8], { ...send, id: undefined }, 10, "{}");
  watches.act("k", [7], { ...send, id: 7 }, 10, "{}");
  const message = "Cannot send: no connection has the id 7";
  assertEquals(sink.take(), [{ event: "error", message, command: {} }]);
});

Deno.test("Watches rejects the 17th watcher of both threads", () => {
  const hub = new WatchHub();
  const threads = [new Watches(hub), new Watches(hub)];
  const sinks: Sink[] = [];
  const watchings: Watching[] = [];
  const watch = (id: number) => {
    const sink = new Sink();
    sinks.push(sink);
    watchings.push(threads[id % 2]!.watch("k", id, sink));
    return sink;
  };
  for (let id = 0; id < 16; id++) watch(id);
  const { rejections } = watch(16);
  assertEquals(rejections, [
    "Cannot watch: the limit of 16 watchers of a key is reached",
  ]);
  // The end of one that was rejected makes no room.
  watchings[16]!.end();
  assertEquals(watch(17).rejections.length, 1);
  watchings[0]!.end();
  assertEquals(watch(18).rejections, []);
  const connection = new FakeConnection(threads[0]!, "k", 100);
  connection.observer.open(connection);
  const counts = sinks.map((sink) => sink.take().length);
  assertEquals(counts, [1, ...Array(15).fill(2), 0, 0, 2]);
});

Deno.test("Watches and WatchHub keep nothing of what has ended", () => {
  const watches = new Watches(new WatchHub());
  const use = (ids: number) => {
    for (let id = 0; id < ids; id++) {
      const key = `key-${id}`;
      const connection = new FakeConnection(watches, key, id);
      const watching = watches.watch(key, ids + id, new Sink());
      connection.observer.open(connection);
      if (id % 2) watching.end();
      connection.observer.close(END);
      watching.end();
    }
  };
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc");
  const memory = () => {
    collectGarbage();
    return Deno.memoryUsage().heapUsed;
  };
  use(100);
  const before = memory();
  use(10_000);
  const kept = memory() - before;
  // What is measured is in use until here.
  use(1);
  assert(kept < 400_000, `${kept} bytes`);
});
