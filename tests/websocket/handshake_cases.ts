/** Opening handshakes and their answers, for `admit` alone and for the wire. */

import { ENDPOINTS } from "../../handlers/endpoints.ts";
import { type HandshakeOptions, SAMPLE_KEY } from "../support/raw_client.ts";

interface Case {
  /** All in Latin-1, as the platform reads headers. */
  request: HandshakeOptions;
  /** The allowed origins. Default: all. */
  origins?: string[];
}

/** A handshake that is refused. */
export interface RefusedCase extends Case {
  status: number;
  /** All of it, except for "Cannot". */
  message: string;
  /** Headers of the response, beyond those of every refusal. */
  headers?: Record<string, string>;
  /** Whether the service already has the one connection that it may have. */
  isFull?: true;
}

/** A handshake that is accepted. */
export interface AcceptedCase extends Case {
  subprotocols?: string[];
  /** The subprotocol that is selected. */
  agreed?: string;
}

/** The sentence about a header. */
function expect(name: string, value: string | null, expected: string): string {
  const is = value === null ? "missing" : JSON.stringify(value);
  return `upgrade: the header ${name} is ${is}, expected ${expected}`;
}

function host(value: string | null, more: HandshakeOptions = {}): RefusedCase {
  const message = expect("Host", value, "a host name and port");
  return { request: { ...more, host: value }, status: 400, message };
}

function connection(value: string | null): RefusedCase {
  const message = expect("Connection", value, 'the token "Upgrade"');
  return { request: { replace: { connection: value } }, status: 400, message };
}

const VERSION = {
  status: 426,
  headers: { "Sec-WebSocket-Version": "13", "Upgrade": "websocket" },
};
function version(value: string | null): RefusedCase {
  const message = expect("Sec-WebSocket-Version", value, '"13"');
  const request = { replace: { "sec-websocket-version": value } };
  return { ...VERSION, request, message };
}

function key(value: string | null, shown = value): RefusedCase {
  const message = expect("Sec-WebSocket-Key", shown, "16 bytes in base64");
  const request = { replace: { "sec-websocket-key": value } };
  return { request, status: 400, message };
}

/** Origins that the same origin is not, see origin_test.ts for all others. */
function origin(...lines: string[]): RefusedCase {
  return {
    request: { headers: lines.map((line) => ["Origin", line]) },
    origins: ["http://a.example", "self"],
    status: 403,
    message: `upgrade: the header Origin is ${
      JSON.stringify(lines.join(", "))
    }, which --allow-origin does not allow`,
  };
}

/** The default paths, as a refusal lists them. */
export const KNOWN_PATHS = Object.entries(ENDPOINTS)
  .map(([name, { paths }]) => `${paths.join(", ")} (${name})`).join(" and ");

function path(path: string, shown = path): RefusedCase {
  const message =
    `upgrade: no endpoint has the path "${shown}", the endpoints are ${KNOWN_PATHS}`;
  return { request: { path }, status: 404, message };
}

function parameters(query: string, message: string): RefusedCase {
  const request = { path: `/?${query}` };
  return { request, status: 400, message: `use parameter ${message}` };
}

