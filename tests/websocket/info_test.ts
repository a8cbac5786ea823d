import { assertEquals, assertMatch } from "@std/assert";
import type { Behaviour } from "../handlers/behaviour.ts";
import { describeConnection } from "../handlers/connection_info.ts";
import { DEFAULT_LIMITS } from "../handlers/limits.ts";
import type { Peer } from "../handlers/session.ts";

const PEER: Peer = {
  id: 7,
  path: "/echo",
  remote: "127.0.0.1:50000",
  origin: "http://localhost:3000",
  subprotocol: "chat",
};
const HANDSHAKE: [name: string, value: string][] = [
  ["Host", "127.0.0.1:8080"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
];
const BEHAVIOUR: Behaviour = {
  prefix: "",
  delay: 5,
  push: 0,
  info: true,
  close: { code: 1000, reason: "bye", after: 2 },
};

function describe(
  headers: [name: string, value: string][] = [],
  peer: Partial<Peer> = {},
) {
  return JSON.parse(describeConnection(
    { ...PEER, ...peer },
    new Headers([...HANDSHAKE, ...headers]),
    BEHAVIOUR,
    DEFAULT_LIMITS,
  ));
}

Deno.test("describeConnection() tells all that the server saw", () => {
  assertEquals(describe([["Accept", "a"], ["X-Forwarded-For", "::1"]]), {
    id: 7,
    remoteAddress: "127.0.0.1:50000",
    path: "/echo",
    subprotocol: "chat",
    key: "dGhlIHNhbXBsZSBub25jZQ==",
    accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    headers: {
      "accept": "a",
      "host": "127.0.0.1:8080",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "x-forwarded-for": "::1",
    },
    behaviour: {
      prefix: "",
      delay: 5,
      push: 0,
      info: true,
      close: { code: 1000, reason: "bye", after: 2 },
    },
    limits: {
      maxMessageSize: 16_777_216,
      maxBuffered: 16_777_216,
      maxConnections: 10_000,
      idleTimeout: 30,
    },
  });
});

Deno.test("describeConnection() says null where no subprotocol is agreed", () => {
  assertEquals(describe([], { subprotocol: undefined }).subprotocol, null);
});

Deno.test("describeConnection() withholds the values of credentials", () => {
  for (const name of ["Authorization", "PROXY-Authorization", "cookie"]) {
    const info = describe([[name, "Bearer c2VjcmV0"], ["X-Other", "shown"]]);
    assertEquals(info.headers[name.toLowerCase()], "(withheld)");
    assertEquals(info.headers["x-other"], "shown");
    assertEquals(JSON.stringify(info).includes("c2VjcmV0"), false);
  }
});

Deno.test("describeConnection() joins the lines of one header", () => {
  const { headers } = describe([["X-Via", "a"], ["X-Via", "b"]]);
  assertEquals(headers["x-via"], "a, b");
});

Deno.test("describeConnection() takes any header name", () => {
  const { headers } = describe([["__proto__", "a"], ["constructor", "b"]]);
  assertEquals(Object.entries(headers).slice(0, 2), [
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
});

Deno.test("describeConnection() is one line", () => {
  const text = describeConnection(
    { ...PEER, path: "/\n" },
    new Headers(HANDSHAKE),
    { ...BEHAVIOUR, prefix: "a\r\nb" },
    DEFAULT_LIMITS,
  );
  assertMatch(text, /^\{.*\}$/);
});
