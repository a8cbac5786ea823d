import { writeParameter } from "./parameters.js";

/**
 * What the server says about itself in the header `X-Wsecho`.
 * @typedef {object} ServerInfo
 * @property {string} version
 * @property {string} path The page's path as the server saw it; a long one is
 * cut and ends in `…`.
 * @property {{ name: string, paths: string[] }[]} endpoints
 * @property {string | null} watch The path of the endpoint for watchers; null:
 * there is none.
 * @property {string[]} subprotocols Empty: the first one offered is agreed.
 * @property {string[]} origins The pages that may connect; empty: all.
 * @property {{ maxMessageSize?: number }} limits Sizes in bytes.
 * @property {string} [prefix] Of text replies, where the URL has none.
 * @property {string | null} refusing Why new connections are refused now.
 * @property {import("./parameters.js").Parameter[]} parameters
 */

/** @typedef {{ name: string, path: string }} Choice An endpoint's path here. */

/** The endpoints of a server that sends no `X-Wsecho`. */
export const defaultEndpoints = [
  { name: "echo", paths: ["/", "/echo"] },
  { name: "uppercase", paths: ["/uppercase"] },
];

/** The values of fields that the server leaves out. */
const defaultInfo = {
  version: "",
  watch: null,
  subprotocols: [],
  origins: [],
  limits: {},
  refusing: null,
  parameters: [],
};

