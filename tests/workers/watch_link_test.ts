import { assert, assertEquals } from "@std/assert";
import { Worker } from "node:worker_threads";
import { WatchHub } from "../../handlers/watch/hub.ts";
import { Watches } from "../../handlers/watch/watches.ts";
import {
  type HubCall,
  HubLink,
  type LinkMessage,
  type MemberCall,
  MemberLink,
} from "../../handlers/workers/watch_link.ts";
import { until } from "../support/wait.ts";
import type { News, Task } from "./watch_thread.ts";

const DESCRIPTION = {
  path: "/",
  remote: "127.0.0.1:1",
  origin: null,
  subprotocol: null,
  headers: {},
  parameters: {},
};

/** An event, with what this test looks at. */
interface SeenEvent {
  event: string;
  id: number;
  text: string;
  count: number;
  code: number;
  message: string;
  connections: { id: number }[];
}

/** A thread of the hub, see watch_thread.ts, and what its watchers got. */
class Thread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #member: MemberLink;
  readonly #events = new Map<number, SeenEvent[]>();
  readonly sent: (News & { kind: "sent" })[] = [];
  isStanding = false;

  constructor(hub: WatchHub) {
    this.#worker = new Worker(new URL("watch_thread.ts", import.meta.url));
    this.#member = new MemberLink(hub, (message) => {
      this.#worker.postMessage({ message });
    });
    this.#worker.on(
      "message",
      ({ message, news }: { message?: LinkMessage<HubCall>; news?: News }) => {
        if (message) this.#member.receive(message);
        if (news) this.#note(news);
      },
    );
  }

  do(task: Task) {
    this.#worker.postMessage({ task });
  }

  /** What a watcher has got so far. */
  events(watcher: number): SeenEvent[] {
    return this.#events.getOrInsertComputed(watcher, () => []);
  }

  /** Lets a watcher come, and waits until it has begun. */
  async watch(key: string, watcher: number) {
    this.do({ kind: "watch", key, watcher });
    await until(() => this.events(watcher).length > 0, "the watcher begins");
    assertEquals(this.events(watcher)[0]!.event, "watching");
  }

  #note(news: News) {
    if (news.kind === "sent") this.sent.push(news);
    else if (news.kind === "stands still") this.isStanding = true;
    else this.events(news.watcher).push(JSON.parse(news.text));
  }

  async [Symbol.asyncDispose]() {
    await this.#worker.terminate();
    this.#member.leave();
  }
}

/** How many events of messages a watcher got, or is told to have missed. */
function countMessages(events: SeenEvent[]) {
  let [delivered, missed] = [0, 0];
  for (const { event, count } of events) {
    if (event === "message") delivered++;
    if (event === "missed") missed += count;
  }
  return { delivered, missed, total: delivered + missed };
}

/** The numbers of the messages of a connection. */
function numbers(events: SeenEvent[], id: number): number[] {
  return events.flatMap((event) =>
    event.event === "message" && event.id === id ? [parseInt(event.text)] : []
  );
}

Deno.test("MemberLink and HubLink lose no event of a flood that is not counted", async () => {
  const hub = new WatchHub();
  await using a = new Thread(hub);
  await using b = new Thread(hub);
  a.do({ kind: "open", key: "k", id: 1 });
  b.do({ kind: "open", key: "k", id: 2 });
  await a.watch("k", 10);
  await b.watch("k", 20);
  await b.watch("k", 21);
  const COUNT = 10_000;
  const filler = "x".repeat(2_000);
  for (const [id, thread] of [[1, a], [2, b]] as const) {
    thread.do({ kind: "receive", id, count: COUNT, filler });
  }
  for (const events of [a.events(10), b.events(20), b.events(21)]) {
    await until(
      () => countMessages(events).total >= 2 * COUNT,
      "all are delivered or counted",
    );
    const { delivered, missed, total } = countMessages(events);
    assertEquals(total, 2 * COUNT);
    // 4 MiB of them have their place, in each thread.
    assert(delivered > 1_000 && missed > 10_000, `${delivered} of ${total}`);
    for (const id of [1, 2]) {
      const seen = numbers(events, id);
      assertEquals(seen, seen.toSorted((x, y) => x - y));
    }
  }
});

