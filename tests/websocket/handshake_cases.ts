/**
 * Handshakes that have to be refused, for the pure check and for the wire.
 */

import type { ServiceOptions } from "../handlers/service.ts";
import { type HandshakeOptions, SAMPLE_KEY } from "./support/raw_client.ts";

export interface RefusalCase {
  request: HandshakeOptions;
  status: number;
  /** What the sentence has to name. */
  names: string[];
  /** Headers of the response, beyond those of every refusal. */
  headers?: Record<string, string>;
  /** How the service differs from the default one. */
  service?: ServiceOptions & { origins?: string[] };
}

const replace = (name: string, value: string | null): HandshakeOptions => ({
  replace: { [name]: value },
});
const add = (name: string, value: string): HandshakeOptions => ({
  headers: [[name, value]],
});

const METHOD = { status: 405, headers: { "Allow": "GET" } };
const connection = (value: string | null): RefusalCase => ({
  request: replace("Connection", value),
  status: 400,
  names: ["header Connection", value ?? "missing", "Upgrade"],
});
const VERSION = {
  status: 426,
  headers: { "Sec-WebSocket-Version": "13", "Upgrade": "websocket" },
};
const version = (value: string | null): RefusalCase => ({
  ...VERSION,
  request: replace("Sec-WebSocket-Version", value),
  names: ["header Sec-WebSocket-Version", value ?? "missing", '"13"'],
});
const key = (value: string | null): RefusalCase => ({
  request: replace("Sec-WebSocket-Key", value),
  status: 400,
  names: ["header Sec-WebSocket-Key", value ?? "missing", "16 bytes"],
});
const origin = (value: string, ...origins: string[]): RefusalCase => ({
  request: add("Origin", value),
  status: 403,
  names: ["header Origin", value, "--allow-origin"],
  service: { origins },
});

/** What the check of the headers itself refuses. */
export const HEADER_REFUSALS: Record<string, RefusalCase> = {
  "POST": {
    ...METHOD,
    request: { method: "POST" },
    names: ["method", "POST", "GET"],
  },
  "OPTIONS": {
    ...METHOD,
    request: { method: "OPTIONS" },
    names: ["method", "OPTIONS", "GET"],
  },
  "a missing Host": {
    request: { host: null },
    status: 400,
    names: ["header Host", "missing"],
  },
  "a missing Host of HTTP/1.0": {
    request: { host: null, version: "HTTP/1.0" },
    status: 400,
    names: ["header Host", "missing"],
  },
  "a missing Connection": connection(null),
  "an empty Connection": connection(""),
  "a Connection without the token": connection("keep-alive"),
  "a Connection with a longer token": connection("keep-alive, Upgraded"),
  "a Connection with the token inside of an item": connection("x Upgrade"),
  "a missing version": version(null),
  "an empty version": version(""),
  "version 0": version("0"),
  "version 12": version("12"),
  "version 14": version("14"),
  "version 13 twice in a line": version("13, 13"),
  "version 013": version("013"),
  "version 13.0": version("13.0"),
  "version 13 in two lines": {
    ...VERSION,
    request: add("Sec-WebSocket-Version", "13"),
    names: ["header Sec-WebSocket-Version", '"13, 13"'],
  },
  "a missing key": key(null),
  "an empty key": key(""),
  "a key of 15 bytes": key("MTIzNDU2Nzg5MDEyMzQ1"),
  "a key of 17 bytes": key("MTIzNDU2Nzg5MDEyMzQ1Njc="),
  "a key of 18 bytes": key("MTIzNDU2Nzg5MDEyMzQ1Njc4"),
  "a key without padding": key(SAMPLE_KEY.slice(0, -2)),
  "a key that is not base64": key("not base64 at all!!!!!=="),
  "a key in base64url": key("__79_Pv6-fj39vX08_Lx8A=="),
  "two keys in a line": key(`${SAMPLE_KEY}, ${SAMPLE_KEY}`),
  "two keys in two lines": {
    request: add("Sec-WebSocket-Key", SAMPLE_KEY),
    status: 400,
    names: ["header Sec-WebSocket-Key", `${SAMPLE_KEY}, ${SAMPLE_KEY}`],
  },
  "an origin of another host": origin("http://b.example", "http://a.example"),
  "an origin below the host": origin("http://x.a.example", "http://a.example"),
  "an origin that the host begins": origin(
    "http://a.example.evil.example",
    "http://a.example",
  ),
  "an origin of another scheme": origin(
    "https://a.example",
    "http://a.example",
  ),
  "an origin of another port": origin(
    "http://a.example:8080",
    "http://a.example",
    "http://a.example:3000",
  ),
  "an origin without a scheme": origin("a.example", "http://a.example"),
  "an origin with a path": origin("http://a.example/x", "http://a.example"),
  "an empty origin": {
    ...origin("", "http://a.example"),
    names: ["header Origin", '""'],
  },
  "the origin null": origin("null", "http://a.example"),
  "two origins": origin(
    "http://a.example, http://b.example",
    "http://a.example",
    "http://b.example",
  ),
};

/** What the router refuses beyond them. */
export const ROUTER_REFUSALS: Record<string, RefusalCase> = {
  "a Host that is none": {
    request: { host: "a b" },
    status: 400,
    names: ["header Host", '"a b"'],
  },
  "a no-break space after the token of Connection": {
    request: { replace: { connection: "Upgrade\u00a0" } },
    status: 400,
    names: ["header Connection"],
  },
  "an empty Host": {
    request: { host: "" },
    status: 400,
    names: ["header Host", '""'],
  },
  "a Host with a path in it": {
    request: { path: "/unknown", host: "a.example/echo?" },
    status: 400,
    names: ["header Host", '"a.example/echo?"'],
  },
  "a Host with a user in it": {
    request: { host: "user@a.example" },
    status: 400,
    names: ["header Host", '"user@a.example"'],
  },
  "a Host with a port that is none": {
    request: { host: "a.example:http" },
    status: 400,
    names: ["header Host", '"a.example:http"'],
  },
  "an unknown path": {
    request: { path: "/unknown?x=1" },
    status: 404,
    names: ['"/unknown"', "/, /echo (echo)", "/uppercase (uppercase)"],
  },
  "a path in another letter case": {
    request: { path: "/Echo" },
    status: 404,
    names: ['"/Echo"', "/, /echo (echo)"],
  },
  "a default path that is replaced": {
    request: { path: "/echo" },
    service: { paths: { echo: ["/a", "/b"] } },
    status: 404,
    names: ['"/echo"', "/a, /b (echo)", "/uppercase (uppercase)"],
  },
  "a bad behaviour": {
    request: { path: "/echo?delay=60001" },
    status: 400,
    names: ['"delay"', '"60001"', "0 to 60000"],
  },
  "a code that must not be sent": {
    request: { path: "/?close=1005" },
    status: 400,
    names: ['"close"', '"1005"', "1000-1003, 1007-1014 and 3000-4999"],
  },
  "a reason that is too long": {
    request: { path: `/?close=1000&reason=${"x".repeat(124)}` },
    status: 400,
    names: ['"reason"', "123 bytes"],
  },
};
