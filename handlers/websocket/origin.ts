/**
 * Brings an origin into the form that browsers send (RFC 6454 section 6.2):
 * scheme and host in lower case, no default port, no path. `null` is the origin
 * of sandboxed pages.
 *
 * @returns undefined when the text is not an origin
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

/** The service's own origin, among the allowed origins. */
export const SELF = "self";
const WILDCARD = /^(?:([a-z][a-z0-9+.-]*):\/\/)?\*\.([^*]+)$/i;

/**
 * Brings an allowed origin into the form that {@link allowsOrigin} takes: an
 * origin, `self`, or a pattern for all subdomains such as `*.example.com`, with a
 * scheme before it or a port after it if need be.
 *
 * @returns undefined when the text is none of them
 */
export function parseAllowedOrigin(text: string): string | undefined {
  if (text === SELF) return text;
  const [, scheme, domain] = WILDCARD.exec(text) ?? [];
  if (domain === undefined) {
    return text.includes("*") ? undefined : parseOrigin(text);
  }
  // Ports 80 and 443 need a scheme: each is the default of one scheme only.
  const schemes = scheme === undefined ? ["http", "https"] : [scheme];
  const hosts = new Set(
    schemes.map((name) => parseOrigin(`${name}://${domain}`)?.split("://")[1]),
  );
  const [host] = hosts;
  if (host === undefined || hosts.size > 1) return undefined;
  return `${scheme === undefined ? "" : `${scheme.toLowerCase()}://`}*.${host}`;
}

/**
 * Whether a page may connect.
 *
 * @param origin the header `Origin`, as it was sent
 * @param host the header `Host`: `self` allows the origins of this host,
 * whatever their scheme, as a proxy in between may speak TLS
 * @param allowed in the form of {@link parseAllowedOrigin}
 */
export function allowsOrigin(
  origin: string,
  host: string,
  allowed: readonly string[],
): boolean {
  const parsed = parseOrigin(origin);
  if (parsed === undefined) return false;
  const [scheme, originHost = ""] = parsed.split("://");
  return allowed.some((entry) => {
    if (entry === SELF) {
      return parsed === parseOrigin(`${scheme}://${host}`);
    }
    const [start, suffix] = entry.split("*");
    if (suffix === undefined) return parsed === entry;
    return (start === "" || start === `${scheme}://`) &&
      originHost.endsWith(suffix) && originHost.length > suffix.length;
  });
}

/** Whether no page asks, or one of the service or of an origin in the list. */
export function hasTrustedOrigin(
  headers: Headers,
  origins: readonly string[],
): boolean {
  const origin = headers.get("origin");
  return origin === null ||
    allowsOrigin(origin, headers.get("host") ?? "", [SELF, ...origins]);
}
