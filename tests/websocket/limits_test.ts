import { assert, assertEquals, assertMatch } from "@std/assert";
import { Client } from "../support/client.ts";
import { type Bytes, encodeFrame, OPCODE } from "../support/frames.ts";
import { testOnLinux as test } from "../support/platform.ts";
import { ServiceProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";

const MIB = 1_048_576;

/** Connects to a service that is a process of its own. */
function open({ port }: ServiceProcess, path = "/"): Promise<Client> {
  return Client.open(`ws://127.0.0.1:${port}${path}`);
}

Deno.test("Connection closes with 1009 beyond --max-message-size, by bytes", async () => {
  await using service = startTestService({ limits: { maxMessageSize: 10 } });
  for (const message of ["01234567é1", new Uint8Array(11)]) {
    const client = await Client.open(service.url("echo"));
    assertEquals(await client.ask("0123456789"), "0123456789");
    const binary = new ArrayBuffer(10);
    assertEquals(await client.ask(binary), binary);
    client.send(message);
    const reason = "Message of 11 bytes, the limit is 10";
    assertEquals(await client.closed, { code: 1009, reason, clean: true });
  }
  using client = await RawClient.connect(service.port);
  await client.sendBytes(
    encodeFrame(OPCODE.text, "0123456", { fin: false }),
    encodeFrame(OPCODE.continuation, "789!"),
  );
  assertEquals((await client.closed()).code, 1009);
});

Deno.test("Connection closes with 1013 beyond --max-buffered, delayed replies included", async () => {
  // Each reply that waits counts 400 bytes besides.
  await using service = startTestService({ limits: { maxBuffered: 410 } });
  const url = service.url("echo");
  await using full = await Client.open(`${url}?delay=20`);
  for (const message of ["123456", "1234"]) full.send(message);
  assertEquals([await full.next(), await full.next()], ["123456", "1234"]);

  const client = await Client.open(`${url}?delay=60000`);
  for (const message of ["123456", "1234", "x"]) client.send(message);
  const reason = "Replies are not read fast enough";
  assertEquals(await client.closed, { code: 1013, reason, clean: true });
  // The description of the connection alone is longer; nothing follows it.
  const greeted = await Client.open(`${url}?info=1&push=10`);
  assertEquals((await greeted.closed).code, 1013);
  assertEquals((await service.log.waitFor("close", 2)).sent, 0);
});

const BROKEN: Record<string, Uint8Array> = {
  "reserved bits": encodeFrame(OPCODE.text, "x", { rsv: 4 }),
  "an unknown opcode": encodeFrame(3, "x"),
  "bad UTF-8": encodeFrame(OPCODE.text, new Uint8Array([0xc3, 0x28])),
  "a fragmented ping": encodeFrame(OPCODE.ping, "x", { fin: false }),
  "a frame of 64 MiB": encodeFrame(OPCODE.binary, "x", { length: 64 * MIB }),
};

Deno.test("Connection ends alone, with 1006 in the log, when its frames are broken", async () => {
  await using service = startTestService();
  await using other = await Client.open(service.url("echo"));
  for (const [i, [name, frame]] of Object.entries(BROKEN).entries()) {
    using client = await RawClient.connect(service.port);
    await client.sendBytes(frame);
    assertEquals(await client.closed(), { code: 1006, reason: "" }, name);
    const entry = await service.log.waitFor("close", i + 1);
    assertEquals([entry.code, entry.by], [1006, "network"]);
    assert(typeof entry.error === "string" && entry.error !== "", name);
    assertEquals(await other.ask("fine"), "fine");
    assertEquals(service.connectionCount, 1);
  }
});

const LIMITED = ["--max-buffered", "16MiB"];

/** Floods of clients that read nothing, and the memory that they may take. */
const FLOODS: [
  name: string,
  message: Bytes,
  count: number,
  peak: number,
][] = [
  // 45 MiB of runtime, 16 MiB of replies, and some room.
  ["1 MiB", new Uint8Array(MIB), 200, 160],
  // About 1 KiB for each of the 42,000 replies that may wait.
  ["one byte", new Uint8Array(1), 3_000_000, 250],
];

for (const [name, message, count, limit] of FLOODS) {
  test(`Connection closes with 1013 when its replies are not read, of ${name}`, async () => {
    await using service = await ServiceProcess.start({ args: LIMITED });
    const client = await RawClient.connect(service.port);
    const frame = encodeFrame(OPCODE.binary, message);
    const perBatch = Math.ceil(MIB / 8 / frame.length);
    const batch = await new Blob(Array(perBatch).fill(frame)).bytes();
    try {
      for (let i = 0; i < count; i += perBatch) await client.sendBytes(batch);
    } catch (error) {
      // A flood that does not end in time is cut off.
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
    const peak = service.memory("peak") / MIB;
    assert(peak < limit, `peak of ${peak} MiB`);
    await using other = await open(service);
    assertEquals(await other.ask("meanwhile"), "meanwhile");
    // The close frame follows what was buffered, if the client reads again.
    if (message.length > 1) assertEquals((await client.closed()).code, 1013);
    else client.connection.close();
    // Or the client has left before the frame did.
    assertMatch(
      await service.line(/ close id=1 /),
      /(code=1013 reason|error)="Replies are not read fast enough"/,
    );
  });
}

test("Connection frees the memory of large messages, replied to or not", async () => {
  await using service = await ServiceProcess.start({ args: LIMITED });
  const payload = new Uint8Array(MIB);
  await Promise.all(Array.from({ length: 4 }, async () => {
    await using client = await open(service);
    for (let i = 0; i < 100; i++) {
      const reply = await client.ask(payload);
      assertEquals((reply as ArrayBuffer).byteLength, MIB);
    }
  }));
  const peakOfReplies = service.memory("peak") / MIB;
  assert(peakOfReplies < 200, `peak of ${peakOfReplies} MiB`);

  const large = new Uint8Array(15 * MIB).fill(0xff);
  for (let i = 0; i < 25; i++) {
    const unreadable = await open(service, "/uppercase");
    unreadable.send(large);
    assertEquals((await unreadable.closed).code, 1007);
    const delayed = await open(service, "/?delay=60000");
    delayed.send(large);
    delayed.send(large);
    assertEquals((await delayed.closed).code, 1013);
  }
  const peak = service.memory("peak") / MIB;
  assert(peak < 250, `peak of ${peak} MiB`);
});
