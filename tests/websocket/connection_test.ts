import { assert, assertEquals, assertMatch } from "@std/assert";
import { echo } from "../../handlers/echo.ts";
import { SETTINGS } from "../../handlers/server/service_options.ts";
import { Tally } from "../../handlers/server/tally.ts";
import { ANSWER_MS, DRAIN_MS } from "../../handlers/websocket/closing.ts";
import { Connection } from "../../handlers/websocket/connection.ts";
import { Replies } from "../../handlers/websocket/replies.ts";
import { Client } from "../support/client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { encodeFrame, OPCODE } from "../support/frames.ts";
import { parametersOf } from "../support/parameters.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  MemoryLog,
  startTestService,
  type TestService,
} from "../support/service.ts";
import { within } from "../support/wait.ts";

const MIB = 1_048_576;

/** Connects to the echo endpoint. */
function open(service: TestService, query = ""): Promise<Client> {
  return Client.open(service.url("echo") + query);
}

Deno.test("Connection replies to text, binary and empty messages in order", async () => {
  const limits = { maxBuffered: 64 * MIB };
  await using service = startTestService({ limits });
  await using client = await open(service);
  const messages = [
    "",
    "größer 🙂",
    new Uint8Array([0, 255, 128]).buffer,
    new ArrayBuffer(0),
    "x".repeat(100_000),
    // Faster than they are written, by a client that reads.
    ...Array.from({ length: 100_000 }, (_, i) => `${i % 10}`),
    ...Array.from({ length: 100_000 }, (_, i) => `${i}`.padEnd(64)),
  ];
  for (const message of messages) client.send(message);
  for (const message of messages) assertEquals(await client.next(), message);
});

Deno.test("Connection receives fragments, with control frames in between", async () => {
  await using service = startTestService();
  using client = await RawClient.connect(service.port);
  await client.sendBytes(
    encodeFrame(OPCODE.text, "gr", { fin: false }),
    encodeFrame(OPCODE.ping, "still there?"),
    encodeFrame(OPCODE.continuation, new Uint8Array([0xc3]), { fin: false }),
    encodeFrame(OPCODE.continuation, new Uint8Array([0xbc]), { fin: false }),
    encodeFrame(OPCODE.continuation, "n"),
  );
  const pong = await client.frame();
  assertEquals(pong?.opcode, OPCODE.pong);
  assertEquals(new TextDecoder().decode(pong?.payload), "still there?");
  assertEquals(await client.next(), "grün");
});

Deno.test("Connection answers the client's close frame as it was sent", async () => {
  await using service = startTestService();
  const closes: [code?: number, reason?: string][] = [
    [1000, "done"],
    [4321, "größer"],
    [3000, ""],
    [1001, "x".repeat(123)],
    [],
  ];
  for (const [i, [code, reason]] of closes.entries()) {
    using client = await RawClient.connect(service.port);
    await client.sendClose(code, reason);
    const expected = { code: code ?? 1005, reason: reason ?? "" };
    assertEquals(await client.closed(), expected);
    const entry = await service.log.waitFor("close", i + 1);
    const logged = { code: entry.code, reason: entry.reason };
    assertEquals([logged, entry.by], [expected, "client"]);
  }
});

Deno.test("Connection logs its client, what passed and how it ended", async () => {
  await using service = startTestService({ verbose: true, prefix: "> " });
  const client = await Client.open(service.url("uppercase"), "chat");
  const begin = performance.now();
  const { now } = Date;
  try {
    await client.ask("ä".repeat(100));
    // Setting the clock back must not make the connection's time negative.
    Date.now = () => now() - 3_600_000;
    await client.ask(new Uint8Array(100));
    client.socket.close(4000, "bye");
    await client.closed;
    await service.log.waitFor("close");
  } finally {
    Date.now = now;
  }
  const [opened, ...others] = service.log.entries;
  const { remote, ...entry } = opened!;
  const identity = {
    id: 1,
    path: "/uppercase",
    origin: undefined,
    subprotocol: "chat",
  };
  assertEquals(entry, { event: "open", ...identity });
  assertMatch(`${remote}`, /^127\.0\.0\.1:\d+$/);
  const { seconds, ...closed } = others.pop()!;
  assertEquals(closed as unknown, {
    event: "close",
    ...identity,
    remote,
    code: 4000,
    reason: "bye",
    by: "client",
    error: undefined,
    received: 2,
    receivedBytes: 300,
    sent: 2,
    sentBytes: 302,
  });
  const most = Math.ceil(performance.now() - begin) / 1_000;
  assert(Number(seconds) >= 0 && Number(seconds) <= most, `${seconds} s`);
  assertEquals(
    others.map(({ direction, type, size, preview }) =>
      `${direction} ${type} ${size} ${preview}`
    ),
    [
      `in text 200 ${"ä".repeat(64)}`,
      `out text 202 > ${"Ä".repeat(62)}`,
      `in binary 100 ${"00".repeat(32)}`,
      `out binary 100 ${"00".repeat(32)}`,
    ],
  );
});

