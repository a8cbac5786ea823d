import { assertEquals, assertMatch } from "@std/assert";
import type { ConnectionIdentity } from "../../handlers/websocket/connection.ts";
import { describeConnection } from "../../handlers/websocket/info.ts";
import {
  type ParameterValues,
  parseParameters,
} from "../../handlers/websocket/parameters.ts";
import { RawClient, SAMPLE_KEY } from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";

const IDENTITY: ConnectionIdentity = {
  id: 7,
  path: "/echo",
  remote: "127.0.0.1:50000",
  origin: "http://localhost:3000",
  subprotocol: "chat",
};
const LIMITS = {
  maxMessageSize: 1,
  maxBuffered: 2,
  maxConnections: 3,
  idleTimeout: 4,
};

function describe(
  headers: [name: string, value: string][] = [],
  query = "info=1",
  identity: Partial<ConnectionIdentity> = {},
  origins: string[] = [],
) {
  const text = describeConnection(
    { ...IDENTITY, ...identity },
    new Headers([["Sec-WebSocket-Key", SAMPLE_KEY], ...headers]),
    parseParameters(new URLSearchParams(query)) as ParameterValues,
    LIMITS,
    origins,
  )("an accept");
  assertMatch(text, /^\{.*\}$/, "it is one line");
  return JSON.parse(text);
}

Deno.test("describeConnection() describes the handshake as it was received", () => {
  const { behaviour: _, ...info } = describe([
    ["Accept", "a"],
    ["X-Via", "a"],
    ["X-Via", "b"],
    ["__proto__", "c"],
  ]);
  assertEquals(info, {
    id: 7,
    remoteAddress: "127.0.0.1:50000",
    path: "/echo",
    subprotocol: "chat",
    key: SAMPLE_KEY,
    accept: "an accept",
    headers: {
      ["__proto__"]: "c",
      "accept": "a",
      "sec-websocket-key": SAMPLE_KEY,
      "x-via": "a, b",
    },
    limits: LIMITS,
  });
  const { subprotocol } = describe([], "", { subprotocol: undefined });
  assertEquals(subprotocol, null);
});

/** Headers of clients and of authenticating proxies, by what happens to them. */
const WITHHELD = [
  ...["authorization", "PROXY-Authorization", "cookie", "set-cookie"],
  ...["x-forwarded-access-token", "x-auth-request-access-token"],
  ...["cf-access-jwt-assertion", "x-goog-iap-jwt-assertion"],
  ...["x-amzn-oidc-data", "x-amzn-oidc-accesstoken"],
  ...["x-ms-token-aad-id-token", "x-api-key", "x-csrf-token"],
  ...["x-client-secret", "x-password"],
];
const SHOWN = ["x-forwarded-for", "x-forwarded-user", "sec-websocket-version"];

Deno.test("describeConnection() withholds credentials from every client", () => {
  const names = [...WITHHELD, ...SHOWN];
  const { headers } = describe(names.map((name) => [name, "a value"]));
  const withheld = names.filter((name) =>
    headers[name.toLowerCase()] === "(withheld)"
  );
  assertEquals(withheld, WITHHELD);
});

/** Origins, the allowed ones, and whether the page gets the headers' values. */
const ORIGINS: [origin: string, allowed: string[], isTrusted: boolean][] = [
  ["http://localhost:8080", [], true],
  ["https://localhost:8080", [], true],
  ["http://localhost", [], false],
  ["http://example.com", [], false],
  ["null", [], false],
  ["x", [], false],
  ["http://example.com", ["http://example.com"], true],
  ["http://a.example.com", ["*.example.com"], true],
  ["http://example.com", ["*.example.com"], false],
];

Deno.test("describeConnection() gives foreign pages the headers' names alone", () => {
  for (const [origin, allowed, isTrusted] of ORIGINS) {
    const { headers, key } = describe(
      [["Host", "localhost:8080"], ["Origin", origin], ["X-User", "a"]],
      "",
      {},
      allowed,
    );
    assertEquals(headers, {
      "host": isTrusted ? "localhost:8080" : "(withheld)",
      "origin": isTrusted ? origin : "(withheld)",
      "sec-websocket-key": isTrusted ? SAMPLE_KEY : "(withheld)",
      "x-user": isTrusted ? "a" : "(withheld)",
    }, origin);
    assertEquals(key, SAMPLE_KEY);
  }
});

Deno.test("describeConnection() is given what the client is answered", async () => {
  const origins = ["http://example.com"];
  await using service = startTestService({ origins });
  using client = await RawClient.connect(service.port, {
    path: "/?info=1",
    headers: [["Origin", "http://example.com"]],
  });
  const { accept, headers } = JSON.parse(`${await client.next()}`);
  assertEquals(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  assertEquals(headers.origin, "http://example.com");
});

Deno.test("describeConnection() describes the parameters, those of a close as one", () => {
  const query = "prefix=a%0D%0Ab&delay=5&close=1000&reason=bye&after=2";
  const { behaviour } = describe([], query);
  const { prefix, delay, push, info, close } = behaviour;
  assertEquals([prefix, delay, push, info], ["a\r\nb", 5, 0, false]);
  assertEquals(close, { code: 1000, reason: "bye", after: 2 });
  assertEquals(["reason" in behaviour, "after" in behaviour], [false, false]);
  assertEquals("close" in describe().behaviour, false);
});
