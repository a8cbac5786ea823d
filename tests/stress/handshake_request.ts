import fc from "fast-check";
import { type RawHeader, SAMPLE_KEY } from "../support/raw_client.ts";
import type { Value } from "./fuzz.ts";

/** The only origin that the service of this part allows. */
export const ALLOWED_ORIGIN = "https://good.example";

/** Targets that must be upgraded, to connections that echo digits at once. */
const GOOD_TARGETS = [
  ...["/", "/echo", "/uppercase", "/echo/", "/uppercase/", "/echo?", "/./"],
  ...["/echo?x=1", "/?delay=0", "/?prefix=", "/?info=0", "/?push=3600000"],
  ...["/?close=1013&after=2", `/?reason=${"x".repeat(123)}`, "/../echo"],
  ...["/a/../echo", "http://a.example/echo"],
];
/** Targets that must not be upgraded. */
const BAD_TARGETS = [
  ...["/nope", "/ECHO", "/echo//", "/%65cho", "/%", "/%00", "/..%2fecho"],
  ...["/?delay=60001", "/?push=9", "/?close=1005", "/?info=1&info=1"],
  ...[`/?prefix=${"x".repeat(1_025)}`, `/${"x".repeat(9_000)}`, "*", "echo"],
  ...["?", "", "http://a.example/nope", "/ echo", "/\0", "/\xe4x"],
];
/** What is put into a request anywhere: a body, another request, too much. */
const INSERTS = [
  ...[
    "\n",
    "\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\r\nContent-Length: 5",
  ],
  ...["\r\nTransfer-Encoding: chunked", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ...["x".repeat(9_000), "x".repeat(300_000), "\r\nX: x".repeat(300)],
];

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
/** Without line feeds, so that no part of a request ends it. */
const anyByte = fc.nat(255).filter((code) => code !== 10)
  .map((code) => String.fromCharCode(code));
const anyText = fc.string({ unit: anyByte, maxLength: 30 });

/** Mostly one of the usual values, to which a failing case shrinks. */
function mostly<T>(usual: T[], others: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 8, arbitrary: oneOf(...usual) },
    { weight: 1, arbitrary: others },
  );
}

/** Changes of a text in one place. */
const edits = (...inserts: string[]) =>
  fc.record({
    /** Where, in thousandths of the text. */
    at: fc.nat(1_000),
    /** How many characters are taken out. */
    cut: oneOf(0, 1, 2, 10, Infinity),
    insert: fc.oneof(oneOf("", "\r", "a\r\n b", ...inserts), anyText),
  });

function edit(
  text: string,
  { at, cut, insert }: { at: number; cut: number; insert: string },
): string {
  const place = Math.floor(text.length * at / 1_000);
  return text.slice(0, place) + insert + text.slice(place + cut);
}

/** A text in one of several forms, or changed, or quite another one. */
function spoilt(...forms: string[]): fc.Arbitrary<string> {
  const edited = edits().map((change) => edit(forms[0]!, change));
  return fc.oneof(oneOf(...forms), oneOf(...forms), edited, anyText);
}

/** A header: often one line, else none or two. */
function lines(name: string, ...values: string[]): fc.Arbitrary<RawHeader[]> {
  const names = mostly([name, name.toLowerCase()], spoilt(name));
  const line = fc.tuple(names, spoilt(...values));
  const one = fc.array(line, { minLength: 1, maxLength: 1 });
  return fc.oneof(one, one, fc.array(line, { maxLength: 2 }));
}

/** A header that is mostly there, with the first of its values. */
function header(name: string, ...values: string[]) {
  return mostly<RawHeader[]>([[[name, values[0]!]]], lines(name, ...values));
}