Deno.test("Connection delivers its close frame while the client goes on sending", async () => {
  await using service = startTestService();
  const query = "?close=4000&reason=enough&after=1";
  await Promise.all(Array.from({ length: 10 }, async () => {
    using client = await RawClient.connect(service.port, `/${query}`);
    for (let i = 0; i < 20; i++) {
      // Each in a turn of its own of the event loop, so that some come late.
      await new Promise((resolve) => setTimeout(resolve, 1));
      await client.send("more");
    }
    assertEquals(await client.next(), "more");
    assertEquals(await client.closed(), { code: 4000, reason: "enough" });
  }));
});

Deno.test("Connection delivers its close frame when the service ends while it drains", async () => {
  const service = startTestService({ verbose: true });
  using client = await RawClient.connect(service.port, "/?close=4000&after=1");
  // More than the system's buffers take: it drains until the client reads.
  await client.send(new Uint8Array(15 * MIB));
  await service.log.waitFor("message", 2);
  await service.shutdown(1);
  assertEquals((await client.closed()).code, 4000);
});

Deno.test("Connection closes with 1001 when no ping is answered any more, once", async () => {
  await using service = startTestService({ limits: { idleTimeout: 1 } });
  using client = await RawClient.connect(service.port);
  // It stays open for two whole timeouts, then misses the last answer.
  for (let i = 0; i < 5; i++) {
    const ping = await within(client.frame(), "a ping");
    assertEquals(ping?.opcode, OPCODE.ping);
    const pong = encodeFrame(OPCODE.pong, ping!.payload);
    if (i < 4) await client.sendBytes(pong);
  }
  // The answer to the close makes the platform fire "close" a second time.
  assertEquals((await client.closed()).code, 1001);
  await using other = await open(service);
  await other.ask("x");
  const closes = service.log.of("close");
  assertEquals(closes.map(({ code, by }) => [code, by]), [[1001, "server"]]);
  assertEquals(service.connectionCount, 1);
});

Deno.test("Connection puts the prefix before text replies only", async () => {
  await using service = startTestService({ prefix: "service: " });
  await using byDefault = await open(service);
  assertEquals(await byDefault.ask("a"), "service: a");
  assertEquals(await byDefault.ask(new Uint8Array(1)), new ArrayBuffer(1));
  await using chosen = await open(service, "?prefix=%C3%BCrl%3A%20");
  assertEquals(await chosen.ask("a"), "ürl: a");
});

Deno.test("Connection pushes numbered messages with the time", async () => {
  await using service = startTestService({ prefix: "no prefix: " });
  await using client = await open(service, "?push=10");
  for (let n = 1; n <= 3; n++) {
    const [number, time] = `${await client.next()}`.split(" ");
    assertEquals(number, `${n}`);
    assertEquals(new Date(time!).toISOString(), time);
  }
});

Deno.test("Connection discards delayed replies and timers when it ends", async () => {
  // A timer that is left makes the sanitizers fail this test.
  await using service = startTestService();
  const client = await open(service, "?delay=60000&push=3600000");
  client.send("never answered");
  client.socket.close(1000);
  await client.closed;
  const { received, sent } = await service.log.waitFor("close");
  assertEquals([received, sent], [1, 0]);
});