Deno.test("MemberLink and HubLink show a watcher all messages since it has begun, in order", async () => {
  const hub = new WatchHub();
  await using a = new Thread(hub);
  await using b = new Thread(hub);
  a.do({ kind: "open", key: "k", id: 1 });
  b.do({ kind: "open", key: "k", id: 2 });
  a.do({ kind: "keep receiving", id: 1 });
  b.do({ kind: "keep receiving", id: 2 });
  for (let watcher = 10; watcher < 40; watcher++) {
    const thread = watcher % 3 ? a : b;
    await thread.watch("k", watcher);
    const events = thread.events(watcher);
    await until(
      () => [1, 2].every((id) => numbers(events, id).length > 20),
      "messages come",
    );
    thread.do({ kind: "unwatch", watcher });
    for (const id of [1, 2]) {
      const [first = 0, ...others] = numbers(events, id);
      assertEquals(others, others.map((_, i) => first + 1 + i));
    }
    assertEquals(countMessages(events).missed, 0);
  }
});

Deno.test("MemberLink.leave() ends what a terminated thread has had", async () => {
  const hub = new WatchHub();
  await using a = new Thread(hub);
  const b = new Thread(hub);
  for (const id of [1, 2]) b.do({ kind: "open", key: "k", id });
  for (let watcher = 20; watcher < 36; watcher++) await b.watch("k", watcher);
  await b[Symbol.asyncDispose]();
  // There is room again, and nothing is open.
  await a.watch("k", 10);
  assertEquals(a.events(10)[0]!.connections, []);
  await using c = new Thread(hub);
  c.do({ kind: "open", key: "k", id: 3 });
  await until(() => a.events(10).length > 1, "the connection is seen");
  await c[Symbol.asyncDispose]();
  assertEquals(
    a.events(10).slice(1).map(({ event, id, code }) => [event, id, code]),
    [["open", 3, undefined]],
  );
  await until(() => a.events(10).length > 2, "its end is seen");
  const { event, id, code } = a.events(10)[2]!;
  assertEquals([event, id, code], ["close", 3, 1006]);
});

Deno.test("A thread that stands still keeps no watcher of another from beginning", async () => {
  const hub = new WatchHub();
  await using a = new Thread(hub);
  await using b = new Thread(hub);
  b.do({ kind: "open", key: "k", id: 1 });
  await b.watch("other", 20);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  b.do({ kind: "stand still", cell });
  await until(() => b.isStanding, "it stands still");
  try {
    await a.watch("k", 10);
  } finally {
    cell[0] = 1;
    Atomics.notify(cell, 0);
  }
  b.do({ kind: "receive", id: 1, count: 1, filler: "" });
  await until(() => a.events(10).length > 1, "it goes on");
  assertEquals(numbers(a.events(10), 1), [1]);
});

Deno.test("MemberLink and HubLink carry commands, or say that there are too many", async () => {
  const hub = new WatchHub();
  await using a = new Thread(hub);
  await using b = new Thread(hub);
  for (const id of [1, 2]) b.do({ kind: "open", key: "k", id });
  // Both are open when this one has begun.
  await b.watch("other", 20);
  await a.watch("k", 10);
  const ask = (...texts: string[]) => a.do({ kind: "ask", watcher: 10, texts });
  ask(
    '{"command":"send","base64":"AQI="}',
    '{"command":"send","id":9,"text":""}',
  );
  await until(() => b.sent.length === 2, "both send it");
  assertEquals(
    b.sent.splice(0),
    [1, 2].map((id) => ({
      kind: "sent",
      id,
      message: Uint8Array.of(1, 2).buffer,
    })),
  );
  const errors = () =>
    a.events(10).flatMap(({ event, message }) =>
      event === "error" ? [message] : []
    );
  await until(() => errors().length === 1, "the other one fails");
  assertEquals(errors(), ["Cannot send: no connection has the id 9"]);
  const text = JSON.stringify({
    command: "send",
    id: 1,
    text: "x".repeat(60_000),
  });
  ask(...Array<string>(100).fill(text));
  await until(
    () =>
      errors().length + b.sent.length + countMessages(a.events(10)).missed ===
        101,
    "each is answered",
  );
  assert(b.sent.length >= 35, `${b.sent.length} were sent`);
  assertEquals(
    new Set(errors().slice(1)),
    new Set([
      "Cannot send: too many commands are under way",
    ]),
  );
});

