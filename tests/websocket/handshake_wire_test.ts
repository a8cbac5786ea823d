import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import type { ServiceOptions } from "../handlers/service.ts";
import { HEADER_REFUSALS, ROUTER_REFUSALS } from "./handshake_refusals.ts";
import { startTestService } from "./support/service.ts";
import { until } from "./support/wait.ts";
import {
  type HandshakeOptions,
  handshakeRequest,
  RawClient,
  RawConnection,
  type RawHeader,
  type RawResponse,
} from "./support/raw_client.ts";

/** Ends a connection, and waits until the service has noticed. */
async function leave(client: RawClient) {
  await client.sendClose(1000);
  assertEquals((await client.closed()).code, 1000);
}

/** Upgrades at a service of its own, makes a round trip, and leaves. */
async function handshake(
  request: HandshakeOptions,
  options: ServiceOptions = {},
): Promise<RawResponse> {
  await using service = startTestService(options);
  using client = await RawClient.connect(service.port, request);
  await client.send("Hello");
  assertEquals(await client.next(), "Hello");
  await leave(client);
  assertEquals([service.log.of("refused"), service.errors], [[], []]);
  return client.response;
}

const REFUSALS = { ...HEADER_REFUSALS, ...ROUTER_REFUSALS };

for (const [name, expected] of Object.entries(REFUSALS)) {
  Deno.test(`createRouter() refuses ${name}, in one sentence`, async () => {
    await using service = startTestService(expected.service);
    using connection = await RawConnection.open(service.port);
    const { status, headers, body } = await connection.request(
      handshakeRequest(expected.request),
    );
    assertEquals(status, expected.status);
    assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
    for (const [name, value] of Object.entries(expected.headers ?? {})) {
      assertEquals(headers.get(name), value);
    }
    assertEquals(headers.has("sec-websocket-accept"), false);
    assertMatch(body, /^Cannot [^\n]*[^.\n]\n$/);
    for (const word of expected.names) assertStringIncludes(body, word);

    const [entry, ...others] = service.log.entries;
    assertEquals(others, []);
    assertEquals([entry?.event, entry?.status], ["refused", status]);
    assertEquals(`${entry?.message}\n`, body);
    assertEquals(service.errors, []);
  });

  // HTTP/1.0 ends the connection after a response.
  if (expected.request.version === "HTTP/1.0") continue;
  Deno.test(`createRouter() keeps the connection that it refused for ${name}`, async () => {
    await using service = startTestService(expected.service);
    using connection = await RawConnection.open(service.port);
    for (let i = 0; i < 2; i++) {
      const { status, headers } = await connection.request(
        handshakeRequest(expected.request),
      );
      assertEquals(status, expected.status);
      assertNotEquals(headers.get("connection"), "close");
    }
    const client = await RawClient.upgrade(connection, "/uppercase");
    await client.send("a");
    assertEquals(await client.next(), "A");
    await leave(client);
    const events = service.log.entries.slice(0, 3).map(({ event }) => event);
    assertEquals(events, ["refused", "refused", "open"]);
  });
}

Deno.test("createRouter() refuses with 503 when there is no room", async () => {
  await using service = startTestService({ limits: { maxConnections: 1 } });
  using client = await RawClient.connect(service.port);
  await until(() => service.connectionCount === 1, "the connection counts");
  using connection = await RawConnection.open(service.port);
  const { status, headers, body } = await connection.request(
    handshakeRequest(),
  );
  assertEquals([status, headers.get("retry-after")], [503, "1"]);
  assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
  assertMatch(body, /^Cannot upgrade: .*--max-connections[^.\n]*\n$/);
  assertEquals(service.log.of("refused").length, 1);

  await leave(client);
  await until(() => service.connectionCount === 0, "there is room");
  await leave(await RawClient.upgrade(connection));
});

Deno.test("createRouter() logs who was refused", async () => {
  await using service = startTestService({ origins: ["http://a.example"] });
  using connection = await RawConnection.open(service.port);
  await connection.request(handshakeRequest({
    path: "/echo?x=1",
    headers: [
      ["Origin", "http://b.example"],
      ["Sec-WebSocket-Protocol", "chat"],
    ],
  }));
  const [{ id, remote, ...entry } = { id: 0, remote: "" }] =
    service.log.entries;
  assertEquals(entry as unknown, {
    event: "refused",
    path: "/echo",
    origin: "http://b.example",
    subprotocol: "chat",
    status: 403,
    message: "Cannot upgrade: the header Origin is " +
      '"http://b.example", which --allow-origin does not allow',
  });
  const { port } = connection.conn.localAddr as Deno.NetAddr;
  assertEquals([typeof id, remote], ["number", `127.0.0.1:${port}`]);
});

/** Keys, and the answers to them that RFC 6455 and tutorials print. */
const ANSWERS = {
  "dGhlIHNhbXBsZSBub25jZQ==": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  "f7cb4ezEAl6C3wRaU6JORA==": "rE91AJhfC+6JdVcVXOGJEADEJdQ=",
  "PCD+pA79juC6tlBK9zD3Vw==": "8+5CLWTBYLARKoxBxS5uk6s6zZo=",
};

