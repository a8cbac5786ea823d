/** Opening handshakes and their answers. */

import { ENDPOINTS } from "../../handlers/endpoints.ts";
import { type HandshakeOptions, SAMPLE_KEY } from "../support/raw_client.ts";

interface Case {
  /** All in Latin-1, as the platform reads headers. */
  request: HandshakeOptions;
  /** The allowed origins. Default: all. */
  origins?: string[];
}

/** A handshake that is refused. */
interface RefusedCase extends Case {
  status: number;
  message: string;
  /** Headers of the response, beyond those of every refusal. */
  headers?: Record<string, string>;
  /** Whether the service already has the one connection that it may have. */
  isFull?: true;
}

/** A handshake that is accepted. */
interface AcceptedCase extends Case {
  subprotocols?: string[];
  /** The subprotocol that is selected. */
  agreed?: string;
}

/** The refusal of a header that is missing (null) or wrong. */
function header(
  name: string,
  value: string | null,
  expected: string,
  request: HandshakeOptions = { replace: { [name.toLowerCase()]: value } },
): RefusedCase {
  const is = value === null ? "missing" : JSON.stringify(value);
  const message =
    `Cannot upgrade: the header ${name} is ${is}, expected ${expected}`;
  return { request, status: 400, message };
}

const host = (value: string | null, more: HandshakeOptions = {}) =>
  header("Host", value, "a host name and port", { ...more, host: value });
const connection = (value: string | null) =>
  header("Connection", value, 'the token "Upgrade"');
const version = (value: string | null, request?: HandshakeOptions) => ({
  ...header("Sec-WebSocket-Version", value, '"13"', request),
  status: 426,
  headers: { "Sec-WebSocket-Version": "13", "Upgrade": "websocket" },
});
const key = (value: string | null, request?: HandshakeOptions) =>
  header("Sec-WebSocket-Key", value, "16 bytes in base64", request);
const add = (name: string, ...values: string[]): HandshakeOptions => ({
  headers: values.map((value) => [name, value]),
});

/** Only what differs from one origin; origin_test.ts has all others. */
const origin = (...values: string[]): RefusedCase => ({
  request: add("Origin", ...values),
  origins: ["http://a.example", "self"],
  status: 403,
  message: `Cannot upgrade: the header Origin is ${
    JSON.stringify(values.join(", "))
  }, which --allow-origin does not allow`,
});

/** The default paths, as a refusal lists them. */
const KNOWN_PATHS = Object.entries(ENDPOINTS)
  .map(([name, { paths }]) => `${paths.join(", ")} (${name})`).join(" and ");

const path = (path: string, shown = path): RefusedCase => ({
  request: { path },
  status: 404,
  message:
    `Cannot upgrade: no endpoint has the path "${shown}", the endpoints are ${KNOWN_PATHS}`,
});
const TWO_KEYS = `${SAMPLE_KEY}, ${SAMPLE_KEY}`;

/** Handshakes that are refused, in the order of the checks. */
export const REFUSED: RefusedCase[] = [
  ...["POST", "OPTIONS"].map((method): RefusedCase => ({
    request: { method },
    status: 405,
    message:
      `Cannot upgrade: the method is ${method}, a WebSocket handshake needs GET`,
    headers: { "Allow": "GET" },
  })),
  host(null),
  host(null, { version: "HTTP/1.0" }),
  host(""),
  host("a b"),
  host("user@a.example"),
  host("a.example:http"),
  host("a\\b"),
  // The platform would take the path from here.
  host("a.example/echo?", { path: "/unknown" }),
  host("a.example#", { path: "/unknown" }),
  connection(null),
  connection(""),
  connection("keep-alive"),
  connection("Upgraded, x"),
  connection("x Upgrade"),
  // Trimming a header removes no such space.
  connection("Upgrade\u00a0"),
  ...[null, "", "0", "12", "14", "13, 13", "013", "13.0"]
    .map((value) => version(value)),
  version("13, 13", add("Sec-WebSocket-Version", "13")),
  key(null),
  key(""),
  // 15, 17 and 18 bytes.
  key("MTIzNDU2Nzg5MDEyMzQ1"),
  key("MTIzNDU2Nzg5MDEyMzQ1Njc="),
  key("MTIzNDU2Nzg5MDEyMzQ1Njc4"),
  key(SAMPLE_KEY.slice(0, -2)),
  key("not base64 at all!!!!!=="),
  // base64url
  key("__79_Pv6-fj39vX08_Lx8A=="),
  key(TWO_KEYS),
  key(TWO_KEYS, add("Sec-WebSocket-Key", SAMPLE_KEY)),
  key(`${"k".repeat(100)}…`, {
    replace: { "sec-websocket-key": "k".repeat(5_000) },
  }),
  origin(""),
  origin("null"),
  origin("http://b.example"),
  origin("http://a.example", "http://a.example"),
  { ...path("/unknown"), request: { path: "/unknown?x=1" } },
  path("/Echo"),
  path("/echo//"),
  path("//echo"),
  path("/echo/x"),
  path("/%65cho"),
  path(`/${"x".repeat(600)}`, `/${"x".repeat(499)}…`),
  {
    request: { path: "/?close=1005" },
    status: 400,
    message:
      'Cannot use parameter "close" with value "1005": expected a code of 1000-1003, 1007-1014 and 3000-4999',
  },
  {
    request: {},
    isFull: true,
    status: 503,
    message:
      "Cannot upgrade: the connection limit is reached (--max-connections 1)",
    headers: { "Retry-After": "1" },
  },
];

const replace = (
  name: string,
  value: string,
  ...others: string[]
): HandshakeOptions => ({
  ...add(name, ...others),
  replace: { [name]: value },
});
const from = (value: string): AcceptedCase => ({
  request: add("Origin", value),
  origins: ["http://a.example:3000", "self"],
});

/** Handshakes that are accepted. */
export const ACCEPTED: Record<string, AcceptedCase> = {
  "the least that RFC 6455 asks for": { request: {} },
  "Connection in another case": { request: replace("Connection", "UPGRADE") },
  "Connection in a list": { request: replace("Connection", "x,\tupgrade ,y") },
  "Connection in two lines": { request: replace("Connection", "x", "upgrade") },
  "another key": {
    request: replace("Sec-WebSocket-Key", "+/+/+/+/+/+/+/+/+/+/+w=="),
  },
  "no Origin where some are allowed": { ...from(""), request: {} },
  "an allowed origin": from("http://a.example:3000"),
  "the service's own origin": from("http://127.0.0.1"),
  "any origin where none is listed": { ...from("a b"), origins: [] },
  "the first valid offer of several lines": {
    request: add("Sec-WebSocket-Protocol", "bad one", "b,a", "c"),
    agreed: "b",
  },
  "the preferred one of the offers": {
    request: add("Sec-WebSocket-Protocol", "a,chat", "v2.chat"),
    subprotocols: ["v2.chat", "chat"],
    agreed: "v2.chat",
  },
  "no supported offer": {
    request: add("Sec-WebSocket-Protocol", "a, Chat"),
    subprotocols: ["chat"],
  },
};
