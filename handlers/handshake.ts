import { createHash } from "node:crypto";

/** A request that is answered with an HTTP error instead of an upgrade. */
export interface Refusal {
  status: number;
  /** One sentence that names the header, setting or parameter at fault. */
  message: string;
  headers?: Record<string, string>;
}

/** What a service asks of a handshake beyond RFC 6455. */
export interface HandshakeRules {
  /** The origins that may connect; empty: all. See {@link parseOrigin}. */
  origins: readonly string[];
}

/** A token of RFC 9110 section 5.6.2: a header's or a subprotocol's name. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Nothing that would move the border to the path: it is pasted into the URL. */
const HOST = /^[^\s/?#@\\]+$/;
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
/** What the server appends to the key (RFC 6455 section 1.3). */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Whether a text is a token (RFC 9110 section 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether a request asks for the WebSocket protocol (RFC 6455 section 4.1). */
export function wantsWebSocket(headers: Headers): boolean {
  return hasToken(headers.get("upgrade"), "websocket");
}

/**
 * Checks the opening handshake of a request that asks for the WebSocket
 * protocol, as RFC 6455 section 4.2.1 demands. `Deno.upgradeWebSocket` answers
 * 101 to nearly all of what is refused here, and throws on the rest.
 *
 * @returns why the handshake is refused, or nothing when it may go on
 */
export function checkHandshake(
  method: string,
  headers: Headers,
  rules: HandshakeRules,
): Refusal | undefined {
  if (method !== "GET") {
    return {
      status: 405,
      message:
        `Cannot upgrade: the method is ${method}, a WebSocket handshake needs GET`,
      headers: { "Allow": "GET" },
    };
  }
  const host = headers.get("host");
  if (host === null || !HOST.test(host)) return refuseHost(host);
  const connection = headers.get("connection");
  if (!hasToken(connection, "upgrade")) {
    return {
      status: 400,
      message: `Cannot upgrade: the header Connection is ${
        quote(connection)
      }, expected the token "Upgrade"`,
    };
  }
  const version = headers.get("sec-websocket-version");
  if (version !== "13") {
    return {
      status: 426,
      message: `Cannot upgrade: the header Sec-WebSocket-Version is ${
        quote(version)
      }, expected "13"`,
      // RFC 9110 section 15.5.22: a 426 names the protocol that is required.
      headers: {
        "Sec-WebSocket-Version": "13",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
      },
    };
  }
  const key = headers.get("sec-websocket-key");
  if (key === null || !KEY.test(key)) {
    return {
      status: 400,
      message: `Cannot upgrade: the header Sec-WebSocket-Key is ${
        quote(key)
      }, expected 16 bytes in base64`,
    };
  }
  const origin = headers.get("origin");
  if (
    origin !== null && rules.origins.length > 0 &&
    !rules.origins.includes(parseOrigin(origin) ?? origin)
  ) {
    return {
      status: 403,
      message: `Cannot upgrade: the header Origin is ${
        quote(origin)
      }, which --allow-origin does not allow`,
    };
  }
}

/** Refuses a handshake for its header Host. */
export function refuseHost(host: string | null): Refusal {
  return {
    status: 400,
    message: `Cannot upgrade: the header Host is ${
      quote(host)
    }, expected a host name and port`,
  };
}

/**
 * Brings an origin into the form that browsers send (RFC 6454 section 6.2):
 * scheme and host in lower case, no default port, no path. `null`, the origin
 * of sandboxed pages, is one of its own.
 *
 * @returns nothing when the text is not an origin
 */
export function parseOrigin(text: string): string | undefined {
  if (text === "null") return text;
  const url = URL.parse(text);
  if (
    !/^[^:]+:\/\/[^?#]+$/.test(text) || !url || !url.host || url.username ||
    url.password || (url.pathname !== "/" && url.pathname !== "")
  ) return undefined;
  return `${url.protocol}//${url.host}`;
}

/**
 * Agrees on a subprotocol (RFC 6455 section 4.2.2): the first of ours that the
 * client offers, or, where we have none, the client's first valid offer.
 *
 * @param offer the header `Sec-WebSocket-Protocol`, its lines joined by commas
 * @returns nothing when there is no match
 */
export function chooseSubprotocol(
  offer: string | null,
  ours: readonly string[],
): string | undefined {
  if (offer === null) return undefined;
  const offered = splitList(offer).filter(isToken);
  return ours.length === 0
    ? offered[0]
    : ours.find((name) => offered.includes(name));
}

/** The value of `Sec-WebSocket-Accept` for a key (RFC 6455 section 4.2.2). */
export function acceptKey(key: string): string {
  return createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64");
}

/** Whether a comma-separated header holds a token, in any letter case. */
function hasToken(header: string | null, token: string): boolean {
  if (header === null) return false;
  return splitList(header).some((item) => item.toLowerCase() === token);
}

/** The items of a header, without the blanks that HTTP allows around them. */
function splitList(header: string): string[] {
  // trim() would also take what the platform then does not take for a blank.
  return header.split(",").map((item) => item.replace(/^[ \t]+|[ \t]+$/g, ""));
}

function quote(value: string | null): string {
  if (value === null) return "missing";
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}
