import { assert, assertEquals, assertMatch } from "@std/assert";
import { Client } from "./support/client.ts";
import { startTestService } from "./support/service.ts";
import { until } from "./support/wait.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  RawConnection,
} from "./support/raw_client.ts";

Deno.test("startService() tells its URLs", async () => {
  await using service = startTestService({
    paths: { echo: ["/a", "/b"], uppercase: [] },
  });
  const host = `127.0.0.1:${service.port}`;
  assertEquals(service.urls, {
    page: `http://${host}/`,
    endpoints: { echo: [`ws://${host}/a`, `ws://${host}/b`] },
  });
});

Deno.test("startService() tells a host that browsers can open for all addresses", async () => {
  await using service = startTestService({ hostname: "0.0.0.0" });
  assertEquals(service.urls.page, `http://localhost:${service.port}/`);
});

Deno.test("startService() listens on IPv6", async () => {
  await using service = startTestService({ hostname: "::1" });
  assertEquals(service.urls.page, `http://[::1]:${service.port}/`);
  await using client = await Client.open(`ws://[::1]:${service.port}/`);
  assertEquals(await client.ask("six"), "six");
  assertMatch(`${service.log.entries[0]?.remote}`, /^\[::1\]:\d+$/);
});

Deno.test("startService() keeps several services apart", async () => {
  await using one = startTestService({ prefix: "1" });
  await using other = startTestService({ prefix: "2" });
  await using first = await Client.open(one.urls.page.replace("http", "ws"));
  await using second = await Client.open(other.urls.page.replace("http", "ws"));
  assertEquals([await first.ask("x"), await second.ask("x")], ["1x", "2x"]);
  assertEquals([one.connectionCount, other.connectionCount], [1, 1]);
});

Deno.test("Service.shutdown() closes all with 1001, sends what waits, and ends", async () => {
  const service = startTestService({ verbose: true });
  const url = service.urls.page.replace("http", "ws");
  const clients = await Promise.all([1, 2, 3].map(() => Client.open(url)));
  const large = new Uint8Array(4_000_000);
  clients[0]!.send(large);
  await until(
    () => service.log.of("open").length === 3,
    "all connections are open",
  );
  await until(() => service.log.of("message").length > 0, "it has come");
  await service.shutdown();
  const reply = await clients[0]!.next() as ArrayBuffer;
  assertEquals(reply.byteLength, large.length);
  for (const { closed } of clients) {
    const { code, clean } = await closed;
    assertEquals([code, clean], [1001, true]);
  }
  assertEquals(service.connectionCount, 0);
  assertEquals(
    service.log.of("close").map(({ code, by }) => [code, by]),
    [[1001, "server"], [1001, "server"], [1001, "server"]],
  );
});

Deno.test("Service.shutdown() refuses newcomers with 503 while it waits for a stuck peer", async () => {
  const service = startTestService();
  // A peer that never answers the close frame.
  const stuck = await RawClient.connect(service.port);
  await service.log.waitFor("open");
  using early = await RawConnection.open(service.port);
  const ended = service.shutdown(1);
  const refused = await early.request(handshakeRequest());
  assertEquals(refused.status, 503);
  const late = await exchange(service.port, handshakeRequest());
  assertEquals(late.status, 503);
  assertEquals(late.headers.get("retry-after"), "1");
  await ended;
  const entry = service.log.of("close")[0]!;
  assertEquals([entry.code, entry.by], [1001, "server"]);
  assertEquals(service.connectionCount, 0);
  assertEquals((await stuck.closed()).code, 1001);
});

Deno.test("Service.shutdown() closes with 1001 those that are busy, too", async () => {
  const service = startTestService();
  const url = service.urls.page.replace("http", "ws");
  const payload = new Uint8Array(65_536);
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => Client.open(url)),
  );
  for (const { socket } of clients) {
    // Every reply is answered by another message.
    socket.addEventListener("message", () => socket.send(payload));
    for (let i = 0; i < 16; i++) socket.send(payload);
  }
  await Promise.all(clients.map((client) => client.next()));
  await service.shutdown();
  for (const { closed } of clients) assertEquals((await closed).code, 1001);
});

Deno.test("Service.shutdown() listens no longer, even when time has run out", async () => {
  const service = startTestService({ maxMemory: 1_000_000_000_000 });
  using _stuck = await RawClient.connect(service.port);
  await service.log.waitFor("open");
  await service.shutdown(0.1);
  const answer = exchange(service.port, handshakeRequest());
  assertEquals(await answer.then(() => "answers", () => "gone"), "gone");
  const [entry] = service.log.of("close");
  assertEquals([entry?.code, entry?.error], [1001, "No answer to the close"]);
});

Deno.test("startService() fails before it listens when the port is taken", async () => {
  await using service = startTestService();
  let message = "";
  try {
    startTestService({ port: service.port });
  } catch (error) {
    message = (error as Error).message;
  }
  assert(message.startsWith("Cannot listen on 127.0.0.1 port "));
});
