import { assert, assertEquals, assertMatch } from "@std/assert";
import { Supervisor } from "../../handlers/workers/supervisor.ts";
import { Client } from "../support/client.ts";
import { FakeMemory } from "../support/fake_memory.ts";
import { exchange, RawClient, RawConnection } from "../support/raw_client.ts";
import { MemoryLog, startTestService } from "../support/service.ts";
import { until, within } from "../support/wait.ts";

const REQUEST = "GET /?health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/** The status of the health, and what it says. */
async function healthOf(port: number) {
  const { status, headers, body } = await exchange(port, REQUEST);
  assertEquals(headers.get("cache-control"), "no-store");
  assertEquals(headers.get("content-type"), "application/json");
  return { code: status, ...JSON.parse(body) };
}

Deno.test("/?health tells what is in use, also below a prefix and to HTTP/1.0", async () => {
  using memory = new FakeMemory(300_000_000);
  const limits = { maxConnections: 7 };
  await using service = startTestService({ version: "1.2.3", limits });
  const { port } = service;
  await using _client = await Client.open(service.url("echo"));
  await service.log.waitFor("open");
  const health = {
    status: "ok",
    version: "1.2.3",
    workers: 1,
    connections: 1,
    maxConnections: 7,
    memory: memory.now,
  };
  assertEquals(await healthOf(port), { code: 200, ...health });
  for (const target of ["/ws/?health", "/?health=1", "/?x=1&health"]) {
    const response = await fetch(`http://127.0.0.1:${port}${target}`);
    assertEquals([response.status, await response.json()], [200, health]);
  }
  const old = await exchange(port, "GET /?health HTTP/1.0\r\n\r\n");
  assertEquals([old.status, JSON.parse(old.body)], [200, health]);
  const init = { method: "HEAD", headers: { "If-None-Match": "*" } };
  const head = await fetch(`${service.urls.page}?health`, init);
  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals(head.headers.get("content-length"), `${old.body.length}`);
  assertEquals(service.log.entries.length, 1, "only the client is logged");
});

Deno.test("/?health is no endpoint, and no other request is one for it", async () => {
  await using service = startTestService();
  for (const target of ["", "?healthy", "echo?health", "health"]) {
    const response = await fetch(service.urls.page + target);
    assertMatch(response.headers.get("content-type") ?? "", /^text\/html/);
    await response.body?.cancel();
  }
  const init = { method: "POST" };
  const refused = await fetch(`${service.urls.page}?health`, init);
  assertEquals(refused.status, 405);
  await refused.body?.cancel();
  await using client = await Client.open(`${service.url("echo")}?health`);
  assertEquals(await client.ask("x"), "x");
});

Deno.test("/?health is 503 at the connection limit, for the reason that the page is told", async () => {
  const limits = { maxConnections: 1 };
  await using service = startTestService({ limits });
  using client = await RawClient.connect(service.port);
  await service.log.waitFor("open");
  const { code, status, reason, connections } = await healthOf(service.port);
  assertEquals([code, status, connections], [503, "refusing", 1]);
  assertEquals(
    reason,
    "the connection limit is reached (--max-connections 1)",
  );
  const page = await fetch(service.urls.page, { method: "HEAD" });
  const { refusing } = JSON.parse(page.headers.get("x-wsecho")!);
  assertEquals(refusing, reason);
  await client.sendClose(1000);
  await client.closed();
  await until(
    async () => (await healthOf(service.port)).code === 200,
    "the service is well again",
  );
});

Deno.test("/?health is 503 while memory is short", async () => {
  const maxMemory = 1_000_000_000;
  using memory = new FakeMemory(0);
  await using service = startTestService({ maxMemory });
  assertEquals((await healthOf(service.port)).code, 200);
  memory.now = 1_100_000_000;
  const { action } = await service.log.waitFor("memory");
  assertEquals(action, "refuse new connections");
  assertEquals(await healthOf(service.port), {
    code: 503,
    status: "refusing",
    reason: "the memory in use is above the 1000000000 bytes of --max-memory",
    version: "",
    workers: 1,
    connections: 0,
    maxConnections: 10_000,
    memory: memory.now,
    maxMemory,
  });
});

Deno.test("/?health is 503 while the service ends", async () => {
  const service = startTestService();
  // A client that never answers the close frame.
  const silent = await RawClient.connect(service.port);
  await service.log.waitFor("open");
  using early = await RawConnection.open(service.port);
  const ended = service.shutdown(1);
  const { status, body } = await early.request(REQUEST);
  assertEquals([status, JSON.parse(body).reason], [
    503,
    "the service is ending",
  ]);
  await within(ended, "the end of the grace period");
  silent.connection.close();
});

Deno.test("/?health counts for all workers, in any of them", async () => {
  const supervisor = await Supervisor.start({
    workers: 2,
    service: { port: 0, limits: { maxConnections: 3 } },
    logOptions: { format: "off", verbose: false },
    log: new MemoryLog(),
    writeLines() {},
    writeError() {},
  });
  try {
    const [url] = supervisor.urls.endpoints.echo!;
    const port = Number(new URL(url!).port);
    const clients = [];
    for (const count of [1, 2, 3]) {
      clients.push(await Client.open(url!));
      await until(
        async () => (await healthOf(port)).connections === count,
        `${count} connections are counted`,
      );
    }
    // The kernel chooses the worker of each request.
    for (let i = 0; i < 20; i++) {
      const { code, workers, connections, memory } = await healthOf(port);
      assertEquals([code, workers, connections], [503, 2, 3]);
      assert(memory > 10_000_000);
    }
    for (const { socket } of clients) socket.close();
    for (const { closed } of clients) await closed;
  } finally {
    await supervisor.shutdown(0);
  }
});