/** @type {(header: string | null) => ServerInfo | undefined} Reads `X-Wsecho`, where it can be read. */
export function parseServerInfo(header) {
  try {
    const info = JSON.parse(header ?? "null");
    return typeof info?.path === "string" && Array.isArray(info.endpoints)
      ? { ...defaultInfo, ...info }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the server lets pages of an origin connect.
 * @param {readonly string[]} origins What the server allows: origins, hosts, both
 * also with `*.` for any subdomain, and `self` for the server's own host.
 * @param {string} origin As in `https://example.org:8443`.
 * @param {string} host The server's host and port.
 */
export function allowsOrigin(origins, origin, host) {
  const pageHost = origin.replace(/^.*:\/\//, "");
  return origins.length === 0 || origins.some((allowed) => {
    if (allowed === "self") return pageHost === host;
    const own = allowed.includes("://") ? origin : pageHost;
    const [start = "", end] = allowed.split("*");
    if (end === undefined) return own === allowed;
    return own.length >= allowed.length && own.startsWith(start) &&
      own.endsWith(end);
  });
}

/**
 * The path under which a reverse proxy mounts the server: what the page's own
 * path has in front of the path that the server saw; empty where that is nothing.
 * @type {(pagePath: string, serverPath: string) => string}
 */
export function mountPrefix(pagePath, serverPath) {
  const at = serverPath.endsWith("…")
    ? pagePath.indexOf(serverPath.slice(0, -1))
    : pagePath.endsWith(serverPath)
    ? pagePath.length - serverPath.length
    : 0;
  return pagePath.slice(0, Math.max(0, at));
}

/** @param {string} pagePath Its prefix where the server sent no `X-Wsecho`: without an endpoint or file at its end. */
export function guessPrefix(pagePath) {
  return pagePath.replace(/\/(?:echo\/?|uppercase\/?|[^/]*)$/, "");
}

/** @type {(endpoints: ServerInfo["endpoints"], prefix: string) => Choice[]} The endpoints as paths on the page's own host. */
export function listChoices(endpoints, prefix) {
  return endpoints.flatMap(({ name, paths }) =>
    paths.map((path) => ({ name, path: prefix + path }))
  );
}

/** @type {(choices: readonly Choice[], path: string) => Choice | undefined} Where a path leads; a slash at its end is ignored. */
export function findChoice(choices, path) {
  const bare = path.replace(/\/$/, "");
  return choices.find((choice) => choice.path.replace(/\/$/, "") === bare);
}

/** @type {(page: { protocol: string, host: string }) => string} Where a page opens WebSockets, as in `wss://example.org:8443`. */
export function webSocketOrigin({ protocol, host }) {
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}`;
}

/**
 * Completes what people type or paste to a WebSocket URL: `http` becomes `ws`,
 * and a missing scheme or host is added, as those of the page's own origin.
 * @type {(text: string, origin: string) => string}
 */
export function completeUrl(text, origin) {
  const url = text.trim();
  if (/^https?:\/\//i.test(url)) return url.replace(/^http/i, "ws");
  if (/^\/(?!\/)/.test(url)) return origin + url;
  // A host with a port or a dot, or localhost, but no scheme.
  const host = /^(?:[\w-]+\.[\w.-]+|localhost|\[[\da-f:.]+\]|[\w-]+(?=:\d))/;
  return new RegExp(`${host.source}(?::\\d+)?(?:[/?]|$)`, "i").test(url)
    ? origin.replace(/\/\/.*/, "//") + url
    : url;
}

/** @typedef {"empty" | "scheme" | "syntax" | "fragment" | "mixed" | "port"} UrlFault */

/** The ports that browsers block (Fetch standard, section 2.9). */
const blockedPorts = new Set(
  // deno-fmt-ignore
  [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79,
    87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137,
    139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540,
    548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
    3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080,
  ],
);

/**
 * Why a browser would not connect to a URL (RFC 6455, section 3).
 * @param {string} text
 * @param {boolean} pageIsSecure A page loaded over https may use `ws:` only
 * for this machine.
 * @returns {UrlFault | undefined}
 */
export function findUrlFault(text, pageIsSecure) {
  if (text.trim() === "") return "empty";
  if (!/^\s*wss?:/i.test(text)) return "scheme";
  if (!URL.canParse(text) || !/^\s*wss?:\/\//i.test(text)) return "syntax";
  const url = new URL(text);
  if (text.includes("#")) return "fragment";
  if (url.port !== "" && blockedPorts.has(Number(url.port))) return "port";
  const local = /^(?:localhost|.*\.localhost|127\..*|\[::1\])$/;
  return pageIsSecure && url.protocol === "ws:" && !local.test(url.hostname)
    ? "mixed"
    : undefined;
}

/** @param {string} url As it may be shared: without user and password, of its authority and of `auth`. */
export function withoutSecrets(url) {
  return writeParameter(url.replace(/^(\w+:\/\/)[^/?#]*@/, "$1"), "auth", "");
}

/** @param {string} url A WebSocket URL, for `fetch`. */
export function toHttp(url) {
  return url.replace(/^\s*ws/i, "http");
}

/**
 * The name of a subprotocol must be a token (RFC 6455, section 4.1).
 * @param {string} text Names with commas between them.
 * @returns {{ names: string[], fault: string | undefined }} `fault` is the
 * first name that is not a token or comes twice.
 */
export function parseSubprotocols(text) {
  const names = text.split(",").map((name) => name.trim()).filter(Boolean);
  const fault = names.find((name, i) =>
    !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || names.indexOf(name) !== i
  );
  return { names, fault };
}

/**
 * A command that does the same handshake outside the browser and shows the
 * server's answer.
 * @param {string} url A WebSocket URL.
 * @param {readonly string[]} subprotocols
 * @param {string} [origin] The page's origin, which the browser sends.
 */
export function curlCommand(url, subprotocols, origin) {
  const headers = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    // The example key of RFC 6455, section 1.3.
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  if (origin !== undefined) headers.push(`Origin: ${origin}`);
  if (subprotocols.length > 0) {
    headers.push(`Sec-WebSocket-Protocol: ${subprotocols.join(", ")}`);
  }
  const options = headers.map((header) => `-H ${quoteForShell(header)}`);
  return ["curl -i -N --http1.1 --max-time 5", ...options]
    .concat(quoteForShell(toHttp(url))).join(" ");
}

/** @type {(word: string) => string} As a POSIX shell takes it, unchanged. */
export function quoteForShell(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
