import { expectUpgrade, hasToken } from "./handshake_model.ts";

/** What may come back for one request. */
export interface Expectation {
  method: string;
  /** The statuses that are right. */
  statuses: number[];
  /** Whether the server may wait for more bytes before it answers. */
  mayWait: boolean;
  /** Whether a closed connection, without any response, is right as well. */
  mayClose: boolean;
  /** Whether the service itself must have answered, not the HTTP layer. */
  byService: boolean;
  /**
   * Whether a 101 begins a WebSocket connection. Where the first of several
   * lines `Upgrade` does not name it, the HTTP layer reads on as HTTP.
   */
  opens: boolean;
  /** The request's headers, lines of one name joined by ", ". */
  headers: Map<string, string>;
  /** Where the request's head ends in the client's bytes. */
  end: number;
}

/** What the HTTP layer may do with what is no request. */
const UNREADABLE = [400, 431];
/** Beyond these, the HTTP layer may refuse a head that is otherwise right. */
const COMMON_HEAD_BYTES = 16_000;
const COMMON_HEADER_LINES = 100;
const SHORT_HEADER_LINES = 30;

const REQUEST_LINE =
  // deno-lint-ignore no-control-regex
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\x00-\x20\x7f]+) HTTP\/1\.([01])$/;
const HEADER_LINE =
  // deno-lint-ignore no-control-regex
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*$/;

/**
 * Reads a client's bytes as RFC 9112 says, and tells what must come back for
 * each request in them. The list ends where one request cannot be told from the
 * next any more.
 *
 * @param text the bytes, each one a character (Latin-1)
 * @param origins the origins that the service allows
 */
export function expectResponses(
  text: string,
  origins: readonly string[],
): Expectation[] {
  const expectations: Expectation[] = [];
  // Until the whole of the text is read, or one request ends the conversation.
  let mayEnd = false;
  for (let at = 0; skipEmptyLines(text, at) < text.length;) {
    const { expectation, next, keepsAlive } = expectOne(text, at, origins);
    expectations.push({
      ...expectation,
      mayClose: expectation.mayClose || mayEnd,
    });
    if (next === undefined) break;
    mayEnd ||= !keepsAlive;
    at = next;
  }
  return expectations;
}

/** RFC 9112 section 2.2: empty lines before a request are skipped. */
function skipEmptyLines(text: string, at: number): number {
  return at + /^(?:\r?\n)*/.exec(text.slice(at, at + 100))![0].length;
}

function expectOne(text: string, at: number, origins: readonly string[]): {
  expectation: Expectation;
  /** Where the next request begins, if that is known. */
  next?: number;
  /** Whether the next request is sure to be read. */
  keepsAlive?: boolean;
} {
  const unreadable = {
    expectation: {
      method: "GET",
      statuses: UNREADABLE,
      mayWait: true,
      mayClose: true,
      byService: false,
      opens: false,
      headers: new Map<string, string>(),
      end: text.length,
    },
  };
  const end = /\r?\n\r?\n/g;
  const begin = skipEmptyLines(text, at);
  end.lastIndex = begin;
  const match = end.exec(text);
  if (!match) return unreadable;
  const head = text.slice(begin, match.index);
  const [first = "", ...lines] = head.split(/\r?\n/);
  const request = REQUEST_LINE.exec(first);
  if (!request) return unreadable;
  const [, method = "", target = "", minor] = request;

  const headers = new Map<string, string>();
  let opens = false;
  for (const line of lines) {
    const [, rawName, value = ""] = HEADER_LINE.exec(line) ?? [];
    const name = rawName?.toLowerCase();
    // RFC 9112 section 3.2: two Host lines are an error, for HTTP/1.1.
    const isError = name === "host" && headers.has(name) && minor === "1";
    if (name === undefined || isError) return unreadable;
    const before = headers.get(name);
    // HTTP/1.0 knows no such rule: the runtime takes the first.
    if (name === "host" && before !== undefined) continue;
    if (name === "upgrade" && before === undefined) {
      opens = hasToken(value, "websocket");
    }
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  // RFC 9110 section 8.6: the same length twice may count as one.
  const length = headers.get("content-length")?.replace(
    /^(\d+)(?:, \1)+$/,
    "$1",
  );
  const isRepeated = length !== headers.get("content-length");
  const coding = headers.get("transfer-encoding");
  if (length !== undefined && (!/^\d+$/.test(length) || coding !== undefined)) {
    return unreadable;
  }

  const byUpgrade = expectUpgrade(method, target, headers, origins);
  let statuses = byUpgrade ??
    (method === "GET" || method === "HEAD" ? [200] : [405]);
  let byService = true;
  const widen = (...more: number[]) => {
    statuses = [...new Set([...statuses, ...more])];
    byService = false;
  };
  // The runtime refuses an upgrade, to whatever, that announces a body.
  if (
    hasToken(headers.get("connection"), "upgrade") &&
    (length ?? coding) !== undefined
  ) {
    statuses = statuses.filter((status) => status !== 101);
    widen(400);
  }
  if (coding !== undefined && coding.toLowerCase() !== "chunked") widen(400);
  if (!isCommonTarget(method, target)) widen(400, 404);
  // The HTTP layer reads empty lines before a request not in every case.
  if (begin > at) widen(...UNREADABLE);
  // RFC 6455 section 4.1 asks for HTTP/1.1; the platform does not say which it
  // was, so that the service cannot refuse 1.0.
  if (minor === "0") widen(400, 426, 505);
  const large = head.length > COMMON_HEAD_BYTES ||
    lines.length > COMMON_HEADER_LINES;
  if (large) widen(...UNREADABLE);
  // RFC 9112 section 2.2: a server need not take LF for CRLF, and the runtime
  // does so for a short head whose bytes came alone.
  const mayWait = (large || at > 0 || lines.length > SHORT_HEADER_LINES) &&
    /[^\r]\n/.test(text.slice(begin, match.index) + match[0]);
  if (mayWait || isRepeated) widen(...UNREADABLE);
  const headEnd = match.index + match[0].length;
  return {
    expectation: {
      method,
      statuses,
      mayWait,
      mayClose: large || mayWait || coding !== undefined,
      byService,
      opens,
      headers,
      end: headEnd,
    },
    // Chunks are not read here.
    ...(coding === undefined ? { next: headEnd + Number(length ?? 0) } : {}),
    keepsAlive: !hasToken(headers.get("connection"), "close") &&
      minor === "1" && !large && !mayWait && length === undefined,
  };
}

/** Whether a target has the form that servers must read (RFC 9112, 3.2). */
function isCommonTarget(method: string, target: string): boolean {
  if (method === "CONNECT") return false;
  if (method === "OPTIONS" && target === "*") return true;
  return /^(?:\/|http:\/\/[a-z.]+\/)[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*$/
    .test(target);
}
