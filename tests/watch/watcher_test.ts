import { assert, assertEquals, assertMatch } from "@std/assert";
import { WatchHub } from "../../handlers/watch/hub.ts";
import { Watcher } from "../../handlers/watch/watcher.ts";
import { Watches } from "../../handlers/watch/watches.ts";
import type { WatchEvent } from "../../main.ts";
import { Client } from "../support/client.ts";
import { ServiceProcess } from "../support/process.ts";
import { testOnLinux } from "../support/platform.ts";
import { FakeClock } from "../support/fake_clock.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  type RawHeader,
} from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";
import { until } from "../support/wait.ts";
import { WatchClient } from "../support/watcher.ts";

const KEY = "a-key_of-Tests";

/** A service in this process, and one with several workers. */
const SERVICES = {
  "in a program": () => Promise.resolve(startTestService()),
  "over workers": () => ServiceProcess.start({ args: ["--workers", "2"] }),
};

/** Connects a client, watched by the key. */
function connect(port: number, path: string, query = `watch=${KEY}`) {
  return Client.open(`ws://127.0.0.1:${port}${path}?${query}`);
}

/** Connects watchers that have begun; with several, workers may differ. */
async function watch(port: number, count: number): Promise<WatchClient[]> {
  const open = () => WatchClient.open(port, KEY);
  const watchers = await Promise.all(Array.from({ length: count }, open));
  for (const watcher of watchers) await watcher.expect("watching");
  return watchers;
}

function closeAll(watchers: WatchClient[]) {
  return Promise.all(watchers.map((each) => each[Symbol.asyncDispose]()));
}

/** An event without what differs from run to run. */
function bare(event: WatchEvent): unknown {
  return JSON.parse(
    JSON.stringify(event),
    (name, value) =>
      /^(time|remote|headers|seconds)$/.test(name) ? undefined : value,
  );
}