for (const [key, accept] of Object.entries(ANSWERS)) {
  Deno.test(`openSession() answers the key ${key}`, async () => {
    const { status, headers } = await handshake({
      replace: { "Sec-WebSocket-Key": key },
    });
    assertEquals(status, 101);
    assertEquals(headers.get("sec-websocket-accept"), accept);
    assertMatch(headers.get("upgrade") ?? "", /^websocket$/i);
    assertMatch(headers.get("connection") ?? "", /^upgrade$/i);
    assertEquals(headers.has("sec-websocket-protocol"), false);
    assertEquals(headers.has("sec-websocket-extensions"), false);
  });
}

const upgrade = (value: string, ...headers: RawHeader[]) => ({
  replace: { "Upgrade": value },
  headers,
});
const connection = (value: string, ...headers: RawHeader[]) => ({
  replace: { "Connection": value },
  headers,
});
const offer = (...values: string[]): HandshakeOptions => ({
  headers: values.map((value) => ["Sec-WebSocket-Protocol", value]),
});
const origin = (value: string): HandshakeOptions => ({
  headers: [["Origin", value]],
});
const OURS = { subprotocols: ["v2.chat", "chat"] };
const ORIGINS = { origins: ["http://a.example:3000", "https://b.example"] };

/** Handshakes that succeed, and the subprotocol that is agreed. */
const UPGRADES: Record<
  string,
  [HandshakeOptions, options?: ServiceOptions, agreed?: string]
> = {
  "Upgrade in another letter case": [upgrade("WebSocket")],
  "Upgrade in a list": [upgrade("h2c, WEBSOCKET")],
  "Upgrade in a list without spaces": [upgrade("h2c,websocket")],
  "Connection in another letter case": [connection("UPGRADE")],
  "Connection in a list": [connection("keep-alive, upgrade")],
  "Connection in a list without spaces": [connection("keep-alive,Upgrade")],
  "Connection over several lines": [
    connection("keep-alive", ["Connection", "upgrade"]),
  ],
  "a slash at the end": [{ path: "/echo/" }],
  "parameters that are unknown": [{ path: "/echo?x=1&x=2" }],
  "no Origin where some are allowed": [{}, ORIGINS],
  "an allowed origin": [origin("http://a.example:3000"), ORIGINS],
  "another allowed origin": [origin("https://b.example"), ORIGINS],
  "an allowed origin in upper case": [origin("HTTPS://B.EXAMPLE"), ORIGINS],
  "any origin by default": [origin("https://evil.example")],
  "the first offer": [offer("b, a"), {}, "b"],
  "the first offer, without spaces": [offer("b,a"), {}, "b"],
  "the first valid offer": [offer("bad one, (a), a"), {}, "a"],
  "no valid offer": [offer("bad one")],
  "the first offer of several lines": [offer("bad one", "b", "a"), {}, "b"],
  "our preference": [offer("chat, v2.chat"), OURS, "v2.chat"],
  "our preference, without spaces": [offer("a,chat,v2.chat"), OURS, "v2.chat"],
  "our preference over several lines": [
    offer("a,chat", "v2.chat"),
    OURS,
    "v2.chat",
  ],
  "our second choice": [offer("a, chat"), OURS, "chat"],
  "no offer that is ours": [offer("a, Chat"), OURS],
  "no offer at all": [{}, OURS],
};

for (const [name, [request, options, agreed]] of Object.entries(UPGRADES)) {
  Deno.test(`createRouter() upgrades: ${name}`, async () => {
    const { headers } = await handshake(request, options);
    assertEquals(headers.get("sec-websocket-protocol"), agreed ?? null);
  });
}

Deno.test("openSession() adds the service's headers to every 101", async () => {
  await using service = startTestService({
    headers: [
      ["Set-Cookie", "a=b; Path=/"],
      ["X-One", "1"],
      ["Set-Cookie", "c=d"],
    ],
  });
  for (const path of ["/", "/uppercase"]) {
    using client = await RawClient.connect(service.port, path);
    const { headers } = client.response;
    assertEquals(headers.getSetCookie(), ["a=b; Path=/", "c=d"]);
    assertEquals(headers.get("x-one"), "1");
    await leave(client);
  }
  using connection = await RawConnection.open(service.port);
  const { headers } = await connection.request(
    handshakeRequest({ path: "/unknown" }),
  );
  assertEquals([headers.get("x-one"), headers.getSetCookie()], [null, []]);
});

Deno.test("createRouter() takes what asks for no WebSocket to the page", async () => {
  await using service = startTestService();
  for (const value of [null, "h2c", "websocket2", "x websocket"]) {
    using connection = await RawConnection.open(service.port);
    const { status, headers } = await connection.request(
      handshakeRequest({ replace: { "Upgrade": value } }),
    );
    assertEquals(status, 200);
    assertNotEquals(headers.get("x-wsecho"), null);
  }
  // They are no upgrades, but somebody may wonder why.
  for (const { event, status } of service.log.entries) {
    assertEquals([event, status], ["refused", 200]);
  }
});
