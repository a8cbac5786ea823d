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

Deno.test("describeConnection() describes all that the server received", () => {
  const { behaviour, ...others } = describe([
    ["Accept", "a"],
    ["X-Via", "a"],
    ["X-Via", "b"],
    ["__proto__", "c"],
  ]);
  assertEquals(others, {
    id: 7,
    remoteAddress: "127.0.0.1:50000",
    path: "/echo",
    subprotocol: "chat",
    key: SAMPLE_KEY,
    accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    headers: JSON.parse(
      `{"__proto__":"c","accept":"a","sec-websocket-key":"${SAMPLE_KEY}","x-via":"a, b"}`,
    ),
    limits: LIMITS,
  });
  assertEquals([behaviour.info, "close" in behaviour], [true, false]);
});

Deno.test("describeConnection() describes the parameters, those of a close as one", () => {
  const query = "prefix=a%0D%0Ab&delay=5&close=1000&reason=bye&after=2";
  const { behaviour } = describe([], query);
  const { prefix, delay, push, close, info } = behaviour;
  assertEquals({ prefix, delay, push, close, info }, {
    prefix: "a\r\nb",
    delay: 5,
    push: 0,
    close: { code: 1000, reason: "bye", after: 2 },
    info: false,
  });
  assertEquals(["reason" in behaviour, "after" in behaviour], [false, false]);
});

Deno.test("describeConnection() says null where no subprotocol is agreed", () => {
  const { subprotocol } = describe([], "", { subprotocol: undefined });
  assertEquals(subprotocol, null);
});

Deno.test("describeConnection() withholds the values of credentials", () => {
  for (const name of ["Authorization", "PROXY-Authorization", "cookie"]) {
    const info = describe([[name, "Bearer c2VjcmV0"], ["X-Other", "shown"]]);
    assertEquals(info.headers[name.toLowerCase()], "(withheld)");
    assertEquals(info.headers["x-other"], "shown");
    assertEquals(JSON.stringify(info).includes("c2VjcmV0"), false);
  }
});
