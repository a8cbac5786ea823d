import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  handshakeRequest,
  RawClient,
  RawConnection,
} from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";
import { until } from "../support/wait.ts";
import { ACCEPTED, REFUSED } from "./handshake_cases.ts";

/** Makes a round trip, and ends the connection. */
async function use(client: RawClient) {
  await client.send("Hello");
  assertEquals(await client.next(), "Hello");
  await client.sendClose(1000);
  assertEquals((await client.closed()).code, 1000);
}

function toLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

for (const { request, origins = [], isFull, ...expected } of REFUSED) {
  const { status, message, headers: others = {} } = expected;
  Deno.test(`createRouter() refuses with ${status}: ${message.slice(0, 80)}`, async () => {
    await using service = startTestService({
      origins,
      ...(isFull && { limits: { maxConnections: 1 } }),
    });
    using occupant = isFull && await RawClient.connect(service.port);
    if (isFull) await service.log.waitFor("open");

    using connection = await RawConnection.open(service.port);
    // HTTP/1.0 ends the connection after a response.
    const times = request.version === "HTTP/1.0" ? 1 : 2;
    for (let i = 0; i < times; i++) {
      await connection.write(toLatin1(handshakeRequest(request)));
      const { status: actual, headers, body } = await connection.response();
      assertEquals([actual, body], [status, `${message}\n`]);
      assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
      assertEquals(headers.has("sec-websocket-accept"), false);
      for (const [name, value] of Object.entries(others)) {
        assertEquals(headers.get(name), value);
      }
    }
    assertEquals(
      service.log.of("refused").map((entry) => [entry.status, entry.message]),
      Array(times).fill([status, message]),
    );
    if (occupant) {
      await use(occupant);
      await until(() => service.connectionCount === 0, "there is room");
    }
    if (times === 2) await use(await RawClient.upgrade(connection));
    assertEquals(service.errors, []);
  });
}

for (
  const [name, { request, agreed, ...options }] of Object.entries(ACCEPTED)
) {
  Deno.test(`createRouter() upgrades: ${name}`, async () => {
    await using service = startTestService(options);
    using client = await RawClient.connect(service.port, request);
    const { headers } = client.response;
    assertMatch(headers.get("upgrade") ?? "", /^websocket$/i);
    assertMatch(headers.get("connection") ?? "", /^upgrade$/i);
    assertEquals(headers.get("sec-websocket-protocol"), agreed ?? null);
    assertEquals(headers.has("sec-websocket-extensions"), false);
    if (!request.replace?.["Sec-WebSocket-Key"]) {
      // The answer to the sample key of RFC 6455.
      const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
      assertEquals(headers.get("sec-websocket-accept"), accept);
    }
    await use(client);
    assertEquals([service.log.of("refused"), service.errors], [[], []]);
  });
}

Deno.test("createRouter() logs the client that it refuses", async () => {
  await using service = startTestService({ origins: ["http://a.example"] });
  using connection = await RawConnection.open(service.port);
  await connection.request(handshakeRequest({
    path: "/echo?x=1",
    headers: [
      ["Origin", "http://b.example"],
      ["Sec-WebSocket-Protocol", "chat"],
    ],
  }));
  const { port } = connection.conn.localAddr as Deno.NetAddr;
  assertEquals(service.log.entries, [{
    event: "refused",
    id: 1,
    path: "/echo",
    remote: `127.0.0.1:${port}`,
    origin: "http://b.example",
    subprotocol: "chat",
    status: 403,
    message:
      'Cannot upgrade: the header Origin is "http://b.example", which --allow-origin does not allow',
  }]);
});

Deno.test("createRouter() refuses the default path of an endpoint that was moved", async () => {
  await using service = startTestService({ paths: { echo: ["/a", "/b"] } });
  for (const path of ["/a", "/b/"]) {
    await use(await RawClient.connect(service.port, path));
  }
  using connection = await RawConnection.open(service.port);
  const { status, body } = await connection.request(handshakeRequest());
  assertEquals(status, 404);
  assertMatch(body, / path "\/", the endpoints are \/a, \/b \(echo\)/);
});

Deno.test("openConnection() adds the service's headers to every 101", async () => {
  await using service = startTestService({
    headers: [
      ["Set-Cookie", "a=b; Path=/"],
      ["X-One", "1"],
      ["Set-Cookie", "c=d"],
    ],
  });
  using client = await RawClient.connect(service.port);
  const { headers } = client.response;
  assertEquals(headers.getSetCookie(), ["a=b; Path=/", "c=d"]);
  assertEquals(headers.get("x-one"), "1");
  await use(client);
  using connection = await RawConnection.open(service.port);
  const refused = await connection.request(handshakeRequest({ path: "/x" }));
  assertEquals([refused.status, refused.headers.has("x-one")], [404, false]);
});

Deno.test("createRouter() gives the page to a request for no WebSocket", async () => {
  await using service = startTestService();
  const others = [null, "h2c", "websocket2", "x websocket"];
  for (const upgrade of others) {
    using connection = await RawConnection.open(service.port);
    const { status, headers } = await connection.request(
      handshakeRequest({ replace: { upgrade } }),
    );
    assertEquals(status, 200);
    assertNotEquals(headers.get("x-wsecho"), null);
  }
  // A handshake whose header Upgrade was lost on the way is worth a log entry.
  assertEquals(
    service.log.entries.map(({ event, status }) => [event, status]),
    others.map(() => ["refused", 200]),
  );
});
