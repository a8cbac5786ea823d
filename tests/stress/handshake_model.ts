/**
 * What the service must answer to an upgrade request, told a second time and
 * without its code, from RFC 6455 section 4.2.1 and the README.
 *
 * @module
 */

const PATHS = ["/", "/echo", "/uppercase"];

/** A name or an address, and a port (RFC 9110 section 7.2). */
const HOST = /^(?:[A-Za-z0-9.\-]+|\[[0-9a-f:]+\])(?::\d+)?$/;
/** Each connection parameter's rule. */
const PARAMETERS: Record<string, (value: string) => boolean> = {
  prefix: (value) => [...value].length <= 1_024,
  delay: (value) => isWhole(value, 0, 60_000),
  push: (value) => isWhole(value, 10, 3_600_000),
  after: (value) => isWhole(value, 0, 1_000_000),
  info: (value) => isWhole(value, 0, 1),
  reason: (value) => new TextEncoder().encode(value).length <= 123,
  close: (value) =>
    value.length === 4 &&
    (isWhole(value, 1000, 1003) || isWhole(value, 1007, 1014) ||
      isWhole(value, 3000, 4999)),
};

/**
 * The statuses that are right for a request, if it asks for an upgrade.
 *
 * @param headers names in lower case; lines of one name joined by ", "
 * @returns nothing for a request that asks for no upgrade
 */
export function expectUpgrade(
  method: string,
  target: string,
  headers: Map<string, string>,
  origins: readonly string[],
): number[] | undefined {
  if (!hasToken(headers.get("upgrade"), "websocket")) return undefined;
  const status = expectStatus(method, target, headers, origins);
  const host = headers.get("host") ?? "";
  const isHost = HOST.test(host) && URL.canParse(`http://${host}/`);
  if (isHost) return [status];
  // How the runtime reads bytes that are not ASCII is its own affair, and a
  // target that is a URL makes the header meaningless (RFC 9112, 3.2.2).
  const isUnreadable = target.startsWith("/") &&
    (host === "" || /[/?#@\\]/.test(host) ||
      /^[\x20-\x7e]*$/.test(host) && !URL.canParse(`http://${host}/`));
  // Which of two faults is named first is the service's choice.
  return isUnreadable && status === 101 ? [400] : [...new Set([status, 400])];
}

function expectStatus(
  method: string,
  target: string,
  headers: Map<string, string>,
  origins: readonly string[],
): number {
  if (method !== "GET") return 405;
  if (!hasToken(headers.get("connection"), "upgrade")) return 400;
  if (headers.get("sec-websocket-version") !== "13") return 426;
  const key = headers.get("sec-websocket-key") ?? "";
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) return 400;
  const origin = headers.get("origin");
  if (origin !== undefined && !isOrigin(origin, origins)) return 403;
  const url = URL.parse(
    target.startsWith("/") ? `http://127.0.0.1${target}` : target,
  );
  if (!url) return 400;
  const path = url.pathname.length > 1
    ? url.pathname.replace(/\/$/, "")
    : url.pathname;
  if (!PATHS.includes(path)) return 404;
  return areGood(url.searchParams) ? 101 : 400;
}

/** Whether a text is one of these origins, in whatever spelling. */
function isOrigin(text: string, origins: readonly string[]): boolean {
  return /^[a-z]+:\/\/[^/?#@\\]+\/?$/i.test(text) &&
    origins.includes(URL.parse(text)?.origin ?? "");
}

function areGood(parameters: URLSearchParams): boolean {
  return Object.entries(PARAMETERS).every(([name, isGood]) => {
    const values = parameters.getAll(name);
    return values.length <= 1 && values.every(isGood);
  });
}

function isWhole(value: string, min: number, max: number): boolean {
  return /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
}

/** Whether a list header holds a token (RFC 9110 section 5.6.1). */
export function hasToken(header: string | undefined, token: string): boolean {
  // Only space and tab are white space in HTTP.
  return header?.split(",").some((item) =>
    item.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase() === token
  ) ?? false;
}

/** The subprotocol that must be agreed on when the service prefers none. */
export function expectSubprotocol(offer: string | undefined): string | null {
  return offer?.split(",").map((item) => item.replace(/^[ \t]+|[ \t]+$/g, ""))
    .find((item) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(item)) ?? null;
}