Deno.test("Connection closes after N replies, delayed or not, or once it is open", async () => {
  await using service = startTestService();
  for (const delay of [0, 20]) {
    const query = "?close=3001&reason=it%20is&after=3&info=1";
    const client = await open(service, `${query}&delay=${delay}`);
    for (let i = 0; i < 10; i++) client.send(`${i}`);
    // The description of the connection is no reply.
    assertMatch(`${await client.next()}`, /^\{/);
    for (let i = 0; i < 3; i++) assertEquals(await client.next(), `${i}`);
    const expected = { code: 3001, reason: "it is", clean: true };
    assertEquals(await client.closed, expected);
  }
  for (const query of ["?close=1013", "?close=1013&after=0&push=10"]) {
    const client = await open(service, query);
    const expected = { code: 1013, reason: "", clean: true };
    assertEquals(await client.closed, expected);
  }
  await service.log.waitFor("close", 4);
  const sent = service.log.of("close").map((entry) => entry.sent);
  assertEquals(sent, [4, 4, 0, 0]);
});

Deno.test("Connection describes itself first with info=1", async () => {
  await using service = startTestService();
  await using client = await open(service, "?info=1&delay=5&prefix=p");
  client.send("x");
  const info = JSON.parse(`${await client.next()}`);
  assertEquals([info.id, info.path], [1, "/"]);
  assertEquals([info.behaviour.delay, info.behaviour.prefix], [5, "p"]);
  assertEquals(info.headers.upgrade, "websocket");
  assertEquals(info.limits.maxConnections, 10_000);
  assertEquals(await client.next(), "px");
});

/** A connection whose socket does nothing, and what was done to its registry. */
function openFake() {
  const parameters = parametersOf("");
  const socket = {
    bufferedAmount: 0,
    codes: [] as number[],
    send(message: string) {
      this.bufferedAmount += message.length;
    },
    close(code: number) {
      this.codes.push(code);
    },
  };
  const log = new MemoryLog();
  const calls: string[] = [];
  const held = { reported: 0, limit: Infinity };
  const connection = new Connection(
    socket as unknown as WebSocket,
    {
      identity: {
        id: 1,
        path: "/",
        remote: "",
        origin: undefined,
        subprotocol: undefined,
      },
    },
    {
      limits: SETTINGS.limits.default,
      registry: {
        expect() {},
        add: () => calls.push("add"),
        delete: () => calls.push("delete"),
        abandon: () => calls.push("abandon"),
        changeHeld(connection, change) {
          held.reported += change;
          if (held.reported > held.limit) connection.close(1013, "too much");
        },
      },
      counters: new Tally().counters,
      log,
      headers: [],
      reportError(error) {
        throw error;
      },
    },
    (connection) =>
      new Replies(connection, {
        handler: echo,
        parameters,
        greeting: undefined,
      }),
  );
  const end = (init?: CloseEventInit) =>
    connection.handleEvent(new CloseEvent("close", init));
  connection.handleEvent(new Event("open"));
  /** The close entries: code, who closed, error. */
  const closes = () =>
    log.of("close").map(({ code, by, error }) => [code, by, error]);
  return { connection, socket, log, calls, held, end, closes };
}

Deno.test("Connection frees its place when the close is not answered", () => {
  using clock = new FakeClock();
  const { connection, socket, calls, end, closes } = openFake();
  connection.close(1001, "bye");
  assertEquals(connection.isCloseSent, false);
  clock.advance(DRAIN_MS);
  assertEquals([connection.isCloseSent, socket.codes], [true, [1001]]);
  assertEquals([calls, closes()], [["add"], []]);
  clock.advance(ANSWER_MS);
  const expected = [[1001, "server", "No answer to the close"]];
  assertEquals([calls, closes()], [["add", "abandon"], expected]);
  assertEquals(clock.timers.size, 0);
  // The platform ends it after all.
  end();
  assertEquals(calls, ["add", "abandon", "delete"]);
  assertEquals(closes(), expected);
});

Deno.test("Connection.terminate() logs the code that was sent, or none", () => {
  using clock = new FakeClock();
  const [sent, draining] = [openFake(), openFake()];
  sent.connection.close(1001, "bye");
  clock.advance(DRAIN_MS);
  draining.connection.close(1001, "bye");
  for (const { connection } of [sent, draining]) connection.terminate();
  assertEquals(sent.closes(), [[1001, "server", "No answer to the close"]]);
  assertEquals(draining.closes(), [[1006, "server", "bye"]]);
  assertEquals(draining.calls, ["add", "delete"]);
  assertEquals(clock.timers.size, 0);
});

Deno.test("Connection tells the registry what it holds, until it ends", () => {
  using clock = new FakeClock();
  const { connection, held, end } = openFake();
  const receive = (data: string) =>
    connection.handleEvent(new MessageEvent("message", { data }));
  receive("x".repeat(100_000));
  assertEquals(held.reported, 100_400);
  // The registry may close it at once.
  held.limit = 150_000;
  receive("x".repeat(100_000));
  receive("dropped");
  assertEquals(held.reported, 200_800);
  end({ code: 1000, wasClean: true });
  assertEquals([held.reported, clock.timers.size], [0, 0]);
});