for (const [where, start] of Object.entries(SERVICES)) {
  const test = where === "over workers" ? testOnLinux : Deno.test;

  test(`watchers see all connections of their key, and no other: ${where}`, async () => {
    await using service = await start();
    const { port } = service;
    const clients = [
      await connect(port, "/echo", `delay=1&watch=${KEY}`),
      await connect(port, "/uppercase"),
    ];
    await using stranger = await connect(port, "/", "watch=another-key");
    await using unwatched = await connect(port, "/", "");
    const open = () => WatchClient.open(port, KEY);
    const watchers = await Promise.all([open(), open(), open()]);
    let ids: number[] = [];
    for (const watcher of watchers) {
      const { key, connections } = await watcher.expect("watching");
      const shown = connections.toSorted((a, b) => a.id - b.id);
      ids = shown.map(({ id }) => id);
      const common = { event: "open", origin: null, subprotocol: null };
      const [first, second] = ids;
      const parameters = { watch: KEY };
      assertEquals([key, ...shown.map(bare)], [
        KEY,
        {
          ...{ ...common, id: first, path: "/echo" },
          parameters: { delay: 1, ...parameters },
        },
        { ...common, id: second, path: "/uppercase", parameters },
      ]);
    }
    for (const other of [stranger, unwatched]) await other.ask("secret");
    for (const [i, client] of clients.entries()) {
      await client.ask("ß");
      await client.ask(new Uint8Array([0x41, 0x42]));
      client.socket.close(4000 + i, "bye");
      await client.closed;
      const message = { event: "message", id: ids[i] };
      const reply = i === 0 ? { text: "ß" } : { text: "SS" };
      const text = { type: "text", size: 2 };
      const binary = { type: "binary", size: 2, base64: "QUI=" };
      for (const watcher of watchers) {
        const events: unknown[] = [];
        for (let n = 0; n < 5; n++) events.push(bare(await watcher.next()));
        assertEquals(events, [
          { ...message, direction: "in", ...text, text: "ß" },
          { ...message, direction: "out", ...text, ...reply },
          { ...message, direction: "in", ...binary },
          { ...message, direction: "out", ...binary },
          {
            ...{ event: "close", id: ids[i], code: 4000 + i, reason: "bye" },
            ...{ by: "client", received: 2, sent: 2 },
          },
        ]);
      }
    }
    await closeAll(watchers);
  });

  test(`watchers send, close, and reply instead of the endpoint: ${where}`, async () => {
    await using service = await start();
    const { port } = service;
    const watchers = await watch(port, 2);
    const [watcher, other] = [watchers[0]!, watchers[1]!];
    const clients: Client[] = [];
    const ids: number[] = [];
    // What watchers send is not subject to the parameters.
    const query = `drop=100&delay=60000&mute=0&watch=${KEY}`;
    for (let i = 0; i < 4; i++) {
      clients.push(await connect(port, "/", i < 3 ? query : undefined));
      ids.push((await watcher.expect("open")).id);
      await other.expect("open");
    }
    watcher.command({ command: "send", id: ids[1], text: "to one" });
    assertEquals(await clients[1]!.next(), "to one");
    watcher.command({ command: "send", base64: "AQID" });
    for (const client of clients) {
      assertEquals(await client.next(), new Uint8Array([1, 2, 3]).buffer);
    }
    for (const each of watchers) {
      for (let n = 0; n < 5; n++) {
        assertEquals((await each.expect("message")).direction, "out");
      }
    }

    const [client, id] = [clients[3]!, ids[3]!];
    watcher.command({ command: "reply", id, mode: "manual" });
    const { time: _, ...changed } = await other.expect("reply");
    assertEquals(changed, { event: "reply", id, mode: "manual" });
    const late = await WatchClient.open(port, KEY);
    assertEquals((await late.expect("watching")).manual, [id]);
    await closeAll([late]);
    client.send("not echoed");
    watcher.command({ command: "send", id, text: "by hand" });
    assertEquals(await client.next(), "by hand");
    watcher.command({ command: "reply", id, mode: "auto" });
    watcher.command({ command: "send", id, text: "auto" });
    assertEquals(await client.next(), "auto");
    assertEquals(await client.ask("echoed"), "echoed");

    watcher.command({ command: "close", id, code: 4321, reason: "try" });
    const expected = { code: 4321, reason: "try", clean: true };
    assertEquals(await client.closed, expected);
    while ((await other.next()).event !== "close");
    watcher.command({ command: "close" });
    for (const { closed } of clients.slice(0, 3)) {
      assertEquals((await closed).code, 1000);
      await other.expect("close");
    }

    const gone = { command: "send", id, text: "x" };
    other.command(gone);
    assertEquals(await other.expect("error"), {
      event: "error",
      message: `Cannot send: no connection has the id ${id}`,
      command: gone,
    });
    other.command({ command: "clsoe" });
    assertMatch((await other.expect("error")).message, /"clsoe"/);
    await closeAll(watchers);
  });

  test(`endpoints reply again when the last watcher has left: ${where}`, async () => {
    await using service = await start();
    await using client = await connect(service.port, "/");
    const watcher = await WatchClient.open(service.port, KEY);
    const { connections: [first] } = await watcher.expect("watching");
    const { id } = first!;
    watcher.command({ command: "reply", id, mode: "manual" });
    watcher.command({ command: "send", id, text: "manual" });
    assertEquals(await client.next(), "manual");
    await closeAll([watcher]);
    const reply = client.next();
    let hasReplied = false;
    reply.then(() => hasReplied = true);
    await until(() => {
      client.send("anybody?");
      return hasReplied;
    }, "it replies");
    assertEquals(await reply, "anybody?");
  });

  test(`watchers see why a handshake was refused: ${where}`, async () => {
    await using service = await start();
    const watchers = await watch(service.port, 1);
    const handshakes: [path: string, status: number, message: RegExp][] = [
      [
        "/nowhere?",
        404,
        /^Cannot upgrade: no endpoint has the path "\/nowhere"/,
      ],
      ["/echo?delay=x&", 400, /"delay" with value "x"/],
      ["/uppercase?status=503&", 503, /the parameter "status"/],
    ];
    for (const [path, status, message] of handshakes) {
      const headers: RawHeader[] = [["Authorization", "Basic eDp5"]];
      const request = { path: `${path}watch=${KEY}`, headers };
      await exchange(service.port, handshakeRequest(request));
      const event = await watchers[0]!.expect("refused");
      assertEquals([event.path, event.status], [path.split("?")[0], status]);
      assertMatch(event.message, message);
      assertMatch(event.remote, /^127\.0\.0\.1:\d+$/);
      assertEquals(event.headers.authorization, "(withheld)");
      assertEquals(event.headers["sec-websocket-version"], "13");
    }
    await closeAll(watchers);
  });
}

