/** `admit` by the router: some headers never arrive as they were sent. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  exchange,
  type HandshakeOptions,
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
  Deno.test(`admit() refuses with ${status}: ${message.slice(0, 80)}`, async () => {
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
      for (const name of ["Allow", "Sec-WebSocket-Version", "Retry-After"]) {
        assertEquals(headers.get(name), others[name] ?? null);
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
  Deno.test(`admit() accepts ${name}`, async () => {
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

Deno.test("admit() refuses every method but GET", async () => {
  await using service = startTestService();
  // Not read as responses: that to HEAD has no body.
  for (const method of ["HEAD", "PUT", "DELETE", "get"]) {
    using connection = await RawConnection.open(service.port);
    await connection.write(handshakeRequest({ method }));
    const response = new TextDecoder().decode((await connection.read())!);
    assertMatch(response, /^HTTP\/1\.1 405 /, method);
  }
});

/** Faults in the order of the checks; the last one is no room. */
const FAULTS: [status: number, named: string, fault: HandshakeOptions][] = [
  [405, "method", { method: "POST" }],
  [400, "Host", { host: "a b" }],
  [400, "Connection", { replace: { "connection": null } }],
  [426, "Version", { replace: { "sec-websocket-version": null } }],
  [400, "Key", { replace: { "sec-websocket-key": null } }],
  [403, "Origin", { headers: [["Origin", "http://b.example"]] }],
  [404, "path", { path: "/unknown?delay=x" }],
  [400, '"delay"', { path: "/echo?delay=x" }],
  [503, "limit", {}],
];

Deno.test("admit() checks in the order of RFC 6455, then path, parameters and room", async () => {
  await using service = startTestService({
    origins: ["self"],
    limits: { maxConnections: 1 },
  });
  using _occupant = await RawClient.connect(service.port);
  await service.log.waitFor("open");
  const request: HandshakeOptions = {};
  const replace = {};
  for (const [status, named, fault] of FAULTS.toReversed()) {
    Object.assign(replace, fault.replace);
    Object.assign(request, fault, { replace });
    const refused = await exchange(service.port, handshakeRequest(request));
    assertEquals(refused.status, status, named);
    assertStringIncludes(refused.body, named);
  }
});
