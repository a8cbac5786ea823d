// @ts-check
import { closeName, formatRanges } from "./close_code.js";
import { formatSize } from "./payload.js";

const format = new Intl.NumberFormat("en").format;

const list = new Intl.ListFormat("en", { type: "disjunction" });
const either = (/** @type {string[]} */ choices) => list.format(choices);

/** @typedef {import("./parameters.js").Parameter} Parameter */

/** @typedef {Omit<Parameter, "name"> & { name?: string }} Accepted */

/**
 * @param {number} n
 * @param {string} [unit] As the server names it.
 */
function withUnit(n, unit = "") {
  return `${format(n)}${unit === "%" ? "" : " "}${unit}`.trimEnd();
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
function count(n, one, many = `${one}s`) {
  return `${format(n)} ${n === 1 ? one : many}`;
}

/** The words of the page in English. */
export const english = {
  code: "en",
  number: format,

  // The page
  tagline: "WebSocket test console",
  skip: "Skip to the log",
  otherLanguage: "中文",
  otherLanguageCode: "zh-CN",

  // Connection
  connection: "Connection",
  endpoint: "Endpoint",
  otherUrl: "Another URL",
  url: "URL",
  options: "Options",
  /** @param {number} n */
  optionsSet: (n) => count(n, "option is set", "options are set"),
  connect: "Connect",
  disconnect: "Disconnect",
  cancel: "Cancel",
  closeWith: "Close with",
  closeCode: "Close code",
  closeReason: "Reason",
  states: {
    idle: "Not connected",
    connecting: "Connecting",
    open: "Open",
    closing: "Closing",
    closed: "Closed",
    waiting: "Waiting",
  },
  /** @param {string} name */
  agreed: (name) =>
    name === "" ? "no subprotocol agreed" : `subprotocol ${name}`,
  /**
   * @param {number} seconds
   * @param {number} attempt
   */
  nextTry: (seconds, attempt) =>
    `Attempt ${attempt} in ${seconds < 10 ? seconds.toFixed(1) : seconds} s`,
  changed: "the URL has changed: disconnect and connect to use it",
  /** @type {Record<string, string>} */
  urlFaults: {
    empty: "Enter a URL that starts with ws:// or wss://",
    scheme: "A WebSocket URL starts with ws:// or wss://",
    syntax: "This is not a complete URL",
    fragment: "A WebSocket URL cannot have a fragment (#…)",
    mixed: "A page loaded over https may open wss:// only",
  },
  strayPage:
    "The path of this page is not an endpoint of the server, so another endpoint is selected. A proxy in front of the server may have to strip its path prefix.",
  optionsFault: "First correct the options marked below",

  // Options
  parametersTitle: "URL parameters",
  pageTitle: "In this browser",
  /** @type {Record<string, string>} By name. */
  groups: {
    replies: "Replies",
    pushes: "Pushed messages",
    close: "Close",
    handshake: "Handshake",
  },
  /**
   * By name. `form` says what the pattern takes, where the table's own English
   * does not do.
   * @type {Record<string, { label: string, hint: string, form?: string }>}
   */
  parameters: {
    prefix: {
      label: "Prefix of text replies",
      hint: "binary replies have none",
    },
    drop: { label: "Replies lost", hint: "at random" },
    repeat: { label: "Repeat each reply", hint: "sends it that often" },
    delay: { label: "Delay of each reply", hint: "order is kept" },
    jitter: { label: "Jitter", hint: "random, added to the delay" },
    rate: { label: "Rate of replies", hint: "a slow line" },
    mute: { label: "Mute after", hint: "the connection stays open" },
    seed: { label: "Random seed", hint: "repeats `drop`, `jitter`, `odds`" },
    push: { label: "Push interval", hint: "sends number and time" },
    size: { label: "Size of pushed messages", hint: "makes them binary" },
    close: { label: "Server close code", hint: "the server closes" },
    reason: { label: "Server close reason", hint: "in the close frame" },
    after: { label: "Close after", hint: "0: once open" },
    idle: { label: "Idle timeout", hint: "shorter than the server’s" },
    info: { label: "Send connection info", hint: "JSON, first message" },
    watch: { label: "Watch key", hint: "shows it at `/watch?key=…`" },
    auth: { label: "User and password", hint: "HTTP Basic, else 401" },
    status: { label: "HTTP status", hint: "refuses the handshake" },
    location: { label: "Redirect to", hint: "for 301, 302, 303, 307, 308" },
    retry: { label: "Retry after", hint: "header `Retry-After`" },
    odds: { label: "Share refused", hint: "of the handshakes" },
  },
  /**
   * @param {string} name Of the parameter that another one needs.
   */
  needs: (name) => `needs \`${name}\``,
  /**
   * What a parameter accepts, for its hint.
   * @param {Accepted} accepted
   */
  range({ kind, min = 0, max, unit, ranges = [], expected }) {
    if (kind === "code") return either(formatRanges(ranges));
    if (max === undefined) return "";
    if (kind === "integer") return `${format(min)} to ${withUnit(max, unit)}`;
    if (kind !== "text") return "";
    return expected ??
      `up to ${withUnit(max, unit === "bytes" ? "bytes of UTF-8" : unit)}`;
  },
  /**
   * What to enter instead of a wrong value.
   * @param {Accepted} accepted
   * @returns {string}
   */
  expected(accepted) {
    const range = english.range(accepted);
    switch (accepted.kind) {
      case "integer":
        return `A whole number${range === "" ? "" : ` from ${range}`}`;
      case "text":
        return accepted.expected ? `Enter ${range}` : `Text of ${range}`;
      case "flag":
        return "0 or 1";
      default:
        return range;
    }
  },
  repeated: "Given more than once in the URL",
  target: "This redirect needs the parameter location",
  subprotocols: "Subprotocols",
  subprotocolsHint: "separated by commas",
  reconnect: "Reconnect automatically",
  reconnectHint: "with increasing delays",
  /** @param {readonly import("./close_code.js").Range[]} ranges */
  pageCodeFault: (ranges) =>
    `Browsers may send only ${either(formatRanges(ranges))}`,
  reasonNeedsCode: "A reason needs a close code",
  /** @param {string} name */
  subprotocolFault: (name) =>
    `“${name}” is not a valid subprotocol name, or is listed twice`,

  // Message
  message: "Message",
  messageType: "Message type",
  text: "Text",
  hex: "Hex",
  file: "File",
  textLabel: "Text to send",
  hexLabel: "Bytes to send, in hexadecimal",
  textPlaceholder: "Type a message",
  hexPlaceholder: "48 65 6c 6c 6f",
  /** @param {string} key */
  keys: (key) => `${key} sends · ↑ in an empty field recalls earlier messages`,
  placeholders: "`{n}`, `{time}` and `{random}` are filled in",
  chooseFile: "Choose a file",
  orDrop: "or drop one anywhere on this page",
  noFile: "No file chosen",
  copies: "Copies",
  pause: "Pause (ms)",
  send: "Send",
  /** @param {number} n */
  sendMany: (n) => `Send ${format(n)}`,
  stop: "Stop",
  sendAnyway: "Send anyway",
  /**
   * @param {number} done
   * @param {number} all
   */
  progress: (done, all) => `${format(done)} of ${format(all)} sent`,
  /** @param {import("./verdict.js").Outcome} outcome */
  verdict: ({ sent, back, lost, altered, repeated, inOrder, seconds }) =>
    [
      `${format(sent)} sent`,
      `${format(back)} back`,
      ...repeated > 0 ? [`${format(repeated)} repeated`] : [],
      ...altered === undefined
        ? []
        : [`${format(lost)} lost`, `${format(altered)} altered`],
      ...inOrder === undefined ? [] : [inOrder ? "in order" : "out of order"],
      `${seconds.toFixed(1)} s`,
    ].join(", "),
  /** @param {number} bytes */
  size: (bytes) =>
    bytes < 1024
      ? count(bytes, "byte")
      : `${formatSize(bytes)} (${format(bytes)} bytes)`,
  /** @param {import("./payload.js").HexFault} fault */
  hexFault: (fault) =>
    fault.found === undefined
      ? `Half a byte at position ${fault.at}: two digits make a byte`
      : `“${fault.found}” at position ${fault.at} is not a hexadecimal digit`,
  notConnected: "Not connected: press Connect first",
  /**
   * @param {number} size
   * @param {number} limit
   */
  tooBig: (size, limit) =>
    `${formatSize(size)} is above the message limit of the server (${
      formatSize(limit)
    }): it would close with 1009`,
  fileGone: "Cannot read the file: choose it again",

  // Picture
  picture: "Traffic",
  messages: "Messages",
  bytes: "Bytes",
  sent: "Sent",
  received: "Received",
  roundTrip: "Round trip",
  minimum: "Min",
  median: "Median",
  p95: "95th pct.",
  maximum: "Max",
  /** @param {number} n */
  lastReplies: (n) =>
    n === 0 ? "last 200 replies" : `last ${count(n, "reply", "replies")}`,
  queued:
    "Includes queueing: messages were sent while others were still under way",
  roundTripsOff:
    "Not measured: it is not known which message a reply answers, because of `drop`, a `size` below 8, or `repeat` on another server",
  /** @param {{ minimum: string, median: string, p95: string, maximum: string, n: number }} of */
  chartLabel: ({ minimum, median, p95, maximum, n }) =>
    `Round-trip times of the last ${
      count(n, "reply", "replies")
    }: minimum ${minimum}, median ${median}, 95th percentile ${p95}, maximum ${maximum}`,
  chartEmpty: "Round-trip times: none yet",

  // Log
  log: "Log",
  filterPlaceholder: "Filter by text",
  direction: "Direction",
  all: "All",
  directions: { sent: "sent", received: "received", event: "event" },
  events: "Events",
  export: "Export",
  exportTitle: "Save all rows of the log as a JSON file",
  clear: "Clear",
  columns: {
    time: "Time",
    direction: "Direction",
    type: "Type",
    size: "Size",
    roundTrip: "Round trip",
    preview: "Content",
  },
  types: {
    text: "text",
    binary: "binary",
    connecting: "connecting",
    open: "open",
    closing: "closing",
    closed: "closed",
    failed: "failed",
  },
  empty:
    "Nothing has happened yet. Connect, then send a message: each message and each connection event is one row here.",
  cleared: "The log is empty.",
  noMatch: "No row matches the filter.",
  /** @param {number} n */
  rows: (n) => count(n, "row"),
  /**
   * @param {number} shown
   * @param {number} n
   */
  rowsShown: (shown, n) => `${format(shown)} of ${count(n, "row")}`,
  /** @param {number} n */
  dropped: (n) => `${count(n, "older row")} dropped`,
  /** @param {number} n */
  follow: (n) =>
    n === 0 ? "Jump to the latest" : `Jump to the latest · ${format(n)} new`,
  emptyMessage: "(empty)",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Could not copy",
  again: "Send again",
  save: "Save as file",
  view: "View",
  json: "JSON",
  /** @param {number} bytes */
  more: (bytes) => `Show more (${formatSize(bytes)} left)`,

  // Events
  /** @param {{ url: string, protocols: readonly string[] }} of */
  connectingTo: ({ url, protocols }) =>
    protocols.length === 0 ? url : `${url} offering ${protocols.join(", ")}`,
  /**
   * @param {string} name
   * @param {string} took
   */
  opened: (name, took) =>
    `${
      name === "" ? "No subprotocol" : `Subprotocol ${name}`
    }, handshake ${took}`,
  /**
   * @param {number} code
   * @param {string} reason
   */
  closing: (code, reason) =>
    `${code} ${closeName(code)}${reason === "" ? "" : `, “${reason}”`}`,
  /** @param {{ code: number, reason: string, wasClean: boolean }} of */
  closed: ({ code, reason, wasClean }) =>
    `${code} ${closeName(code)}, ${
      reason === "" ? "no reason" : `“${reason}”`
    }, ${wasClean ? "clean" : "not clean"}`,
  /** @type {Record<number, string>} */
  closeMeaning: {
    1000: "The connection has done its work.",
    1001:
      "The server is stopping, the page was left, or the connection was idle for too long.",
    1002: "One side violated the protocol.",
    1003: "One side received a data type that it cannot accept.",
    1005: "The close frame had no code.",
    1006:
      "The connection ended without a close frame: often a crash, a lost network or a proxy’s idle timeout.",
    1007: "The data did not match its type, such as text that is not UTF-8.",
    1008: "A message violated a policy of the other side.",
    1009: "A message was larger than the other side accepts.",
    1010: "The server did not accept an extension that the client needs.",
    1011: "An unexpected error occurred on the server.",
    1012: "The server is restarting.",
    1013:
      "The server is overloaded: too much data is unread or waiting to be sent.",
    1014: "A gateway received an invalid response from the server behind it.",
    1015: "The TLS handshake failed.",
  },

  // Failed handshakes
  failedTitle: "The handshake failed",
  /** @param {import("./handshake_failure.js").Failure} failure */
  failure(failure) {
    switch (failure.kind) {
      case "rejected":
        return `The browser did not try to connect: ${failure.message}`;
      case "unreachable":
        return "The server does not respond: it is not running, or this page cannot reach it.";
      case "redirected":
        return `A plain request for this URL is redirected to ${
          failure.url || "another origin"
        }; browsers do not follow redirects for WebSockets.`;
      case "status":
        return `A plain request for the same URL got HTTP status ${failure.status}, and the handshake probably did as well.`;
      case "otherServer":
        return "Something responds at this URL, but it is not this service: probably a proxy or another server.";
      case "origin":
        return `The server does not allow pages of the origin ${failure.origin} to connect (403): its --allow-origin names other origins.`;
      case "path":
        return `“${failure.path}” is not an endpoint of this server (404).`;
      case "parameter":
        return `The server does not accept this value of the parameter “${failure.parameter}” (400).`;
      case "requested":
        return `The server refuses this handshake because the parameter “${failure.parameter}” asks it to.`;
      case "full":
        return `The server is not accepting new connections (503): ${failure.refusal}.`;
      case "subprotocol":
        return `The server accepted none of the subprotocols offered, and a browser must then fail the connection. The server supports: ${
          failure.known.join(", ")
        }.`;
      case "refused":
        return "The server is running and would accept this handshake, so a proxy in between probably does not forward the header Upgrade; nginx needs “proxy_http_version 1.1”, “proxy_set_header Upgrade $http_upgrade” and “proxy_set_header Connection upgrade” for that. Browsers hide the response from pages: the developer tools show it, under Network, and a line “refused” in the server’s log names the reason.";
      case "tls":
        return failure.secure
          ? "This page was loaded over http, so this port probably does not use TLS: try ws:// instead of wss://."
          : "This page was loaded over https, so this port uses TLS: try wss:// instead of ws://.";
      case "hidden":
        return "Browsers do not tell pages why a handshake with another server failed. See that server’s log, or the developer tools, under Network.";
    }
  },
  askServer: "See the server’s response in a terminal:",
  copyCommand: "Copy command",

  // Announcements
  /**
   * @param {number} sent
   * @param {number} received
   */
  announceTraffic: (sent, received) =>
    `${format(sent)} sent, ${format(received)} received`,
  /** @param {string} text */
  announceReply: (text) => `Received: ${text}`,
};

/** @typedef {typeof english} Words */
