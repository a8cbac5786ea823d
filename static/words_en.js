// @ts-check
import { closeName } from "./close_code.js";
import { formatSize } from "./payload.js";

const format = new Intl.NumberFormat("en").format;

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
  otherLanguageLabel: "中文：切换为简体中文",
  otherLanguageCode: "zh-CN",

  // Connection
  connection: "Connection",
  endpoint: "Endpoint",
  otherUrl: "Any other URL",
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
  openFor: "Open for",
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
    "The path of this page is not an endpoint of the server, so another one is offered. A proxy in front of the server may have to strip its prefix.",
  optionsFault: "Correct the options marked below first",

  // Options
  behaviourTitle: "Ask the server to",
  pageTitle: "In this browser",
  prefix: "Put before each text reply",
  prefixHint: "`prefix`, up to 1,024 characters",
  delay: "Delay each reply by (ms)",
  delayHint: "`delay`, 0 to 60,000",
  push: "Send on its own every (ms)",
  pushHint: "`push`, 10 to 3,600,000",
  close: "Close with code",
  closeHint: "`close`, such as 1000, 1011 or 4000",
  reason: "…and reason",
  reasonHint: "`reason`, up to 123 bytes",
  after: "…after this many replies",
  afterHint: "`after`, 0: as soon as it opens",
  info: "Send connection details first",
  infoHint: "`info`",
  subprotocols: "Subprotocols",
  subprotocolsHint: "separated by commas",
  reconnect: "Reconnect after a close",
  reconnectHint: "with growing pauses",
  /** @param {import("./behaviour.js").Fault} fault */
  fault(fault) {
    switch (fault.kind) {
      case "range":
        return `A whole number from ${format(fault.low)} to ${
          format(fault.high)
        }`;
      case "characters":
        return `At most ${format(fault.limit)} characters`;
      case "bytes":
        return `At most ${fault.limit} bytes of UTF-8`;
      case "code":
        return "1000–1003, 1007–1014 or 3000–4999";
      case "repeated":
        return "Given more than once in the URL";
    }
  },
  pageCodeFault: "Browsers may send only 1000 or 3000–4999",
  reasonNeedsCode: "A reason needs a code before it",
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
    `${formatSize(size)} is more than the server takes (${
      formatSize(limit)
    }): it would close with 1009`,
  fileGone: "The file cannot be read any more: choose it again",
  countFault: "A whole number from 1 to 1,000,000",
  pauseFault: "A whole number from 0 to 60,000",

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
  roundTripsOff:
    "Not measured: with `push`, `info` or `after`, not every message is a reply",
  /** @param {{ minimum: string, median: string, p95: string, maximum: string, n: number }} of */
  chartLabel: ({ minimum, median, p95, maximum, n }) =>
    `Round-trip times of the last ${
      count(n, "reply", "replies")
    }: minimum ${minimum}, median ${median}, 95th percentile ${p95}, maximum ${maximum}`,
  chartEmpty: "Round-trip times: none yet",

  // Log
  log: "Log",
  filter: "Filter",
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
    "Nothing has happened yet. Connect, then send a message: each message and each change of the connection becomes one row here.",
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
    1000: "The purpose of the connection is fulfilled.",
    1001:
      "The server stops, or the page was left, or nothing came for too long.",
    1002: "One side broke the rules of the protocol.",
    1003: "A kind of data came that this side cannot take.",
    1005: "The close frame carried no code.",
    1006:
      "The connection ended without a close frame: often a crash, a lost network or a proxy’s idle timeout.",
    1007: "The data did not match its type, such as text that is not UTF-8.",
    1008: "A message broke a rule of the other side.",
    1009: "A message was larger than the other side takes.",
    1010: "The server did not agree to an extension that the client needs.",
    1011: "Something unexpected happened on the server.",
    1012: "The server restarts.",
    1013: "The server is overloaded: too much unread or undelivered data.",
    1014: "A gateway got a bad answer from the server behind it.",
    1015: "The TLS handshake failed.",
  },

  // Failed handshakes
  failedTitle: "The handshake failed",
  /** @param {import("./handshake_failure.js").Failure} failure */
  failure(failure) {
    switch (failure.kind) {
      case "rejected":
        return `The browser did not even try: ${failure.message}`;
      case "unreachable":
        return "The server does not answer at all: it is not running, or the network does not let this page reach it.";
      case "redirected":
        return `A plain request for this URL is redirected to ${
          failure.url || "another origin"
        }; browsers do not follow redirects for WebSockets.`;
      case "status":
        return `A plain request for the same URL was answered with HTTP status ${failure.status}. The handshake probably got the same.`;
      case "stranger":
        return "Something answers at this address, but it is not this service: a proxy or another server stands in its place.";
      case "origin":
        return `The server does not allow pages of the origin ${failure.origin} to connect, and answered 403: it was started with --allow-origin for others.`;
      case "path":
        return `“${failure.path}” is not one of this server’s endpoints, so it answered 404.`;
      case "parameter":
        return `The server refuses this value of “${failure.parameter}” and answered 400.`;
      case "full":
        return `The server takes no newcomers at the moment, and answered 503: ${failure.refusal}.`;
      case "subprotocol":
        return `The server agreed to none of the subprotocols offered, and a browser then has to give up. It knows: ${
          failure.known.join(", ")
        }.`;
      case "refused":
        return "The server is running and would take this handshake, so a proxy in between probably does not pass the header Upgrade on; nginx needs “proxy_http_version 1.1”, “proxy_set_header Upgrade $http_upgrade” and “proxy_set_header Connection upgrade” for that. Browsers hide the answer from pages. The server’s log has a line “refused” that names the reason, as do the developer tools, under Network.";
      case "tls":
        return failure.secure
          ? "This page came over http, so this port probably does not speak TLS: try ws:// instead of wss://."
          : "This page came over https, so this port speaks TLS: try wss:// instead of ws://.";
      case "hidden":
        return "Browsers do not tell pages why a handshake with another server failed. Look in that server’s log, or in the developer tools, under Network.";
    }
  },
  askServer: "See the server’s answer in a terminal:",
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
