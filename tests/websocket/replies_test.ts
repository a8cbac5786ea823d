import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createRandom } from "../../handlers/websocket/random.ts";
import { Client } from "../support/client.ts";
import { OPCODE } from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";
import { within } from "../support/wait.ts";

/** The parameters that change which replies leave, and in what order. */
interface Given {
  prefix?: string;
  drop?: number;
  seed: number;
  repeat?: number;
  delay?: number;
  jitter?: number;
  rate?: number;
  mute?: number;
  close?: number;
  after?: number;
}

/** What leaves, by the documented order, and whether the server then closes. */
function predict(given: Given, messages: string[]) {
  const { prefix = "", drop = 0, repeat = 1, mute, close, after = 0 } = given;
  const random = createRandom(given.seed, "drop");
  const replies = messages
    .filter(() => random() * 100 >= drop)
    .flatMap((message) => Array<string>(repeat).fill(prefix + message));
  const isMutedFirst = mute !== undefined && mute < after;
  const closes = close !== undefined && !isMutedFirst &&
    after <= replies.length;
  const leave = Math.min(mute ?? Infinity, closes ? after : Infinity);
  return { replies: replies.slice(0, leave), closes };
}

Deno.test("the parameters of replies combine in the documented order", async () => {
  await using service = startTestService();
  const few = fc.nat(4);
  const given = fc.record<Given>({
    seed: fc.nat(1_000),
    prefix: fc.constantFrom("", "> "),
    drop: fc.constantFrom(0, 30, 100),
    repeat: fc.integer({ min: 1, max: 3 }),
    delay: few,
    jitter: few,
    rate: fc.integer({ min: 10_000, max: 100_000 }),
    mute: few,
    close: fc.constantFrom(1000, 4000),
    after: few,
  }, { requiredKeys: ["seed"] });
  const messages = fc.array(
    fc.string({ maxLength: 5, unit: "grapheme-ascii" }),
  );
  await fc.assert(
    fc.asyncProperty(given, messages, async (given, messages) => {
      const { replies, closes } = predict(given, messages);
      const query = new URLSearchParams(
        Object.entries(given).map(([name, value]) => [name, `${value}`]),
      );
      const client = await Client.open(`${service.url("echo")}?${query}`);
      for (const message of messages) client.send(message);
      for (const reply of replies) assertEquals(await client.next(), reply);
      const logged = service.log.of("close").length;
      if (!closes) client.socket.close(1000);
      const { code } = await client.closed;
      assertEquals(code, closes ? given.close : 1000);
      const { sent } = await service.log.waitFor("close", logged + 1);
      assertEquals(sent, replies.length);
    }),
    { numRuns: 50 },
  );
});

Deno.test("drop with a seed drops the same replies in every connection", async () => {
  await using service = startTestService();
  for (let connection = 0; connection < 2; connection++) {
    await using client = await Client.open(
      `${service.url("echo")}?drop=50&seed=7&jitter=1`,
    );
    const kept = new Set<unknown>();
    for (let i = 0; i < 20; i++) client.send(`${i}`);
    while (!kept.has("19")) kept.add(await client.next());
    const pattern = Array.from(
      { length: 20 },
      (_, i) => kept.has(`${i}`) ? 1 : 0,
    );
    // Part of the interface: tests of clients rely on it.
    assertEquals(pattern.join(""), "01011001100010001111");
  }
});

Deno.test("repeat gives each binary reply as often, and counts what waits", async () => {
  await using service = startTestService({ limits: { maxBuffered: 100_000 } });
  const url = service.url("uppercase");
  await using client = await Client.open(`${url}?repeat=3&delay=1`);
  for (const size of [3, 5_000]) {
    client.send(new Uint8Array(size).fill(97));
    for (let i = 0; i < 3; i++) {
      const reply = new Uint8Array(await client.next() as ArrayBuffer);
      assertEquals(reply, new Uint8Array(size).fill(65));
    }
  }
  const flooded = await Client.open(`${url}?repeat=100&rate=1`);
  flooded.send(new Uint8Array(1_000));
  assertEquals((await flooded.closed).code, 1013);
});

Deno.test("rate holds replies back that would exceed it", async () => {
  await using service = startTestService();
  const client = await Client.open(`${service.url("echo")}?rate=1`);
  client.send("");
  assertEquals(await client.next(), "", "it takes no time");
  client.send("x".repeat(100_000));
  client.socket.close(1000);
  await client.closed;
  assertEquals((await service.log.waitFor("close")).sent, 1);
});

Deno.test("mute keeps the connection open, in silence", async () => {
  await using service = startTestService();
  const url = service.url("echo");
  const cases: [query: string, replies: string[]][] = [
    ["mute=0&info=1&push=10", []],
    ["mute=2", ["0", "1"]],
    ["mute=3&repeat=2", ["0", "0", "1"]],
  ];
  for (const [query, replies] of cases) {
    const client = await Client.open(`${url}?${query}`);
    const logged = service.log.of("close").length;
    for (let i = 0; i < 5; i++) client.send(`${i}`);
    for (const reply of replies) assertEquals(await client.next(), reply);
    client.socket.close(4000);
    assertEquals((await client.closed).code, 4000);
    const { sent, received } = await service.log.waitFor("close", logged + 1);
    assertEquals([sent, received], [replies.length, 5]);
  }
  const pushing = await Client.open(`${url}?mute=1&push=10`);
  let sent = 2;
  await pushing.next();
  pushing.send("x");
  while (await pushing.next() !== "x") sent++;
  await new Promise((resolve) => setTimeout(resolve, 50));
  pushing.socket.close(1000);
  await pushing.closed;
  assertEquals((await service.log.waitFor("close", 4)).sent, sent);
});

Deno.test("size makes pushed messages binary, of the documented pattern", async () => {
  await using service = startTestService();
  for (const size of [1, 300, 1_048_576]) {
    const url = `${service.url("echo")}?push=10&size=${size}`;
    await using client = await Client.open(url);
    for (let n = 1; n <= 3; n++) {
      const expected = Uint8Array.from(
        { length: size },
        (_, i) => (n + i) % 251,
      );
      const pushed = new Uint8Array(await client.next() as ArrayBuffer);
      assertEquals(pushed.length, size);
      assertEquals(pushed.findIndex((byte, i) => byte !== expected[i]), -1);
    }
  }
});

Deno.test("idle shortens the idle timeout, and never makes it longer", async () => {
  const closed = async (idleTimeout: number, idle: number) => {
    await using service = startTestService({ limits: { idleTimeout } });
    using client = await RawClient.connect(service.port, `/?idle=${idle}`);
    const ping = await within(client.frame(), "a ping");
    assertEquals(ping?.opcode, OPCODE.ping);
    return (await client.closed()).code;
  };
  const codes = await Promise.all([
    closed(0, 1),
    closed(600, 1),
    closed(1, 600),
  ]);
  assertEquals(codes, [1001, 1001, 1001]);
});
