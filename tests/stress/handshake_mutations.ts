import { SAMPLE_KEY } from "../support/raw_client.ts";
import type { Random } from "./random.ts";

/** A request, taken apart so that each part can be spoilt. */
interface Draft {
  method: string;
  target: string;
  version: string;
  lines: string[];
  lineEnd: string;
  /** What comes before and after the request. */
  before: string;
  after: string;
}

/** The only origin that the fuzzed service allows. */
export const ALLOWED_ORIGIN = "https://good.example";

// deno-fmt-ignore
const METHODS = [
  "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE",
  "PATCH", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK",
  "SEARCH", "REPORT", "PURGE", "LINK", "M-SEARCH", "QUERY", "PRI", "get",
  "Get", "GETT", "G", "WEBSOCKET", "X!", "G@T", "", "\xff", "GET\t",
];
// deno-fmt-ignore
const TARGETS = [
  "/", "/echo", "/echo/", "/uppercase", "/uppercase/", "/ECHO", "/nope",
  "/echo//", "//echo", "/%65cho", "/%", "/%00", "/../echo", "/a/../echo",
  "/./", "/..%2fecho", "/echo?", "/echo?x=1", "/?delay=0", "/?delay=60001",
  "/?delay=-1", "/?delay=1e3", "/?delay=", "/?push=10", "/?push=9",
  "/?close=1000&after=0", "/?close=1005", "/?close=999", "/?close=01000",
  "/?info=1", "/?info=yes", "/?info=1&info=1", "/?reason=%FF%00",
  `/?reason=${"x".repeat(124)}`, `/?prefix=${"x".repeat(1_024)}`,
  `/?prefix=${"x".repeat(1_025)}`, "/?after=1000001", "/?%", "/echo#x",
  "/echo?delay=1#x", "*", "echo", "?", "", "http://a.example/echo",
  "http://a.example/", "http://a.example/nope", "/\\echo", "/<>", "/{}",
  "/\xe4", "/ echo", "/\0", `/${"x".repeat(9_000)}`,
];
// deno-fmt-ignore
const VERSIONS = [
  "HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/2", "http/1.1",
  "HTTP/1.1 ", "HTTP/1.10", "HTTP/11", "HTTP", "", "HTTQ/1.1", "\0",
];
// deno-fmt-ignore
const LINES = [
  "Host:", "Host: a b", "Host: [::1", "Host: a%zz", "Host: a:99999",
  "Host: a/b", "Host: u@a", "Host: a?b", "Host: \xe4", "Host: [::1]:80",
  "Connection: keep-alive, Upgrade", "Connection: upgrade,close",
  "Connection: close", "Connection: keep-alive; upgrade", "Connection:",
  "Connection: Upgrade\xa0", "connection: UPGRADE",
  "Upgrade: h2c, WebSocket", "Upgrade: websocket/13", "Upgrade: h2c",
  "Upgrade:", "Upgrade: web socket", "Upgrade: websocket\xa0", "UPGRADE: websocket",
  "Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 13, 8",
  "Sec-WebSocket-Version: 013", "Sec-WebSocket-Version:", "Sec-WebSocket-Version: 13.0",
  "Sec-WebSocket-Version:\t13\t ", "Sec-WebSocket-Key: AAAA",
  "Sec-WebSocket-Key:", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAA-==",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Key: \xff",
  `Origin: ${ALLOWED_ORIGIN}`, "Origin: https://bad.example", "Origin: null",
  "Origin:", `Origin: ${ALLOWED_ORIGIN}.evil.example`,
  "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: a,b, c",
  "Sec-WebSocket-Protocol: ,", "Sec-WebSocket-Protocol: a b, \xe4, ok",
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
  "Sec-WebSocket-Extensions: ;;", "Content-Length: 0", "Content-Length: 5",
  "Content-Length: -1", "Content-Length: 5, 6", "Transfer-Encoding: chunked",
  "Transfer-Encoding: nonsense", "X-Empty:", "X-Bytes: \x80\xff\x09",
  ": x", "X", "X Y: z", "X\xff: y", "X : y", "X: a\0b", "X: a\rb", "\x01: x",
];
// deno-fmt-ignore
const GARBAGE = [
  "hello", "\xff".repeat(50), "\r\n\r\n", "GET", "GET / HTTP/1.1\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00",
  "x".repeat(70_000), "POST / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nX: y\r\n\r\n",
];
const SIZES = [100, 4_000, 9_000, 20_000, 70_000, 300_000];

