import { assert, assertEquals, assertMatch } from "@std/assert";
import { Connections } from "../handlers/connections.ts";
import { DEFAULT_LIMITS } from "../handlers/limits.ts";
import { type Handler, openSession } from "../handlers/session.ts";
import { closePayload, encodeFrame, OPCODE } from "./support/frames.ts";
import { Client } from "./support/client.ts";
import { ServiceProcess } from "./support/process.ts";
import { MemoryLog, startTestService } from "./support/service.ts";
import { until, within } from "./support/wait.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  RawConnection,
} from "./support/raw_client.ts";
import { ResetSocket } from "./support/reset_socket.ts";

const MIB = 1_048_576;

function urlOf(port: number, path = "/") {
  return `ws://127.0.0.1:${port}${path}`;
}

/** Serves one handler by openSession() itself, on a free port. */
function serveHandler(handler: Handler) {
  const log = new MemoryLog();
  const errors: unknown[] = [];
  const context = {
    limits: DEFAULT_LIMITS,
    connections: new Connections(10),
    log,
    headers: [],
    reportError: (error: unknown) => errors.push(error),
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) =>
      openSession(request, {
        peer: {
          id: 1,
          path: "/",
          remote: "",
          origin: undefined,
          subprotocol: undefined,
        },
        handler,
        behaviour: { prefix: "", delay: 0, push: 0, info: false },
        greeting: undefined,
      }, context),
  );
  return {
    port: server.addr.port,
    errors,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("openSession() echoes text, binary and empty messages in order", async () => {
  await using service = startTestService();
  await using client = await Client.open(urlOf(service.port));
  client.send("");
  client.send("größer 🙂");
  client.send(new Uint8Array([0, 255, 128]));
  client.send(new Uint8Array(0));
  client.send("x".repeat(100_000));
  assertEquals(await client.next(), "");
  assertEquals(await client.next(), "größer 🙂");
  assertEquals(await client.next(), new Uint8Array([0, 255, 128]).buffer);
  assertEquals(await client.next(), new ArrayBuffer(0));
  assertEquals(await client.next(), "x".repeat(100_000));
});

Deno.test("openSession() reassembles fragments with control frames in between", async () => {
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

for (
  const [code, reason] of [
    [1000, "done"],
    [4321, "größer"],
    [3000, ""],
    [1001, "x".repeat(123)],
    [undefined, undefined],
  ] as const
) {
  Deno.test(`openSession() answers the client's close ${code} as it was sent`, async () => {
    await using service = startTestService();
    using client = await RawClient.connect(service.port);
    await client.sendClose(code, reason);
    assertEquals(await client.closed(), {
      code: code ?? 1005,
      reason: reason ?? "",
    });
    const entry = await service.log.waitFor("close");
    assertEquals([entry.code, entry.reason, entry.by], [
      code ?? 1005,
      reason ?? "",
      "client",
    ]);
  });
}

Deno.test("openSession() logs who came, what passed and how it ended", async () => {
  await using service = startTestService();
  const client = await Client.open(urlOf(service.port, "/uppercase"), "chat");
  assertEquals(await client.ask("äß"), "ÄSS");
  await client.ask(new Uint8Array(10));
  client.socket.close(4000, "bye");
  await client.closed;
  const open = await service.log.waitFor("open");
  assertEquals(open.id, 1);
  assertEquals(open.path, "/uppercase");
  assertEquals(open.subprotocol, "chat");
  assertMatch(`${open.remote}`, /^127\.0\.0\.1:\d+$/);
  const close = await service.log.waitFor("close");
  assertEquals(close.remote, open.remote);
  assertEquals([close.received, close.receivedBytes], [2, 14]);
  assertEquals([close.sent, close.sentBytes], [2, 14]);
  assertEquals([close.code, close.reason, close.by], [4000, "bye", "client"]);
  assert(typeof close.seconds === "number" && close.seconds >= 0);
});

Deno.test("openSession() logs every message when asked to", async () => {
  await using service = startTestService({ verbose: true, prefix: "> " });
  await using client = await Client.open(urlOf(service.port));
  await client.ask("x".repeat(100));
  await client.ask(new Uint8Array(100).fill(255));
  assertEquals(
    service.log.of("message").map((entry) => [
      entry.direction,
      entry.type,
      entry.size,
      entry.preview,
    ]),
    [
      ["in", "text", 100, "x".repeat(64)],
      ["out", "text", 102, "> " + "x".repeat(62)],
      ["in", "binary", 100, "ff".repeat(32)],
      ["out", "binary", 100, "ff".repeat(32)],
    ],
  );
});

Deno.test("openSession() closes 1011 when a handler fails, and serves the others", async () => {
  await using server = serveHandler((message) => {
    if (message === "boom") throw new Error("unforeseen");
    return message;
  });
  await using other = await Client.open(urlOf(server.port));
  const client = await Client.open(urlOf(server.port));
  client.send("boom");
  assertEquals((await client.closed).code, 1011);
  assertEquals(server.errors.map(String), ["Error: unforeseen"]);
  assertEquals(await other.ask("still here"), "still here");
});

Deno.test("openSession() closes 1007 where an endpoint cannot read the payload", async () => {
  await using service = startTestService();
  const client = await Client.open(urlOf(service.port, "/uppercase"));
  const valid = new TextEncoder().encode("straße");
  assertEquals(
    await client.ask(valid),
    new TextEncoder().encode("STRASSE").buffer,
  );
  client.send(new Uint8Array([0x61, 0xff]));
  assertEquals(await client.closed, {
    code: 1007,
    reason: "Cannot uppercase the message: its bytes are not valid UTF-8",
    clean: true,
  });
  assertEquals(service.errors, []);
});

Deno.test("openSession() keeps the listener when a header cannot be added", async () => {
  await using service = startTestService({ headers: [["not a name", "x"]] });
  // What the upgrade left behind is of no interest, but others can connect.
  for (let i = 1; i <= 2; i++) {
    using client = await RawClient.connect(service.port);
    assertEquals(client.response.status, 101);
    assertEquals(service.errors.length, i);
  }
});

Deno.test("openSession() leaks no descriptor for clients that leave during the handshake", async () => {
  await using service = await ServiceProcess.start();
  const leave = async () => {
    const connection = await RawConnection.open(service.port);
    await connection.write(handshakeRequest());
    connection.close();
  };
  for (let i = 0; i < 20; i++) await leave();
  const serveOne = async () => {
    using client = await RawClient.connect(service.port);
    await client.send("here");
    assertEquals(await client.next(), "here");
    await client.sendClose(1000);
    await client.closed();
  };
  await serveOne();
  const before = service.descriptors();
  for (let i = 0; i < 200; i++) await leave();
  await serveOne();
  await until(
    () => service.descriptors() <= before + 5,
    `descriptors are back to ${before}`,
  );
});

Deno.test("openSession() leaks nothing for an Upgrade of several lines", async () => {
  await using service = await ServiceProcess.start();
  const handshake = handshakeRequest({
    replace: { upgrade: "h2c" },
    headers: [["Upgrade", "websocket"]],
  });
  await exchange(service.port, handshake);
  const before = service.descriptors();
  for (let i = 0; i < 50; i++) {
    await within(exchange(service.port, handshake), "an answer");
  }
  await until(
    () => service.descriptors() <= before + 5,
    `descriptors are back to ${before}`,
  );
  assertEquals(await service.stop(), 0);
  assertEquals(service.errorLines, []);
});

Deno.test("openSession() counts no client that is reset during the handshake", async () => {
  // In a process of its own: each of them leaves an operation without an end
  // in the platform.
  await using service = await ServiceProcess.start({
    args: ["--max-connections", "5"],
  });
  for (let i = 0; i < 30; i++) {
    const socket = await ResetSocket.open(service.port);
    await socket.write(handshakeRequest());
    await socket.reset();
  }
  // Some have had the time to open: they count until they are closed.
  await until(
    () => {
      const count = (event: string) =>
        service.lines.filter((line) => line.includes(` ${event} id=`)).length;
      return count("open") === count("close");
    },
    "all that opened have closed",
  );
  const clients = await Promise.all(
    [1, 2, 3, 4, 5].map(() => Client.open(urlOf(service.port))),
  );
  for (const client of clients) {
    assertEquals(await client.ask("room?"), "room?");
    await client[Symbol.asyncDispose]();
  }
});

Deno.test("openSession() delivers its close frame while the client goes on sending", async () => {
  await using service = startTestService();
  for (let i = 0; i < 20; i++) {
    using client = await RawClient.connect(
      service.port,
      "/?close=4000&reason=enough&after=1",
    );
    const message = encodeFrame(OPCODE.text, "more");
    await client.sendBytes(...Array(50).fill(message));
    assertEquals(await client.next(), "more");
    assertEquals(await client.closed(), { code: 4000, reason: "enough" });
  }
});

Deno.test("openSession() tears down once when idle, and logs 1001 by the server", async () => {
  await using service = startTestService({ limits: { idleTimeout: 1 } });
  using client = await RawClient.connect(service.port);
  const ping = await client.frame();
  assertEquals(ping?.opcode, OPCODE.ping);
  // The answer to the close makes the platform fire "close" a second time.
  assertEquals((await client.closed()).code, 1001);
  await using other = await Client.open(urlOf(service.port));
  await other.ask("x");
  const closes = service.log.of("close");
  assertEquals(closes.map(({ code, by }) => [code, by]), [[1001, "server"]]);
  assertEquals(service.connectionCount, 1);
});

Deno.test("openSession() keeps a connection that answers pings", async () => {
  await using service = startTestService({ limits: { idleTimeout: 1 } });
  using client = await RawClient.connect(service.port);
  for (let i = 0; i < 4; i++) {
    const frame = await client.frame();
    assertEquals(frame?.opcode, OPCODE.ping);
    await client.sendBytes(encodeFrame(OPCODE.pong, frame!.payload));
  }
  await client.send("after two whole timeouts");
  assertEquals(await client.next(), "after two whole timeouts");
});

const TEN = { limits: { maxMessageSize: 10 } };

Deno.test("openSession() closes 1009 beyond --max-message-size, by bytes", async () => {
  await using service = startTestService(TEN);
  for (const message of ["01234567é1", new Uint8Array(11)]) {
    const client = await Client.open(urlOf(service.port));
    assertEquals(await client.ask("0123456789"), "0123456789");
    assertEquals(
      await client.ask(new Uint8Array(10)),
      new Uint8Array(10).buffer,
    );
    client.send(message);
    assertEquals(await client.closed, {
      code: 1009,
      reason: "Message of 11 bytes, the limit is 10",
      clean: true,
    });
  }
});

Deno.test("openSession() applies --max-message-size to the sum of fragments", async () => {
  await using service = startTestService(TEN);
  using client = await RawClient.connect(service.port);
  await client.sendBytes(
    encodeFrame(OPCODE.text, "0123456", { fin: false }),
    encodeFrame(OPCODE.continuation, "789!"),
  );
  assertEquals((await client.closed()).code, 1009);
});

const BROKEN: [name: string, frames: Uint8Array[]][] = [
  ["reserved bits", [encodeFrame(OPCODE.text, "x", { rsv: 4 })]],
  ["an unknown opcode", [encodeFrame(3, "x")]],
  ["bad UTF-8", [encodeFrame(OPCODE.text, new Uint8Array([0xc3, 0x28]))]],
  ["a fragmented ping", [encodeFrame(OPCODE.ping, "x", { fin: false })]],
  ["a frame of 64 MiB", [
    encodeFrame(OPCODE.binary, "x", { length: 64 * MIB }),
  ]],
];
for (const [name, frames] of BROKEN) {
  Deno.test(`openSession() loses only the connection that sends ${name}`, async () => {
    await using service = startTestService();
    await using other = await Client.open(urlOf(service.port));
    using client = await RawClient.connect(service.port);
    await client.sendBytes(...frames);
    assertEquals(await client.closed(), { code: 1006, reason: "" });
    const entry = await service.log.waitFor("close");
    assertEquals([entry.code, entry.by], [1006, "network"]);
    assert(typeof entry.error === "string" && entry.error !== "");
    assertEquals(await other.ask("fine"), "fine");
    assertEquals(service.connectionCount, 1);
  });
}

Deno.test("openSession() closes with 1013 a client that sends 200 MB and reads nothing", async () => {
  await using service = await ServiceProcess.start();
  const client = await RawClient.connect(service.port);
  const message = encodeFrame(OPCODE.binary, new Uint8Array(MIB));
  for (let i = 0; i < 200; i++) await client.sendBytes(message);
  const peak = service.memory("peak");
  // 45 MiB of runtime, 16 MiB of replies, and some room.
  assert(peak < 160 * MIB, `peak of ${peak / MIB} MiB`);

  await using other = await Client.open(urlOf(service.port));
  assertEquals(await other.ask("meanwhile"), "meanwhile");
  // The close frame follows what was buffered, for who reads again.
  assertEquals((await client.closed()).code, 1013);
  assertMatch(await service.line(/ close id=1 /), /code=1013 .* by=server/);
});

Deno.test("openSession() bounds the memory of a flood of small messages that reads nothing", async () => {
  await using service = await ServiceProcess.start();
  const client = await RawClient.connect(service.port);
  const message = encodeFrame(OPCODE.text, "x");
  const batch = await new Blob(Array(25_000).fill(message)).bytes();
  try {
    for (let i = 0; i < 120; i++) await client.sendBytes(batch);
  } catch (error) {
    // A flood that does not end in time is cut off.
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  const peak = service.memory("peak");
  // 1 KiB for each that may wait.
  assert(peak < 500 * MIB, `peak of ${peak / MIB} MiB`);
  await using other = await Client.open(urlOf(service.port));
  assertEquals(await other.ask("meanwhile"), "meanwhile");
  client.connection.close();
  assertMatch(await service.line(/ close id=1 /), /code=1013 .* by=server/);
});

Deno.test("openSession() logs how it ended, not how it was to end", async () => {
  await using service = startTestService({ limits: { maxBuffered: 10 } });
  using client = await RawClient.connect(service.port, "/?delay=1000");
  await client.sendBytes(
    encodeFrame(OPCODE.text, "more than 10 bytes"),
    encodeFrame(OPCODE.close, closePayload(4321, "I was first")),
  );
  assertEquals((await client.closed()).code, 4321);
  const entry = await service.log.waitFor("close");
  assertEquals([entry.code, entry.by], [4321, "client"]);
  assertEquals(entry.error, "Replies are not read fast enough");
});

Deno.test("openSession() echoes a long burst of small messages to a client that reads", async () => {
  await using service = startTestService();
  await using client = await Client.open(urlOf(service.port));
  for (let i = 0; i < 100_000; i++) client.send(`${i}`);
  for (let i = 0; i < 100_000; i++) assertEquals(await client.next(), `${i}`);
});

Deno.test("openSession() gives the memory of 1 MiB messages back at once", async () => {
  await using service = await ServiceProcess.start();
  const payload = new Uint8Array(MIB);
  await Promise.all(Array.from({ length: 4 }, async () => {
    await using client = await Client.open(urlOf(service.port));
    for (let i = 0; i < 100; i++) {
      const reply = await client.ask(payload);
      assertEquals((reply as ArrayBuffer).byteLength, MIB);
    }
  }));
  const peak = service.memory("peak");
  assert(peak < 200 * MIB, `peak of ${peak / MIB} MiB`);
});

Deno.test("openSession() gives the memory of messages without a reply back, too", async () => {
  await using service = await ServiceProcess.start();
  const payload = new Uint8Array(15 * MIB).fill(0xff);
  for (let i = 0; i < 25; i++) {
    const unreadable = await Client.open(urlOf(service.port, "/uppercase"));
    unreadable.send(payload);
    assertEquals((await unreadable.closed).code, 1007);
    const delayed = await Client.open(urlOf(service.port, "/?delay=60000"));
    delayed.send(payload);
    delayed.send(payload);
    assertEquals((await delayed.closed).code, 1013);
  }
  const peak = service.memory("peak");
  assert(peak < 250 * MIB, `peak of ${peak / MIB} MiB`);
});

Deno.test("openSession() puts the prefix before text replies only", async () => {
  await using service = startTestService({ prefix: "service: " });
  await using byDefault = await Client.open(urlOf(service.port));
  assertEquals(await byDefault.ask("a"), "service: a");
  assertEquals(await byDefault.ask(new Uint8Array(1)), new ArrayBuffer(1));
  await using chosen = await Client.open(
    urlOf(service.port, "/uppercase?prefix=%C3%BCrl%3A%20"),
  );
  assertEquals(await chosen.ask("a"), "ürl: A");
  await using none = await Client.open(urlOf(service.port, "/?prefix="));
  assertEquals(await none.ask("a"), "a");
});

Deno.test("openSession() delays every reply and keeps the order", async () => {
  await using service = startTestService();
  await using client = await Client.open(urlOf(service.port, "/?delay=200"));
  const begin = performance.now();
  client.send("1");
  client.send(new Uint8Array([2]));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const later = performance.now();
  client.send("3");
  assertEquals(await client.next(), "1");
  // Timers of two processes, or clocks, may differ by a millisecond.
  assert(performance.now() - begin >= 199);
  assertEquals(await client.next(), new Uint8Array([2]).buffer);
  assertEquals(await client.next(), "3");
  assert(performance.now() - later >= 199);
});

Deno.test("openSession() begins nothing when the first message finds no room", async () => {
  await using service = startTestService({ limits: { maxBuffered: 10 } });
  const client = await Client.open(urlOf(service.port, "/?info=1&push=10"));
  assertEquals((await client.closed).code, 1013);
  const entry = await service.log.waitFor("close");
  assertEquals([entry.sent, entry.code], [0, 1013]);
});

Deno.test("openSession() counts delayed replies as buffered", async () => {
  await using service = startTestService({ limits: { maxBuffered: 1_000 } });
  const client = await Client.open(urlOf(service.port, "/?delay=60000"));
  client.send("x".repeat(600));
  client.send("x".repeat(400));
  client.send("x");
  const { code, reason } = await client.closed;
  assertEquals([code, reason], [1013, "Replies are not read fast enough"]);
});

Deno.test("openSession() bounds the number of delayed replies, even of empty ones", async () => {
  await using service = startTestService();
  const client = await Client.open(urlOf(service.port, "/?delay=60000"));
  for (let i = 0; i < 262_145; i++) client.send("");
  assertEquals((await client.closed).code, 1013);
});

Deno.test("openSession() drops delayed replies and timers with the connection", async () => {
  // A timer that survived would fail this test by its sanitizers.
  await using service = startTestService();
  const client = await Client.open(
    urlOf(service.port, "/?delay=60000&push=3600000"),
  );
  client.send("never answered");
  client.socket.close(1000);
  await client.closed;
  const entry = await service.log.waitFor("close");
  assertEquals([entry.received, entry.sent], [1, 0]);
});

Deno.test("openSession() pushes numbered messages with the time", async () => {
  await using service = startTestService({ prefix: "no prefix: " });
  await using client = await Client.open(urlOf(service.port, "/?push=10"));
  for (let n = 1; n <= 3; n++) {
    const [number, time] = `${await client.next()}`.split(" ");
    assertEquals(number, `${n}`);
    assertEquals(new Date(time!).toISOString(), time);
  }
});

Deno.test("openSession() closes once open with after=0, the default", async () => {
  await using service = startTestService();
  for (const query of ["close=4100&reason=at%20once", "close=1013&after=0"]) {
    const client = await Client.open(urlOf(service.port, `/?${query}`));
    const parameters = new URLSearchParams(query);
    assertEquals(await client.closed, {
      code: Number(parameters.get("close")),
      reason: parameters.get("reason") ?? "",
      clean: true,
    });
  }
});

Deno.test("openSession() closes after N answers, delayed ones too", async () => {
  await using service = startTestService();
  for (const delay of [0, 20]) {
    const client = await Client.open(
      urlOf(service.port, `/?close=3001&after=3&delay=${delay}`),
    );
    for (let i = 0; i < 10; i++) client.send(`${i}`);
    assertEquals(
      [await client.next(), await client.next(), await client.next()],
      ["0", "1", "2"],
    );
    assertEquals((await client.closed).code, 3001);
  }
  await service.log.waitFor("close", 2);
  assertEquals(service.log.of("close").map((entry) => entry.sent), [3, 3]);
});

Deno.test("openSession() describes the connection first with info=1", async () => {
  await using service = startTestService({
    headers: [["X-Served-By", "test"]],
  });
  using client = await RawClient.connect(service.port, {
    path: "/uppercase/?info=1&delay=5&close=4000&after=1&prefix=p",
    headers: [
      ["Authorization", "Basic c2VjcmV0"],
      ["Cookie", "session=secret"],
      ["Proxy-Authorization", "Basic c2VjcmV0"],
      ["X-Forwarded-For", "192.0.2.1"],
      ["Sec-WebSocket-Protocol", "chat"],
    ],
  });
  await client.send("x");
  const text = await client.next() as string;
  assert(!text.includes("secret") && !text.includes("c2VjcmV0"));
  const info = JSON.parse(text);
  assertEquals(info.id, 1);
  assertEquals(info.path, "/uppercase/");
  assertEquals(info.subprotocol, "chat");
  assertEquals(info.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  assertEquals(info.headers["x-forwarded-for"], "192.0.2.1");
  assertEquals(info.headers.cookie, "(withheld)");
  assertEquals(info.behaviour, {
    prefix: "p",
    delay: 5,
    push: 0,
    close: { code: 4000, reason: "", after: 1 },
    info: true,
  });
  assertEquals(info.limits, DEFAULT_LIMITS);
  assertEquals(await client.next(), "pX");
  assertEquals((await client.closed()).code, 4000);
});
