import fc from "fast-check";
import type { RawHeader } from "../support/raw_client.ts";
import { SAMPLE_KEY } from "../support/raw_client.ts";

/** A request in parts, each of which can be wrong. Strings hold Latin-1. */
export interface Request {
  method: string;
  target: string;
  version: string;
  headers: RawHeader[];
  lineEnd: string;
  /** What comes before the request. */
  before: string;
  /** What comes after it. */
  after: string;
  /** How many characters are cut off its end. */
  cut: number;
}

/** The only origin that the service of this part allows. */
export const ALLOWED_ORIGIN = "https://good.example";

/** Targets of the endpoints that must be upgraded, and echo digits. */
const PLAIN_TARGETS = [
  ...["/", "/echo", "/uppercase", "/echo/", "/uppercase/", "/echo?"],
  ...["/echo?x=1", "/?delay=0", "/?prefix="],
];
/** Targets that may be upgraded: parameters, and other spellings. */
const GOOD_TARGETS = [
  ...["/?push=10", "/?close=1000&after=0", "/?info=1", "/?delay=60000"],
  ...[`/?prefix=${"x".repeat(1_024)}`, `/?reason=${"x".repeat(123)}`, "/./"],
  ...["/../echo", "/a/../echo", "/echo#x", "http://a.example/echo"],
];
/** Targets that must not be upgraded. */
const BAD_TARGETS = [
  ...["/nope", "/ECHO", "/echo//", "/%65cho", "/%", "/%00", "/..%2fecho"],
  ...["/?delay=60001", "/?delay=-1", "/?delay=1e3", "/?push=9", "/?info=yes"],
  ...["/?close=1005", "/?close=999", "/?info=1&info=1", "/?after=1000001"],
  ...[`/?prefix=${"x".repeat(1_025)}`, `/?reason=${"x".repeat(124)}`],
  ...["*", "echo", "?", "", "http://a.example/nope", "/ echo", "/\0", "/\xe4x"],
  `/${"x".repeat(9_000)}`,
];
// deno-fmt-ignore
const METHODS = [
  "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
  "PROPFIND", "PRI", "get", "GETT", "G", "X!", "G@T", "", "\xff", "GET\t",
];
// deno-fmt-ignore
const VERSIONS = [
  "HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/2", "http/1.1",
  "HTTP/1.1 ", "HTTP/1.10", "HTTP", "", "HTTQ/1.1", "\0",
];

/** Any text without a line break. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) =>
    String.fromCharCode(code)
  ).filter((character) => !/[\r\n]/.test(character)),
  maxLength: 30,
});

/** Mostly the first value; sometimes, and never in a small case, another. */
function mostly<T>(usual: T, others: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: others },
  );
}

/** A header: mostly as it should be; else missing, doubled or with others. */
function header(
  name: string,
  usual: string | undefined,
  ...values: string[]
): fc.Arbitrary<RawHeader[]> {
  const line = fc.tuple(
    fc.constantFrom(name, name.toLowerCase(), name.toUpperCase()),
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(usual ?? "", ...values) },
      { weight: 1, arbitrary: anyText },
    ),
  );
  return mostly(
    usual === undefined ? [] : [[name, usual]],
    fc.array(line, { maxLength: 2 }),
  );
}

/** Header lines besides those of the handshake, some of them malformed. */
const otherHeaders: fc.Arbitrary<RawHeader[]> = fc.oneof(
  fc.array(fc.tuple(fc.constantFrom("X", "X-Y", "Cookie"), anyText), {
    maxLength: 2,
  }),
  fc.constantFrom<RawHeader[]>(
    ...["", "X Y", "X\xff", "X ", "\x01", " X"].map((name) =>
      [[name, "x"]] as RawHeader[]
    ),
    // A value that goes on in the next line, or seems to.
    ...["a\r\n b", "a\rb", "a\nb", "a\r\n\tb"].map((value) =>
      [["X", value]] as RawHeader[]
    ),
    ...["0", "5", "-1", "5, 6"].map((value) =>
      [["Content-Length", value]] as RawHeader[]
    ),
    [["Transfer-Encoding", "chunked"]],
    [["Transfer-Encoding", "nonsense"]],
  ),
  fc.constantFrom(100, 9_000, 70_000, 300_000).map((size) =>
    [["X", "x".repeat(size)]] as RawHeader[]
  ),
  fc.constantFrom(20, 120, 300).map((count) =>
    Array.from({ length: count }, (_, i) => [`X-${i}`, `${i}`] as RawHeader)
  ),
);

