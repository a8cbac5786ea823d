import { allowsOrigin } from "./origin.ts";
import { Refusal } from "./refusal.ts";
import { quote } from "./text.ts";

/** A request that asks for the WebSocket protocol. */
export interface HandshakeRequest {
  method: string;
  /** Null when the header Host does not fit into a URL. */
  url: URL | null;
  headers: Headers;
}

/** A token of RFC 9110 section 5.6.2: a header's or a subprotocol's name. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/**
 * The platform puts the header Host into the request's URL unchecked: these
 * characters would move the border between host and path.
 */
const HOST = /^[^\s/?#@\\]+$/;
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Whether a text is a token (RFC 9110 section 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether a request asks for the WebSocket protocol (RFC 6455 section 4.1). */
export function wantsWebSocket(headers: Headers): boolean {
  return hasToken(headers.get("upgrade"), "websocket");
}

/**
 * Checks the opening handshake of a request as RFC 6455 section 4.2.1 demands.
 * `Deno.upgradeWebSocket` answers 101 to nearly all that is refused here, and
 * throws on the rest.
 *
 * @param origins the origins that may connect, in the form of
 * `parseAllowedOrigin`; empty: all
 * @returns undefined when the handshake is valid
 */
export function checkHandshake(
  { method, url, headers }: HandshakeRequest,
  origins: readonly string[],
): Refusal | undefined {
  return checkMethod(method) ?? checkHost(headers, url) ??
    checkConnection(headers) ?? checkVersion(headers) ?? checkKey(headers) ??
    checkOrigin(headers, origins);
}

function checkMethod(method: string): Refusal | undefined {
  if (method === "GET") return undefined;
  return new Refusal(
    405,
    `Cannot upgrade: the method is ${method}, a WebSocket handshake needs GET`,
    { "Allow": "GET" },
  );
}

function checkHost(headers: Headers, url: URL | null): Refusal | undefined {
  const host = headers.get("host");
  if (host !== null && HOST.test(host) && url !== null) return undefined;
  return refuseHeader(400, "Host", host, "a host name and port");
}

function checkConnection(headers: Headers): Refusal | undefined {
  const connection = headers.get("connection");
  if (hasToken(connection, "upgrade")) return undefined;
  return refuseHeader(400, "Connection", connection, 'the token "Upgrade"');
}

function checkVersion(headers: Headers): Refusal | undefined {
  const version = headers.get("sec-websocket-version");
  if (version === "13") return undefined;
  return refuseHeader(426, "Sec-WebSocket-Version", version, '"13"', {
    "Sec-WebSocket-Version": "13",
    // RFC 9110 section 15.5.22: a 426 names the protocol that is required.
    "Upgrade": "websocket",
    "Connection": "Upgrade",
  });
}

function checkKey(headers: Headers): Refusal | undefined {
  const key = headers.get("sec-websocket-key");
  if (key !== null && KEY.test(key)) return undefined;
  return refuseHeader(400, "Sec-WebSocket-Key", key, "16 bytes in base64");
}

function checkOrigin(
  headers: Headers,
  origins: readonly string[],
): Refusal | undefined {
  // Clients other than browsers send no origin.
  const origin = headers.get("origin");
  if (
    origin === null || origins.length === 0 ||
    allowsOrigin(origin, headers.get("host") ?? "", origins)
  ) return undefined;
  return new Refusal(
    403,
    `Cannot upgrade: the header Origin is ${
      quote(origin)
    }, which --allow-origin does not allow`,
  );
}

function refuseHeader(
  status: number,
  name: string,
  value: string | null,
  expected: string,
  headers?: Record<string, string>,
): Refusal {
  return new Refusal(
    status,
    `Cannot upgrade: the header ${name} is ${
      value === null ? "missing" : quote(value)
    }, expected ${expected}`,
    headers,
  );
}

/**
 * Selects a subprotocol (RFC 6455 section 4.2.2): the first of the supported
 * ones that the client offers, or, where none is configured, the client's first
 * valid offer.
 *
 * @param offer the header `Sec-WebSocket-Protocol`, its lines joined by commas
 * @param supported in order of preference
 * @returns undefined when there is no match
 */
export function chooseSubprotocol(
  offer: string | null,
  supported: readonly string[],
): string | undefined {
  if (offer === null) return undefined;
  const offered = splitList(offer).filter(isToken);
  return supported.length === 0
    ? offered[0]
    : supported.find((name) => offered.includes(name));
}

/** Whether a comma-separated header holds a token, in any letter case. */
function hasToken(header: string | null, token: string): boolean {
  if (header === null) return false;
  return splitList(header).some((item) => item.toLowerCase() === token);
}

/** The items of a comma-separated header, without the blanks around them. */
function splitList(header: string): string[] {
  // trim() would also remove characters that the platform does not.
  return header.split(",").map((item) => item.replace(/^[ \t]+|[ \t]+$/g, ""));
}
