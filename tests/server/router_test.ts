import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatAddress } from "../handlers/router.ts";
import { Client } from "./support/client.ts";
import { startTestService } from "./support/service.ts";
import { exchange, handshakeRequest, RawClient } from "./support/raw_client.ts";

/** What an endpoint answers to "ß". */
async function ask(port: number, path: string) {
  await using client = await Client.open(`ws://127.0.0.1:${port}${path}`);
  return await client.ask("ß");
}

Deno.test("createRouter() finds endpoints by path, but for one trailing slash", async () => {
  await using service = startTestService();
  for (const path of ["/", "/echo", "/echo/", "/?x=1", "/echo?unknown"]) {
    assertEquals(await ask(service.port, path), "ß", path);
  }
  for (const path of ["/uppercase", "/uppercase/", "/uppercase/?x"]) {
    assertEquals(await ask(service.port, path), "SS", path);
  }
});

for (
  const path of ["/nowhere", "/echo//", "//echo", "/Echo", "/echo/x", "/%65cho"]
) {
  Deno.test(`createRouter() refuses the path ${path} with the endpoints`, async () => {
    await using service = startTestService();
    const response = await exchange(service.port, handshakeRequest({ path }));
    assertEquals(response.status, 404);
    assertStringIncludes(response.body, JSON.stringify(path));
    assertStringIncludes(response.body, "/, /echo (echo)");
    assertStringIncludes(response.body, "/uppercase (uppercase)");
  });
}

Deno.test("createRouter() serves endpoints at other paths", async () => {
  await using service = startTestService({
    paths: { echo: ["/%E6%97%A5"], uppercase: ["/", "/loud"] },
  });
  assertEquals(await ask(service.port, "/日"), "ß");
  assertEquals(await ask(service.port, "/"), "SS");
  assertEquals(await ask(service.port, "/loud/"), "SS");
  const gone = await exchange(
    service.port,
    handshakeRequest({ path: "/echo" }),
  );
  assertEquals(gone.status, 404);
});

Deno.test("createRouter() upgrades by the token alone, in any case and in lists", async () => {
  await using service = startTestService();
  for (
    const upgrade of ["websocket", "WebSocket", "h2c, WEBSOCKET", "x,websocket"]
  ) {
    using client = await RawClient.connect(service.port, {
      replace: { upgrade },
    });
    assertEquals(client.response.status, 101);
  }
  const stripped = [null, "h2c", "websockets", "websocket/13"];
  for (const upgrade of stripped) {
    const response = await exchange(
      service.port,
      handshakeRequest({ replace: { upgrade } }),
    );
    assertEquals(response.status, 200);
    assertStringIncludes(
      response.headers.get("content-type") ?? "",
      "text/html",
    );
  }
  // For whoever wonders what a proxy has done to the handshake.
  const refusals = service.log.of("refused");
  assertEquals(refusals.map(({ status }) => status), stripped.map(() => 200));
  assertStringIncludes(`${refusals[0]!.message}`, "header Upgrade is missing");
});

Deno.test("createRouter() logs no plain request", async () => {
  await using service = startTestService();
  await exchange(service.port, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  assertEquals(service.log.entries, []);
});

Deno.test("createRouter() refuses beyond --max-connections, until one leaves", async () => {
  await using service = startTestService({ limits: { maxConnections: 2 } });
  const first = await Client.open(`ws://127.0.0.1:${service.port}`);
  await using _second = await Client.open(`ws://127.0.0.1:${service.port}`);
  const response = await exchange(service.port, handshakeRequest());
  assertEquals(response.status, 503);
  assertEquals(response.headers.get("retry-after"), "1");
  assertStringIncludes(response.body, "--max-connections");
  assertEquals(service.log.of("refused").map(({ status }) => status), [503]);
  first.socket.close();
  await service.log.waitFor("close");
  assertEquals(await ask(service.port, "/"), "ß");
});

Deno.test("createRouter() closes with 1013 who was upgraded beyond the limit", async () => {
  await using service = startTestService({ limits: { maxConnections: 1 } });
  // Handshakes that are under way together all find room.
  const clients = await Promise.all(
    Array.from(
      { length: 8 },
      () =>
        Client.open(`ws://127.0.0.1:${service.port}`).catch(() => undefined),
    ),
  );
  const opened = clients.filter((client) => client !== undefined);
  const survivor = opened.shift()!;
  for (const { closed } of opened) assertEquals((await closed).code, 1013);
  assertEquals(await survivor.ask("still here"), "still here");
  survivor.socket.close();
  await survivor.closed;
});

Deno.test("createRouter() numbers connections and refusals", async () => {
  await using service = startTestService();
  await ask(service.port, "/");
  await exchange(service.port, handshakeRequest({ path: "/nowhere" }));
  await ask(service.port, "/uppercase");
  await service.log.waitFor("close", 2);
  assertEquals(
    service.log.entries.map(({ event, id }) => [event, id]).sort(),
    [["close", 1], ["close", 3], ["open", 1], ["open", 3], ["refused", 2]],
  );
});

Deno.test("formatAddress() puts IPv6 in brackets", () => {
  const transport = "tcp";
  assertEquals(
    formatAddress({ transport, hostname: "::1", port: 80 }),
    "[::1]:80",
  );
  assertEquals(
    formatAddress({ transport, hostname: "127.0.0.1", port: 8080 }),
    "127.0.0.1:8080",
  );
});