/** Handshakes, about half of them with one fault or more. */
export const requests: fc.Arbitrary<Request> = fc.record({
  method: mostly("GET", fc.constantFrom(...METHODS)),
  target: fc.oneof(
    { withCrossShrink: true },
    { weight: 12, arbitrary: fc.constantFrom(...PLAIN_TARGETS) },
    { weight: 1, arbitrary: fc.constantFrom(...GOOD_TARGETS) },
    { weight: 1, arbitrary: fc.constantFrom(...BAD_TARGETS) },
  ),
  version: mostly("HTTP/1.1", fc.constantFrom(...VERSIONS)),
  // deno-fmt-ignore
  headers: fc.tuple(
    header("Host", "127.0.0.1", "a.example:80", "[::1]:80", "a b", "[::1", "a%zz",
      "a:99999", "a/b", "u@a", "a?b"),
    header("Connection", "Upgrade", "keep-alive, Upgrade", "upgrade,close", "close",
      "keep-alive; upgrade", "Upgrade\xa0"),
    header("Upgrade", "websocket", "h2c, WebSocket", "websocket/13", "h2c",
      "web socket", "websocket\xa0"),
    header("Sec-WebSocket-Version", "13", "\t13\t ", "8", "13, 8", "013", "13.0"),
    header("Sec-WebSocket-Key", SAMPLE_KEY, "AAAAAAAAAAAAAAAAAAAAAA==", "AAAA",
      "AAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAA-==",
      "AAAAAAAAAAAAAAAAAAAAAAA=="),
    header("Origin", undefined, ALLOWED_ORIGIN, "https://bad.example", "null",
      `${ALLOWED_ORIGIN}.evil.example`),
    header("Sec-WebSocket-Protocol", undefined, "chat", "a,b, c", ",", "a b, \xe4, ok"),
    header("Sec-WebSocket-Extensions", undefined, "permessage-deflate", ";;"),
    mostly([], otherHeaders),
  ).map((headers) => headers.flat()).chain((headers) =>
    mostly(headers, fc.shuffledSubarray(headers))
  ),
  lineEnd: mostly("\r\n", fc.constantFrom("\n", "\r", "\r\r\n", "\n\r")),
  before: mostly("", fc.constantFrom("\r\n", "\n\n", " ", "\0", "x", "\xef")),
  after: mostly(
    "",
    fc.constantFrom(
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      ...["hello", "\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00", "GET"],
      ...["x".repeat(70_000), "\xff".repeat(50)],
    ),
  ),
  cut: mostly(0, fc.integer({ min: 1, max: 200 })),
});

/** The characters of a request, one for each byte. */
export function toText(request: Request): string {
  const { method, target, version, headers, lineEnd, before, after } = request;
  const head = [
    `${method} ${target} ${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...["", ""],
  ].join(lineEnd);
  return before +
    (request.cut > 0 ? head.slice(0, -request.cut) : head + after);
}

/**
 * Whether a request may be answered with 101: what RFC 6455 section 4.2.1 asks
 * for, point by point, in a request that is well-formed (RFC 9112), from an
 * allowed origin, to an endpoint.
 */
export function isValid(request: Request): boolean {
  const { method, target, version, headers, lineEnd, before, cut } = request;
  const values = (name: string) =>
    headers.filter(([given]) => given.toLowerCase() === name)
      .map(([, value]) => trim(value));
  const has = (name: string, token: string) =>
    values(name).flatMap((value) => value.split(","))
      .some((item) => trim(item).toLowerCase() === token);
  const isOnly = (name: string, form: RegExp) =>
    values(name).length === 1 && form.test(values(name)[0]!);
  return method === "GET" &&
    [...PLAIN_TARGETS, ...GOOD_TARGETS].includes(target) &&
    // The platform does not tell the service which of the two it was.
    ["HTTP/1.1", "HTTP/1.0"].includes(version) &&
    (values("host")[0] ?? "") !== "" &&
    has("upgrade", "websocket") && has("connection", "upgrade") &&
    isOnly("sec-websocket-key", /^[A-Za-z0-9+/]{22}==$/) &&
    isOnly("sec-websocket-version", /^13$/) &&
    (values("origin").length === 0 ||
      values("origin").join() === ALLOWED_ORIGIN) &&
    headers.every(isWellFormed) &&
    // RFC 9112 section 2.2 allows both, and empty lines before.
    ["\r\n", "\n"].includes(lineEnd) && /^[\r\n]*$/.test(before) && cut === 0;
}

/**
 * Whether a valid request must be answered with 101: it has nothing about it
 * that a server may refuse, or answer and then wait for something else.
 */
export function isPlain(request: Request): boolean {
  const { target, version, headers, lineEnd, before, after } = request;
  const names = headers.map(([name]) => name.toLowerCase());
  const host = headers.find(([name]) => name.toLowerCase() === "host")?.[1];
  return PLAIN_TARGETS.includes(target) && version === "HTTP/1.1" &&
    lineEnd === "\r\n" && before === "" && after === "" &&
    /^[a-z0-9.]+(?::\d{1,4})?$/.test(host ?? "") &&
    !names.includes("content-length") && !names.includes("transfer-encoding") &&
    ["host", "upgrade"].every((name) =>
      names.filter((given) => given === name).length === 1
    ) && names.length < 30 && toText(request).length < 8_000;
}

/**
 * Whether a server has all that it needs to answer, or to end the connection:
 * no request line, header or body is left open.
 */
export function isComplete(request: Request): boolean {
  const { method, headers, lineEnd, before, cut } = request;
  const hasBody = headers.some(([name]) => /^(content|transfer)-/i.test(name));
  return cut === 0 && lineEnd === "\r\n" && before === "" && !hasBody &&
    method !== "PRI" && toText(request).length < 8_000;
}

function isWellFormed([name, value]: RawHeader): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) &&
    // deno-lint-ignore no-control-regex
    !/[\x00-\x08\x0a-\x1f\x7f]/.test(value);
}

/** Without the white space of HTTP, which is space and tab alone. */
function trim(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}
