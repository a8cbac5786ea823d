import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ENDPOINT_NAMES } from "../../handlers/endpoints.ts";
import { checkOptions } from "../../handlers/server/service_options.ts";
import { isAnyAddress, listUrls } from "../../handlers/server/urls.ts";
import type { EndpointName } from "../../main.ts";
import { Client } from "../support/client.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  RawConnection,
} from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";
import { within } from "../support/wait.ts";

const NO_PATHS = Object.fromEntries(ENDPOINT_NAMES.map((name) => [name, []]));

Deno.test("startService() gives its URLs", async () => {
  await using service = startTestService({
    paths: { ...NO_PATHS, echo: ["/a", "/b"] },
  });
  const host = `127.0.0.1:${service.port}`;
  assertEquals(service.urls, {
    page: `http://${host}/`,
    endpoints: { echo: [`ws://${host}/a`, `ws://${host}/b`] },
  });
  assertEquals(service.url("echo"), `ws://${host}/a`);
  for (const name of ["uppercase", "nothing"]) {
    assertThrows(() => service.url(name as EndpointName), RangeError, name);
  }
});

/** Addresses that are listened on, and hosts of URLs that browsers can open. */
const HOSTS = {
  "0.0.0.0": "localhost",
  "::": "localhost",
  "::ffff:0.0.0.0": "localhost",
  "127.0.0.1": "127.0.0.1",
  "::1": "[::1]",
};

Deno.test("listUrls() gives URLs that browsers can open", () => {
  const tls = { cert: "x", key: "y" };
  const paths = { ...NO_PATHS, echo: ["/"] };
  const options = checkOptions({ tls, paths });
  const withFolder = checkOptions({ tls, paths, static: "." });
  for (const [hostname, host] of Object.entries(HOSTS)) {
    assertEquals(isAnyAddress(hostname), host === "localhost");
    const addr = { transport: "tcp", hostname, port: 80 } as const;
    const urls = {
      page: `https://${host}:80/`,
      endpoints: { echo: [`wss://${host}:80/`] },
    };
    assertEquals(listUrls(addr, options), urls);
    const console = `https://${host}:80/wsecho`;
    assertEquals(listUrls(addr, withFolder), { ...urls, console });
  }
});

Deno.test("Service.shutdown() closes all with 1001, sends what waits, and ends", async () => {
  const service = startTestService({ verbose: true });
  const clients = await Promise.all(
    [1, 2, 3].map(() => Client.open(service.url("echo"))),
  );
  const large = new Uint8Array(4_000_000);
  clients[0]!.send(large);
  await service.log.waitFor("open", 3);
  await service.log.waitFor("message");
  await assertRejects(() => service.shutdown(-1), RangeError, 'grace "-1"');
  await service.shutdown();
  const reply = await clients[0]!.next() as ArrayBuffer;
  assertEquals(reply.byteLength, large.length);
  for (const { closed } of clients) {
    const { code, clean } = await closed;
    assertEquals([code, clean], [1001, true]);
  }
  assertEquals(service.connectionCount, 0);
  assertEquals(
    service.log.of("close").map(({ code, by, error }) => [code, by, error]),
    Array(3).fill([1001, "server", undefined]),
  );
});

Deno.test("Service.shutdown() refuses with 503 while it waits, then is gone", async () => {
  // The memory watch has a timer that must end as well.
  const service = startTestService({ maxMemory: 1_000_000_000_000 });
  // A client that never answers the close frame.
  const silent = await RawClient.connect(service.port);
  await service.log.waitFor("open");
  using early = await RawConnection.open(service.port);
  const ended = service.shutdown(1);
  const refused = await early.request(handshakeRequest());
  assertEquals(refused.status, 503);
  // Longer than the close frames take.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const late = await exchange(service.port, handshakeRequest());
  assertEquals([late.status, late.headers.get("retry-after")], [503, "1"]);
  await within(ended, "the end of the grace period");
  const { code, by, error } = service.log.of("close")[0]!;
  assertEquals([code, by, error], [1001, "server", "No answer to the close"]);
  assertEquals(service.connectionCount, 0);
  const answer = exchange(service.port, handshakeRequest());
  assertEquals(await answer.then(() => "answers", () => "gone"), "gone");
  assertEquals((await silent.closed()).code, 1001);
});

Deno.test({
  name:
    "Service.shutdown() leaves a shared port as soon as its close frames have left",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const service = startTestService({ reusePort: true });
    // A client that never answers the close frame.
    const silent = await RawClient.connect(service.port);
    await service.log.waitFor("open");
    await within(service.shutdown(60), "the close frames alone");
    const { code, error } = service.log.of("close")[0]!;
    // It has not waited for the client either.
    assertEquals([code, error], [1001, undefined]);
    const answer = exchange(service.port, handshakeRequest());
    assertEquals(await answer.then(() => "answers", () => "gone"), "gone");
    assertEquals((await silent.closed()).code, 1001);
  },
});

Deno.test("Service.shutdown() closes with 1001 also what is busy", async () => {
  const service = startTestService();
  const payload = new Uint8Array(65_536);
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => Client.open(service.url("echo"))),
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