// deno-fmt-ignore
const headers = fc.tuple(
  header("Host", "127.0.0.1", "a.example:80", "[::1]:80", "a b", "[::1", "a%zz",
    "a:99999", "a/b", "u@a", "a?b"),
  header("Connection", "Upgrade", "keep-alive, Upgrade", "upgrade,close", "close",
    "keep-alive; upgrade", "Upgrade\xa0"),
  header("Upgrade", "websocket", "h2c, WebSocket", "websocket/13", "h2c"),
  header("Sec-WebSocket-Version", "13", "\t13\t ", "8", "13, 8", "013", "13.0"),
  header("Sec-WebSocket-Key", SAMPLE_KEY, "AAAA", "AAAAAAAAAAAAAAAAAAAAA-=="),
  mostly([[]], lines("Origin", ALLOWED_ORIGIN, "https://bad.example", "null")),
  mostly([[]], fc.oneof(
    lines("Sec-WebSocket-Protocol", "chat", "a,b, c", ",", "a b, \xe4, ok"),
    lines("Sec-WebSocket-Extensions", "permessage-deflate", ";;"),
  )),
).map((groups) => groups.flat());

/** Handshakes, most of them with a fault or more. Strings hold Latin-1. */
export const requests = fc.record({
  method: mostly(
    ["GET"],
    spoilt("GET", "HEAD", "POST", "CONNECT", "get"),
  ),
  target: mostly(GOOD_TARGETS, oneOf(...BAD_TARGETS)),
  version: mostly(
    ["HTTP/1.1"],
    spoilt("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.10"),
  ),
  headers: headers.chain((all) => mostly([all], fc.shuffledSubarray(all))),
  /** Changes of the whole text, regardless of its parts. */
  changes: mostly([[]], fc.array(edits(...INSERTS), { maxLength: 3 })),
});

export type Request = Value<typeof requests>;

/** The characters of a request, one for each byte. */
export function toText(request: Request): string {
  const { method, target, version, headers, changes } = request;
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} ${target} ${version}`, ...lines, "", ""]
    .join("\r\n");
  return changes.reduce(edit, text);
}

/**
 * Whether a request may be answered with 101: what RFC 6455 section 4.2.1 asks
 * for, point by point, in a request that is well-formed (RFC 9112), from an
 * allowed origin, to an endpoint. Where the whole text was changed, its parts
 * cannot tell.
 */
export function isValid(request: Request): boolean {
  const { method, target, version, headers, changes } = request;
  if (changes.length > 0) return true;
  // The white space of HTTP is space and tab alone.
  const trim = (value: string) => value.replace(/^[ \t]+|[ \t]+$/g, "");
  const values = (name: string) =>
    headers.filter(([given]) => given.toLowerCase() === name)
      .map(([, value]) => trim(value));
  const has = (name: string, token: string) =>
    values(name).flatMap((value) => value.split(","))
      .some((item) => trim(item).toLowerCase() === token);
  return method === "GET" && GOOD_TARGETS.includes(target) &&
    // The platform does not tell the service which of the two it was.
    ["HTTP/1.1", "HTTP/1.0"].includes(version) &&
    !["", undefined].includes(values("host")[0]) &&
    has("upgrade", "websocket") && has("connection", "upgrade") &&
    /^[A-Za-z0-9+/]{22}==$/.test(values("sec-websocket-key").join()) &&
    values("sec-websocket-version").join() === "13" &&
    (values("origin").length === 0 ||
      values("origin").join() === ALLOWED_ORIGIN) &&
    headers.every(([name, value]) =>
      /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) &&
      // deno-lint-ignore no-control-regex
      !/[\x00-\x08\x0a-\x1f\x7f]/.test(value)
    );
}

/**
 * Whether a request must be answered with 101: it is valid and has nothing
 * about it that a server may refuse, or answer and wait for something else.
 */
export function isPlain(request: Request): boolean {
  const { version, headers, changes } = request;
  const names = headers.map(([name]) => name.toLowerCase());
  const isOnce = (name: string) =>
    names.indexOf(name) === names.lastIndexOf(name);
  const host = headers[names.indexOf("host")]?.[1] ?? "";
  return isValid(request) && changes.length === 0 && version === "HTTP/1.1" &&
    isOnce("host") && isOnce("upgrade") &&
    ["127.0.0.1", "a.example:80"].includes(host);
}
