import { assertEquals } from "@std/assert";
import { type HubMember, WatchHub } from "../../handlers/watch/hub.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A member that notes how it is called; a slow one confirms when it is told. */
class FakeMember implements HubMember {
  readonly #isSlow: boolean;
  #calls: unknown[][] = [];
  readonly confirmations: PromiseWithResolvers<void>[] = [];
  /** When it has brought the next snapshots to their watchers; else: at once. */
  readonly snapshots: PromiseWithResolvers<void>[] = [];

  constructor({ isSlow = false } = {}) {
    this.#isSlow = isSlow;
  }

  setWatched(keys: readonly string[], isWatched: boolean) {
    this.#calls.push(["setWatched", keys, isWatched]);
    if (!this.#isSlow || !isWatched) return;
    const confirmation = Promise.withResolvers<void>();
    this.confirmations.push(confirmation);
    return confirmation.promise;
  }

  deliver(...args: unknown[]) {
    this.#calls.push(["deliver", ...args]);
  }

  begin(_key: string, watchers: readonly number[], text: string) {
    this.#calls.push(["begin", watchers, JSON.parse(text)]);
    return this.snapshots.shift()?.promise;
  }

  reject(watcher: number) {
    this.#calls.push(["reject", watcher]);
  }

  act(_key: string, ids: readonly number[], ...args: unknown[]) {
    this.#calls.push(["act", ids, ...args]);
  }

  tell(watcher: number, text: string, count: number) {
    this.#calls.push(["tell", watcher, JSON.parse(text), count]);
  }

  /** The calls since the last look. */
  take(): unknown[][] {
    return this.#calls.splice(0);
  }
}

/** A hub that the members have joined. */
function createHub(...members: HubMember[]): WatchHub {
  const hub = new WatchHub();
  for (const member of members) hub.join(member);
  return hub;
}

/** The call with which watchers of the key "k" begin. */
const begin = (watchers: number | number[], ...connections: unknown[]) => [
  "begin",
  [watchers].flat(),
  { event: "watching", key: "k", connections, manual: [] },
];

const deliver = (text: string, count = 1) => ["deliver", "k", text, count];

/** Lets the promises go on that are resolved. */
const turn = () => Promise.resolve();

Deno.test("WatchHub begins with a snapshot, and goes on without gap or duplicate", async () => {
  const [a, b] = [new FakeMember(), new FakeMember({ isSlow: true })];
  const hub = createHub(a, b);
  hub.open(a, "k", 1, "1");
  hub.open(b, "other", 2, "2");
  hub.open(b, "k", 3, "3");
  hub.watch(a, "k", 10);
  assertEquals(b.take(), [["setWatched", ["k"], true]]);
  // Before the last member has confirmed.
  hub.event(a, "k", "too early", 1);
  hub.open(a, "k", 4, "4");
  hub.close(a, "k", 1, "closed");
  hub.watch(b, "k", 20);
  assertEquals(a.take(), [["setWatched", ["k"], true]]);
  b.confirmations[0]!.resolve();
  await turn();
  assertEquals(a.take(), [begin(10, 3, 4)]);
  assertEquals(b.take(), [begin(20, 3, 4)]);
  hub.event(b, "k", "missed", 7);
  hub.open(b, "k", 5, "5");
  hub.event(b, "other", "of another key", 1);
  // Another one begins at once, with what is open now.
  hub.watch(a, "k", 11);
  hub.close(b, "k", 5, "5 closed");
  const before = [deliver("missed", 7), deliver("5")];
  assertEquals(a.take(), [
    ...before,
    begin(11, 3, 4, 5),
    deliver("5 closed"),
  ]);
  assertEquals(b.take(), [...before, deliver("5 closed")]);
});

Deno.test("WatchHub tells members when the last watcher has gone, and who joins meanwhile", () => {
  const [a, b, c] = [new FakeMember(), new FakeMember(), new FakeMember()];
  const hub = createHub(a, b);
  for (const [watcher, key] of [[10, "k"], [11, "l"], [12, "k"]] as const) {
    hub.watch(a, key, watcher);
  }
  hub.join(c);
  assertEquals(c.take(), [["setWatched", ["k", "l"], true]]);
  hub.unwatch(a, "k", 10);
  hub.unwatch(a, "k", 10);
  b.take();
  hub.unwatch(a, "k", 12);
  for (const member of [b, c]) {
    assertEquals(member.take(), [["setWatched", ["k"], false]]);
  }
  a.take();
  hub.event(b, "k", "nobody sees it", 1);
  assertEquals(a.take(), []);
  hub.leave(a);
  const d = new FakeMember();
  hub.join(d);
  assertEquals(d.take(), []);
});

Deno.test("WatchHub takes a late confirmation for no new one", async () => {
  using clock = new FakeClock();
  const [a, b] = [new FakeMember(), new FakeMember({ isSlow: true })];
  const hub = createHub(a, b);
  hub.open(b, "k", 1, "1");
  hub.watch(a, "k", 10);
  hub.unwatch(a, "k", 10);
  assertEquals(clock.timers.size, 0);
  hub.watch(a, "k", 11);
  a.take();
  b.confirmations[0]!.resolve();
  await turn();
  assertEquals(a.take(), []);
  b.confirmations[1]!.resolve();
  await turn();
  assertEquals(a.take(), [begin(11, 1)]);
});

Deno.test("WatchHub waits less than 1 s for a member, and not for one that leaves", () => {
  using clock = new FakeClock();
  const [a, b, c] = [
    new FakeMember(),
    new FakeMember({ isSlow: true }),
    new FakeMember({ isSlow: true }),
  ];
  const hub = createHub(a, b, c);
  hub.watch(a, "k", 10);
  hub.leave(b);
  a.take();
  clock.advance(500);
  hub.watch(a, "k", 11);
  assertEquals(a.take(), []);
  clock.advance(450);
  assertEquals(a.take(), [begin([10, 11])]);
  hub.unwatch(a, "k", 10);
  hub.unwatch(a, "k", 11);
  hub.watch(a, "k", 12);
  a.take();
  hub.leave(c);
  assertEquals(a.take(), [begin(12)]);
  assertEquals(clock.timers.size, 0);
});

Deno.test("WatchHub sends a member one snapshot at a time", async () => {
  const [a, b] = [new FakeMember(), new FakeMember()];
  const hub = createHub(a, b);
  const snapshot = Promise.withResolvers<void>();
  a.snapshots.push(snapshot);
  hub.watch(a, "k", 10);
  hub.open(b, "k", 1, "1");
  for (let watcher = 11; watcher < 16; watcher++) hub.watch(a, "k", watcher);
  hub.watch(a, "l", 20);
  hub.watch(b, "k", 30);
  hub.unwatch(a, "k", 12);
  assertEquals(a.take(), [
    ["setWatched", ["k"], true],
    begin(10),
    deliver("1"),
    ["setWatched", ["l"], true],
  ]);
  assertEquals(b.take().at(-1), begin(30, 1));
  hub.open(b, "k", 2, "2");
  a.take();
  snapshot.resolve();
  await turn();
  assertEquals(a.take(), [
    begin([11, 13, 14, 15], 1, 2),
    ["begin", [20], {
      event: "watching",
      key: "l",
      connections: [],
      manual: [],
    }],
  ]);
});

Deno.test("WatchHub shows 8 MiB of open connections, and counts the others", () => {
  const a = new FakeMember();
  const hub = createHub(a);
  const open = "1".repeat(1_048_576);
  for (let id = 0; id < 10; id++) hub.open(a, "k", id, `"${open}"`);
  hub.watch(a, "k", 10);
  const missed = { event: "missed", count: 3 };
  assertEquals(a.take().slice(1), [
    begin(10, ...Array(7).fill(open)),
    ["tell", 10, missed, 3],
  ]);
});

Deno.test("WatchHub rejects the 17th watcher of a key, whatever its member", () => {
  const [a, b] = [new FakeMember(), new FakeMember({ isSlow: true })];
  const hub = createHub(a, b);
  for (let watcher = 0; watcher < 16; watcher++) {
    hub.watch(watcher % 2 ? a : b, "k", watcher);
  }
  a.take();
  hub.watch(a, "k", 16);
  assertEquals(a.take(), [["reject", 16]]);
  // It has no place that it could give back, and nothing to say.
  hub.unwatch(a, "k", 16);
  const close = { command: "close", id: 1, code: 1000, reason: "" } as const;
  hub.command(a, "k", 16, close, "{}");
  hub.watch(a, "k", 17);
  assertEquals(a.take(), [["reject", 17]]);
  hub.watch(a, "l", 18);
  hub.unwatch(b, "k", 0);
  hub.watch(a, "k", 19);
  assertEquals(a.take(), [["setWatched", ["l"], true]]);
  hub.leave(b);
  assertEquals(a.take()[0], begin([1, 3, 5, 7, 9, 11, 13, 15, 19]));
});

Deno.test("WatchHub closes the connections of a member that leaves", () => {
  using clock = new FakeClock();
  const [a, b] = [new FakeMember(), new FakeMember()];
  const hub = createHub(a, b);
  hub.watch(a, "k", 10);
  hub.watch(b, "k", 20);
  hub.open(a, "k", 1, "1");
  hub.open(b, "k", 2, "2");
  clock.advance(1_234);
  hub.open(b, "k", 3, "3");
  a.take();
  b.take();
  hub.leave(b);
  const closed = a.take().map(([, key, text, count]) => {
    const { time, ...event } = JSON.parse(`${text}`);
    assertEquals(new Date(time).toISOString(), time);
    return [key, event, count];
  });
  const expected = {
    event: "close",
    code: 1006,
    reason: "",
    by: "server",
    error: "Its worker was recycled",
  };
  assertEquals(closed, [
    ["k", { ...expected, id: 2, seconds: 1.234 }, 1],
    ["k", { ...expected, id: 3, seconds: 0 }, 1],
  ]);
  assertEquals(b.take(), []);
  hub.watch(a, "k", 11);
  assertEquals(a.take(), [begin(11, 1)]);
});

Deno.test("WatchHub.command() goes to the members whose connections are meant", () => {
  const [a, b] = [new FakeMember(), new FakeMember()];
  const hub = createHub(a, b);
  hub.watch(a, "k", 10);
  const send = { command: "send", id: undefined, message: "x" } as const;
  const close = { command: "close", id: 9, code: 1000, reason: "" } as const;
  const fails = (message: string) => [
    "tell",
    10,
    { event: "error", message, command: { source: true } },
    1,
  ];
  a.take();
  hub.open(b, "other", 9, "9");
  for (const command of [send, { ...send, id: 9 }, close]) {
    hub.command(a, "k", 10, command, '{"source":true}');
  }
  assertEquals(a.take(), [
    fails("Cannot send: no connection has this key"),
    fails("Cannot send: no connection has the id 9"),
    fails("Cannot close: no connection has the id 9"),
  ]);
  hub.open(a, "k", 1, "1");
  hub.open(b, "k", 2, "2");
  hub.open(b, "k", 3, "3");
  for (const member of [a, b]) member.take();
  hub.command(a, "k", 10, send, "{}");
  hub.command(a, "k", 10, { ...close, id: 2 }, "{}");
  assertEquals(a.take(), [["act", [1], send, 10, "{}"]]);
  assertEquals(b.take(), [
    ["act", [2, 3], send, 10, "{}"],
    ["act", [2], { ...close, id: 2 }, 10, "{}"],
  ]);
  // 64 MiB to all of them.
  const large = { ...send, message: new ArrayBuffer(22_369_621) };
  const tooLarge = { ...send, message: new ArrayBuffer(22_369_622) };
  hub.command(a, "k", 10, large, "{}");
  assertEquals(a.take(), [["act", [1], large, 10, "{}"]]);
  hub.command(a, "k", 10, tooLarge, '{"source":true}');
  hub.command(a, "k", 10, { ...tooLarge, id: 1 }, "{}");
  assertEquals(a.take(), [
    fails(
      "Cannot send: 22369622 bytes to 3 connections are too much at once, name one by its id",
    ),
    ["act", [1], { ...tooLarge, id: 1 }, 10, "{}"],
  ]);
  hub.tell(b, 10, "{}", 3);
  assertEquals(a.take(), [["tell", 10, {}, 3]]);
});