Deno.test("MemberLink.act() says that there are too many commands under way", () => {
  const hub = new WatchHub();
  const events: SeenEvent[] = [];
  const watching = new Watches(hub).watch("k", 10, {
    deliver: (text) => events.push(JSON.parse(text)),
    reject() {},
  });
  const calls: string[] = [];
  const member = new MemberLink(hub, (message: LinkMessage<MemberCall>) => {
    if (message.kind === "watch") {
      calls.push(...message.calls.map(([name]) => name));
    }
  });
  // Of a small command, the connections that it is for take most.
  const opens = Array.from(
    { length: 800 },
    (_, id): HubCall => ["open", "k", id, "{}"],
  );
  member.receive({ kind: "watch", calls: [["join"], ...opens] });
  events.length = 0;
  const texts = [
    ...Array<string>(6).fill('{"command":"send","text":""}'),
    `{"command":"send","id":1,"text":"${"x".repeat(2_000_000)}"}`,
  ];
  for (const text of texts) watching.command(text);
  assertEquals(
    events.map(({ message }) => message),
    Array(2).fill("Cannot send: too many commands are under way"),
  );
  member.receive({ kind: "watched" });
  assertEquals(calls, ["setWatched", ...Array(5).fill("act")]);
});

Deno.test("HubLink.receive() confirms only what comes after all events before", async () => {
  const posted: string[] = [];
  const link = new HubLink((message) =>
    posted.push(
      message.kind === "watch"
        ? message.calls.map(([name]) => name).join()
        : message.kind,
    )
  );
  const watches = new Watches(link);
  const observer = watches.observe("k", 1, DESCRIPTION);
  const setWatched = (isWatched: boolean) =>
    link.receive({ kind: "watch", calls: [["setWatched", ["k"], isWatched]] });
  observer.open({ send: () => undefined, close() {}, repliesItself: true });
  // Nobody watches it.
  const refusal = { id: 2, path: "/", remote: "", message: "", headers: {} };
  watches.refused("k", { ...refusal, status: 404 });
  const told = setWatched(true);
  observer.message("in", "a", 1);
  const again = setWatched(true);
  for (let i = 0; i < 2; i++) {
    assertEquals(posted, ["join", "open,event"].slice(0, i + 1));
    link.receive({ kind: "watched" });
  }
  await Promise.all([told, again]);
  assertEquals(posted, ["join", "open,event", "watched", "watched"]);
});

Deno.test("HubLink and MemberLink say in its place how much is missed", () => {
  const large = "x".repeat(3_000_000);
  const calls: unknown[][] = [];
  const post = (message: LinkMessage<HubCall> | LinkMessage<MemberCall>) => {
    if (message.kind === "watch") calls.push(...message.calls);
  };
  const member = new MemberLink(new WatchHub(), post);
  const link = new HubLink(post);
  const missed = (count: number) => `{"event":"missed","count":${count}}`;

  link.join(member);
  link.event(member, "k", large, 1);
  link.event(member, "k", large, 5);
  link.open(member, "k", 1, "open");
  link.event(member, "k", large, 6);
  link.close(member, "k", 1, "close");
  link.tell(member, 10, large, 7);
  link.receive({ kind: "watched" });
  assertEquals(calls.splice(0), [
    ["join"],
    ["event", "k", large, 1],
    ["event", "k", missed(5), 5],
    ["open", "k", 1, "open"],
    ["event", "k", missed(6), 6],
    ["close", "k", 1, "close"],
    ["tell", 10, missed(7), 7],
  ]);

  member.setWatched(["k"], true);
  member.deliver("k", large, 1);
  member.deliver("k", large, 5);
  member.begin("k", [10], "watching");
  member.tell(10, large, 6);
  member.receive({ kind: "watched" });
  assertEquals(calls, [
    ["setWatched", ["k"], true],
    ["deliver", "k", large, 1],
    ["deliver", "k", missed(5), 5],
    ["begin", "k", [10], "watching"],
    ["tell", 10, missed(6), 6],
  ]);
});