/** Handshakes that are refused, in the order of the checks. */
export const REFUSED: RefusedCase[] = [
  ...["POST", "OPTIONS"].map((method): RefusedCase => ({
    request: { method },
    status: 405,
    message:
      `upgrade: the method is ${method}, a WebSocket handshake needs GET`,
    headers: { "Allow": "GET" },
  })),
  host(null),
  host(null, { version: "HTTP/1.0" }),
  ...["", "a b", "user@a.example", "a.example:http", "a\\b"]
    .map((value) => host(value)),
  // The platform would take the path from here.
  ...["a.example/echo?", "a.example?", "a.example#"]
    .map((value) => host(value, { path: "/unknown" })),
  // The no-break space is no blank of HTTP's.
  ...[null, "", "keep-alive", "Upgraded, x", "x Upgrade", "Upgrade\u00a0"]
    .map(connection),
  ...[null, "", "0", "12", "14", "13, 13", "013", "13.0"].map(version),
  {
    ...version("13, 13"),
    request: { headers: [["Sec-WebSocket-Version", "13"]] },
  },
  key(null),
  key(""),
  // 15, 17 and 18 bytes.
  ...["MTIzNDU2Nzg5MDEyMzQ1", "MTIzNDU2Nzg5MDEyMzQ1Njc="].map((k) => key(k)),
  key("MTIzNDU2Nzg5MDEyMzQ1Njc4"),
  key(SAMPLE_KEY.slice(0, -2)),
  key("not base64 at all!!!!!=="),
  // base64url
  key("__79_Pv6-fj39vX08_Lx8A=="),
  key("k".repeat(5_000), `${"k".repeat(100)}…`),
  key(`${SAMPLE_KEY}, ${SAMPLE_KEY}`),
  {
    ...key(`${SAMPLE_KEY}, ${SAMPLE_KEY}`),
    request: { headers: [["Sec-WebSocket-Key", SAMPLE_KEY]] },
  },
  ...["", "null", "http://b.example"].map((value) => origin(value)),
  origin("http://a.example", "http://a.example"),
  { ...path("/unknown"), request: { path: "/unknown?x=1" } },
  path("/Echo"),
  path("/echo//"),
  path(`/${"x".repeat(600)}`, `/${"x".repeat(499)}…`),
  parameters("delay=1&delay=2", '"delay": it is given 2 times'),
  parameters(
    "close=1005",
    '"close" with value "1005": expected a code of 1000-1003, 1007-1014 and 3000-4999',
  ),
  parameters(
    `reason=${"x".repeat(124)}`,
    `"reason" with value "${
      "x".repeat(100)
    }…": expected at most 123 bytes of UTF-8`,
  ),
  {
    request: {},
    isFull: true,
    status: 503,
    message: "upgrade: the connection limit is reached (--max-connections 1)",
    headers: { "Retry-After": "1" },
  },
];

const lines = (name: string, ...values: string[]): HandshakeOptions => ({
  replace: { [name]: values.shift()! },
  headers: values.map((value) => [name, value]),
});
const offer = (...values: string[]): HandshakeOptions => ({
  headers: values.map((value) => ["Sec-WebSocket-Protocol", value]),
});
const from = (value: string): AcceptedCase => ({
  request: { headers: [["Origin", value]] },
  origins: ["http://a.example:3000", "self"],
});

/** Handshakes that are accepted. */
export const ACCEPTED: Record<string, AcceptedCase> = {
  "the least that RFC 6455 asks for": { request: {} },
  "Upgrade in another letter case": { request: lines("Upgrade", "WebSocket") },
  "Upgrade in a list": { request: lines("Upgrade", "h2c,WEBSOCKET") },
  "Connection in another case": { request: lines("Connection", "UPGRADE") },
  "Connection in a list": { request: lines("Connection", "x,\tupgrade ,y") },
  "Connection in two lines": { request: lines("Connection", "x", "upgrade") },
  "another key": {
    request: lines("Sec-WebSocket-Key", "+/+/+/+/+/+/+/+/+/+/+w=="),
  },
  "a slash at the end": { request: { path: "/echo/" } },
  "unknown parameters": { request: { path: "/echo?x=1&x=2" } },
  "no parameters": { request: { path: "/echo?" } },
  "no Origin where some are allowed": { ...from(""), request: {} },
  "an allowed origin": from("http://a.example:3000"),
  "the service's own origin": from("http://127.0.0.1"),
  "any origin where none is listed": { ...from("a b"), origins: [] },
  "the first valid offer of several lines": {
    request: offer("bad one", "b,a", "c"),
    agreed: "b",
  },
  "no valid offer": { request: offer("bad one") },
  "the preferred one of the offers": {
    request: offer("a,chat", "v2.chat"),
    subprotocols: ["v2.chat", "chat"],
    agreed: "v2.chat",
  },
  "no supported offer": { request: offer("a, Chat"), subprotocols: ["chat"] },
};