Deno.test("a watcher that reads too slowly is told how much it has missed", async () => {
  const messages = 100_000;
  await using service = await ServiceProcess.start({
    args: ["--max-memory", "400MiB"],
  });
  const { port } = service;
  using slow = await RawClient.connect(port, `/watch?key=${KEY}`);
  assertMatch(`${await slow.next()}`, /"watching"/);
  const client = await connect(port, "/");
  for (let i = 0; i < messages; i++) client.send(`${i}`);
  for (let i = 0; i < messages; i++) assertEquals(await client.next(), `${i}`);
  client.socket.close();
  await client.closed;
  // Others are "open" and "close".
  let [seen, missed, others] = [0, 0, 0];
  while (seen + missed + others < 2 * messages + 2) {
    const event: WatchEvent = JSON.parse(`${await slow.next()}`);
    if (event.event === "message") seen++;
    else if (event.event === "missed") missed += event.count;
    else others++;
  }
  assert(seen > 0 && missed > 0, `${seen} were seen, ${missed} missed`);
  assertEquals(
    service.lines.filter((line) => / (memory|recycled) /.test(line)),
    [],
  );
});

Deno.test("Watcher tells how much it has missed as soon as there is room", () => {
  using clock = new FakeClock();
  const sent: unknown[][] = [];
  let room = 1;
  const connection = {
    id: 10,
    send(text: string) {
      if (room === 0) return "there is no room";
      room--;
      const { event, status, count } = JSON.parse(text);
      sent.push([event, status ?? count]);
      return;
    },
    close() {},
    attempt: (action: () => void) => action(),
  };
  const watches = new Watches(new WatchHub());
  const watcher = new Watcher(connection, watches, KEY);
  const shown = { path: "/", remote: "", message: "", headers: {} };
  const refuse = (status: number) =>
    watches.refused(KEY, { id: 1, status, ...shown });
  const take = () => sent.splice(0);
  watcher.open();
  assertEquals(take(), [["watching", undefined]]);
  refuse(401);
  refuse(402);
  assertEquals([take(), clock.timers.size], [[], 1]);
  room = 2;
  refuse(403);
  assertEquals(take(), [["missed", 2], ["refused", 403]]);
  refuse(404);
  clock.advance(200);
  assertEquals(take(), []);
  room = 1;
  clock.advance(100);
  assertEquals([take(), clock.timers.size], [[["missed", 1]], 0]);
  refuse(405);
  watcher.stop();
  assertEquals(clock.timers.size, 0);
});

Deno.test("watchers get payloads up to 64 KiB", async () => {
  await using service = startTestService();
  const watchers = await watch(service.port, 1);
  await using client = await connect(service.port, "/");
  await watchers[0]!.expect("open");
  const messages = [
    [new Uint8Array(70_000), { base64: new Uint8Array(65_536).toBase64() }],
    ["ß".repeat(35_000), { text: "ß".repeat(32_768) }],
  ] as const;
  for (const [message, shown] of messages) {
    client.send(message);
    for (let n = 0; n < 2; n++) {
      const event = await watchers[0]!.expect("message");
      assertEquals([event.size, event.truncated], [70_000, true]);
      assertEquals(bare(event), { ...bare(event) as object, ...shown });
    }
  }
  await closeAll(watchers);
});

