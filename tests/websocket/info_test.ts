import { assertEquals, assertMatch } from "@std/assert";
import type { ConnectionIdentity } from "../../handlers/websocket/connection.ts";
import { describeConnection } from "../../handlers/websocket/info.ts";
import {
  type ParameterValues,
  parseParameters,
} from "../../handlers/websocket/parameters.ts";
import { SAMPLE_KEY } from "../support/raw_client.ts";

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
) {
  const text = describeConnection(
    { ...IDENTITY, ...identity },
    new Headers([["Sec-WebSocket-Key", SAMPLE_KEY], ...headers]),
    parseParameters(new URLSearchParams(query)) as ParameterValues,
    LIMITS,
  );
  assertMatch(text, /^\{.*\}$/, "it is one line");
  return JSON.parse(text);
}

Deno.test("describeConnection() describes the handshake as it was received", () => {
  const { behaviour: _, ...info } = describe([
    ["Accept", "a"],
    ["X-Via", "a"],
    ["X-Via", "b"],
    ["__proto__", "c"],
    ["Authorization", "Bearer c2VjcmV0"],
    ["PROXY-Authorization", "Basic c2VjcmV0"],
    ["cookie", "session=secret"],
  ]);
  assertEquals(info, {
    id: 7,
    remoteAddress: "127.0.0.1:50000",
    path: "/echo",
    subprotocol: "chat",
    key: SAMPLE_KEY,
    accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    headers: {
      ["__proto__"]: "c",
      "accept": "a",
      "authorization": "(withheld)",
      "cookie": "(withheld)",
      "proxy-authorization": "(withheld)",
      "sec-websocket-key": SAMPLE_KEY,
      "x-via": "a, b",
    },
    limits: LIMITS,
  });
  const { subprotocol } = describe([], "", { subprotocol: undefined });
  assertEquals(subprotocol, null);
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