type Mutation = (draft: Draft, random: Random) => void;

/** Ways to spoil a request, all equally likely. */
const MUTATIONS: Mutation[] = [
  function drop(draft, random) {
    draft.lines.splice(random.below(draft.lines.length), 1);
  },
  function double({ lines }, random) {
    const at = random.below(lines.length + 1);
    lines.splice(at, 0, random.pick(lines) ?? "");
  },
  function reorder({ lines }, random) {
    for (let i = lines.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
    }
  },
  function fold({ lines }, random) {
    const at = random.below(lines.length);
    const line = lines[at] ?? "";
    const cut = random.below(line.length + 1);
    lines[at] = `${line.slice(0, cut)}\r\n${random.pick([" ", "\t"])}${
      line.slice(cut)
    }`;
  },
  function oversize({ lines }, random) {
    const text = "x".repeat(random.pick(SIZES));
    lines.splice(
      random.below(lines.length + 1),
      0,
      random.pick([`X: ${text}`, `${text}: x`, `Cookie: a=${text}`, text]),
    );
  },
  function crowd({ lines }, random) {
    const count = random.pick([20, 90, 120, 300]);
    for (let i = 0; i < count; i++) lines.push(`X-${i}: ${i}`);
  },
  function replaceLine({ lines }, random) {
    const line = random.pick(LINES);
    const name = line.slice(0, line.indexOf(":") + 1).toLowerCase();
    const at = lines.findIndex((old) => old.toLowerCase().startsWith(name));
    if (at >= 0 && !random.once(5)) lines[at] = line;
    else lines.splice(random.below(lines.length + 1), 0, line);
  },
  function method(draft, random) {
    draft.method = random.pick(METHODS);
  },
  function target(draft, random) {
    draft.target = random.pick(TARGETS);
  },
  function version(draft, random) {
    draft.version = random.pick(VERSIONS);
  },
  function lineEnds(draft, random) {
    draft.lineEnd = random.pick(["\n", "\r", "\r\r\n", "\n\r"]);
  },
  function before(draft, random) {
    draft.before = random.pick([
      "\r\n",
      "\n\n",
      " ",
      "\0",
      "x",
      "\xef\xbb\xbf",
    ]);
  },
  function after(draft, random) {
    draft.after = random.pick(GARBAGE);
  },
  function another(draft, random) {
    draft.after = `GET ${
      random.pick(TARGETS)
    } HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${SAMPLE_KEY}\r\n\r\n`;
  },
];

/**
 * A request with one to three faults, some of which do no harm.
 *
 * @returns its bytes, each one a character (Latin-1)
 */
export function mutatedRequest(random: Random): string {
  const draft: Draft = {
    method: "GET",
    target: random.pick(["/", "/echo", "/uppercase"]),
    version: "HTTP/1.1",
    lines: [
      "Host: 127.0.0.1",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${SAMPLE_KEY}`,
    ],
    lineEnd: "\r\n",
    before: "",
    after: "",
  };
  // A request for the page is spoilt now and then, too.
  if (random.once(10)) draft.lines.splice(1);
  for (let faults = random.between(1, 3); faults > 0; faults--) {
    random.pick(MUTATIONS)(draft, random);
  }
  const { method, target, version, lines, lineEnd, before, after } = draft;
  const text = before +
    [`${method} ${target} ${version}`, ...lines, "", ""].join(lineEnd) + after;
  return random.once(3) ? spoilBytes(text, random) : text;
}

/** Changes, adds or removes one byte anywhere, or cuts the text off. */
function spoilBytes(text: string, random: Random): string {
  const at = random.below(text.length);
  const byte = String.fromCharCode(random.below(256));
  return random.pick([
    text.slice(0, at) + byte + text.slice(at + 1),
    text.slice(0, at) + byte + text.slice(at),
    text.slice(0, at) + text.slice(at + 1),
    text.slice(0, at),
  ]);
}