Deno.test("a key has 16 watchers at most, which count as connections", async () => {
  await using service = startTestService();
  const watchers = await watch(service.port, 16);
  assertEquals(service.connectionCount, 16);
  const beyond = await WatchClient.open(service.port, KEY);
  const { code, reason } = await beyond.closed;
  assertEquals(code, 1013);
  assertMatch(reason, /16 watchers/);
  await using other = await WatchClient.open(service.port, "another-key");
  await other.expect("watching");
  await closeAll([watchers.pop()!]);
  await until(() => service.connectionCount === 16, "there is room again");
  watchers.push(...await watch(service.port, 1));
  await closeAll(watchers);
});

Deno.test("the watch endpoint needs a key, and an origin that may watch", async () => {
  const allowed = "https://allowed.example";
  await using all = startTestService();
  await using listed = startTestService({ origins: [allowed] });
  const answer = async (port: number, query: string, origin?: string) => {
    const headers: RawHeader[] = origin === undefined
      ? []
      : [["Origin", origin]];
    const [path, host] = [`/watch?${query}`, `127.0.0.1:${port}`];
    const request = handshakeRequest({ path, host, headers });
    const { status, body } = await exchange(port, request);
    return `${status} ${status === 101 ? "" : body.trim()}`;
  };
  const wrong = ["", "key=short", `key=${"x".repeat(65)}`, "key=with%20blank"];
  for (const query of [...wrong, `key=${KEY}&key=${KEY}`]) {
    assertMatch(await answer(all.port, query), /^400 .*parameter "key"/, query);
  }
  const key = `key=${KEY}`;
  const own = `http://127.0.0.1:${all.port}`;
  assertMatch(await answer(all.port, key, own), /^101/);
  assertMatch(await answer(listed.port, key, allowed), /^101/);
  for (const origin of ["https://evil.example", "null", allowed]) {
    assertMatch(await answer(all.port, key, origin), /^403 .* may watch$/);
  }
});

Deno.test("watchKey watches connections without a key; without a path, nobody watches", async () => {
  await using service = startTestService({ watchKey: KEY });
  // They are not watched themselves.
  const watchers = await watch(service.port, 2);
  await using _keyless = await connect(service.port, "/", "");
  await using _keyed = await connect(service.port, "/", "watch=another-key");
  await using _last = await connect(service.port, "/uppercase", "");
  for (const path of ["/", "/uppercase"]) {
    assertEquals((await watchers[0]!.expect("open")).path, path);
  }
  await closeAll(watchers);

  await using off = startTestService({ paths: { watch: [] } });
  const request = handshakeRequest({ path: `/watch?key=${KEY}` });
  assertEquals((await exchange(off.port, request)).status, 404);
  await using client = await connect(off.port, "/");
  assertEquals(await client.ask("served"), "served");
});

Deno.test("watchers get no header values of a foreign page's client, and no password", async () => {
  await using service = startTestService();
  const watchers = await watch(service.port, 1);
  const headers: RawHeader[] = [
    ["Origin", "https://evil.example"],
    ["X-Forwarded-User", "somebody"],
    ["Authorization", `Basic ${btoa("user:secret")}`],
  ];
  const path = `/?watch=${KEY}&auth=user:secret`;
  using client = await RawClient.connect(service.port, { path, headers });
  await client.send("x");
  const event = await watchers[0]!.expect("open");
  assertEquals(event.headers["x-forwarded-user"], "(withheld)");
  assertEquals(event.origin, "https://evil.example");
  assertEquals(event.parameters, { watch: KEY, auth: "(withheld)" });
  await closeAll(watchers);
});

Deno.test("the log has a watcher's coming and going, without the key", async () => {
  await using service = startTestService({ verbose: true });
  await closeAll(await watch(service.port, 1));
  const ended = await service.log.waitFor("watch", 2);
  const actions = service.log.of("watch").map(({ action }) => action);
  assertEquals(actions, ["begin", "end"]);
  assertEquals([ended.code, ended.path, ended.sent], [1005, "/watch", 1]);
  assert(!JSON.stringify(service.log.entries[0]).includes(KEY));
});
