// @ts-check
import { closeName, formatRanges } from "./close_code.js";
import { formatSize } from "./payload.js";
import { formatSeconds } from "./statistics.js";

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

/** @type {(n: number, one: string, many?: string) => string} */
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
  faces: "What this page does",
  otherLanguage: "中文",
  otherLanguageCode: "zh-CN",

  // Connection
  connection: "Connection",
  endpoints: "Endpoints",
  copyAs: "Copy as",
  url: "URL",
  options: "Options",
  optionsSet: "Options that are set",
  /** @param {string} what */
  remove: (what) => `Remove ${what}`,
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
  /** @type {(seconds: number, attempt: number) => string} */
  nextTry: (seconds, attempt) =>
    `Attempt ${attempt} in ${
      seconds < 10 ? seconds.toFixed(1) : Math.ceil(seconds)
    } s`,
  tryNow: "Try now",
  changed: "the URL has changed: disconnect and connect to use it",
  /** @type {Record<string, string>} */
  urlFaults: {
    empty: "Enter a URL that starts with ws:// or wss://",
    scheme: "A WebSocket URL starts with ws:// or wss://",
    syntax: "This is not a complete URL",
    fragment: "A WebSocket URL cannot have a fragment (#…)",
    mixed: "A page loaded over https may open wss:// only",
  },
  /** @param {string} port */
  blockedPort: (port) =>
    `Browsers block port ${port}: it belongs to another protocol`,
  strayPage:
    "The path of this page is not an endpoint of the server, so another endpoint is selected. A proxy in front of the server may have to strip its path prefix.",
  optionsFault: "First correct the options marked below",

  // Options
  parametersTitle: "By the URL",
  pageTitle: "In this browser",
  /** @type {Record<string, string>} By name. */
  groups: {
    replies: "Each reply",
    pushes: "Unasked, the server",
    close: "The server closes",
    handshake: "The handshake",
  },
  /**
   * By name. `form` says what the pattern takes, where the table's own English
   * does not do.
   * @type {Record<string, { label: string, hint: string, form?: string }>}
   */
  parameters: {
    prefix: { label: "starts with", hint: "text only" },
    drop: { label: "is lost in", hint: "of all cases, at random" },
    repeat: { label: "is sent", hint: "identical copies" },
    delay: { label: "waits for", hint: "order is kept" },
    jitter: { label: "waits at random for up to", hint: "besides the delay" },
    rate: { label: "is sent at", hint: "a slow line" },
    mute: { label: "no longer comes after", hint: "the connection stays open" },
    seed: {
      label: "is random by the seed",
      hint: "repeats `drop`, `jitter`, `odds`",
    },
    push: { label: "sends a message every", hint: "a number and the time" },
    size: { label: "makes each as long as", hint: "makes them binary" },
    close: { label: "with the code", hint: "once open, or later" },
    reason: { label: "with the reason", hint: "in the close frame" },
    after: { label: "after", hint: "0: once open" },
    idle: { label: "when idle for", hint: "shorter than the server’s" },
    info: {
      label: "is shown as the server saw it",
      hint: "JSON, first message",
    },
    watch: { label: "can be watched by the key", hint: "`/watch?key=…`" },
    auth: { label: "needs user and password", hint: "HTTP Basic, else 401" },
    status: { label: "is refused with status", hint: "of HTTP" },
    location: {
      label: "is redirected to",
      hint: "for 301, 302, 303, 307, 308",
    },
    retry: { label: "may be tried again after", hint: "header `Retry-After`" },
    odds: { label: "is refused in", hint: "of all cases, at random" },
  },
  /** @param {string} unit As the server names it. */
  unit: (unit) => unit,
  /** @param {string} name Of the parameter that another one needs. */
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
   * @type {(accepted: Accepted) => string}
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
  keys: (key) => `${key} sends · ↑ recalls earlier messages`,
  placeholders: "`{n}`, `{time}` and `{random}` are filled in",
  chooseFile: "Choose a file",
  orDrop: "or drop or paste one anywhere on this page",
  asText: "Send as text",
  notText: "This file is not valid UTF-8, so it cannot go as text",
  noFile: "No file chosen",
  forget: "Forget",
  forgetTitle: "Remove the messages that this tab remembers, drafts as well",
  clearAfter: "Clear after sending",
  copies: "Copies",
  pause: "Pause (ms)",
  send: "Send",
  /** @param {number} n */
  sendMany: (n) => `Send ${format(n)}`,
  stop: "Stop",
  sendAnyway: "Send anyway",
  /** @type {(done: number, all: number) => string} */
  progress: (done, all) => `${format(done)} of ${format(all)} sent`,
  /** @param {import("./burst.js").Outcome} outcome */
  verdict: ({ sent, back, lost, isCut, altered, repeated, inOrder, took }) =>
    [
      `${format(sent)} sent`,
      `${format(back)} back`,
      ...repeated > 0 ? [`${format(repeated)} repeated`] : [],
      ...altered === undefined ? [] : [
        `${format(lost)} ${isCut ? "not waited for" : "lost"}`,
        `${format(altered)} altered`,
      ],
      ...inOrder === undefined ? [] : [inOrder ? "in order" : "out of order"],
      formatSeconds(took),
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
  /** @type {(size: number, limit: number) => string} */
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
    "Not measured: it is not known which message a reply answers, because of `drop`, a `size` below 8, `repeat` on another server, or too many messages without a reply",

  // Log
  log: "Log",
  filterPlaceholder: "Filter by text",
  direction: "Direction",
  all: "All",
  directions: {
    sent: "sent",
    received: "received",
    event: "event",
    replied: "replied",
  },
  pairs: "Pairs",
  pairsTitle: "A message and its reply share a row",
  events: "Events",
  export: "Export",
  exportTitle: "Save all rows of the log as a JSON file",
  clear: "Clear",
  columns: {
    time: "Time",
    direction: "Direction",
    size: "Size",
    roundTrip: "RTT",
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
    joined: "open",
    refused: "refused",
    left: "closed",
    lost: "closed",
    missed: "missed",
    error: "error",
  },
  empty:
    "Nothing has happened yet. This server sends back what it receives, to test WebSocket clients, networks and proxies. Try it:",
  examples: {
    hello: "Say hello",
    slow: "Slow",
    push: "Talks by itself",
    close: "Closes after three",
    refuse: "Refuses",
    info: "What my proxy sends",
  },
  cleared: "The log is empty.",
  noMatch: "No row matches the filter.",
  /** @param {number} n */
  entries: (n) => count(n, "entry", "entries"),
  /** @type {(shown: number, n: number) => string} */
  entriesShown: (shown, n) =>
    `${format(shown)} of ${count(n, "entry", "entries")}`,
  /** @param {number} n */
  dropped: (n) => `${count(n, "older message")} dropped`,
  /** @param {number} n */
  follow: (n) =>
    n === 0 ? "Jump to the latest" : `Jump to the latest · ${format(n)} new`,
  emptyMessage: "(empty)",
  forgotten: "(no longer in memory)",
  forgottenWhy:
    "The log keeps the latest 128 MiB of content, and this message is older.",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Could not copy",
  again: "Send again",
  save: "Save as file",
  view: "View",
  json: "JSON",
  /** @param {number} bytes */
  more: (bytes) => `Show more (${formatSize(bytes)} left)`,
  difference: {
    expected: "Expected",
    received: "Received",
    /** @param {import("./difference.js").Difference} of */
    at: ({ at, unit }) =>
      `Differs from ${unit === "bytes" ? "byte" : "character"} ${
        format(at)
      } on, counted from 0`,
    /** @param {import("./difference.js").Difference} of */
    lengths: ({ expected, received, unit }) =>
      `${format(received.length)} ${unit} instead of ${
        format(expected.length)
      }`,
    /** @type {(expected: string, received: string) => string} */
    types: (expected, received) => `Type: ${received} instead of ${expected}`,
  },

  // Events
  /** @param {{ url: string, protocols: readonly string[] }} of */
  connectingTo: ({ url, protocols }) =>
    protocols.length === 0 ? url : `${url} offering ${protocols.join(", ")}`,
  /** @type {(name: string, took: string) => string} */
  opened: (name, took) =>
    `${
      name === "" ? "No subprotocol" : `Subprotocol ${name}`
    }, handshake ${took}`,
  /** @type {(code: number, reason: string) => string} */
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
  /** @param {string} range */
  noMeaning: (range) => `${range}: the protocol gives this code no meaning.`,

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

  // Watch my client
  watch: {
    console: "Console",
    title: "Watch my client",
    endpoint: "Endpoint of your client",
    address: "Address for your client",
    how: "How your client connects",
    waiting: "waiting for a client: it appears here as soon as it connects",
    /** @param {number} n */
    count: (n) => `${count(n, "client")} open`,
    off:
      "This server lets nobody watch: it was started with `--no-watch` or, in a program, with no path of `watch`. Start it without that.",
    /** @type {(key: string, expected: string) => string} */
    badKey: (key, expected) =>
      `“${key}” cannot be a key: ${expected}. The link “Watch my client” above makes a new one.`,
    /** @param {string} origin */
    notOwn: (origin) =>
      ` If the proxy changes the header Host, the server takes this page for a foreign one, which may not watch: start it with --allow-origin ${origin}.`,
    clients: "Clients",
    all: "All clients",
    handshake: "Handshake",
    replies: "Replies",
    auto: "Automatic",
    manual: "By hand",
    close: "Close",
    /** @type {(n: number, id: number | undefined) => string} */
    target: (n, id) =>
      id === undefined ? `Goes to ${count(n, "client")}` : `Goes to #${id}`,
    nobody: "No client is open that this could be sent to",
    large:
      "Too large: from here, a message travels as JSON, which has to be within the server’s message limit",
    /** @type {Record<string, string>} */
    by: {
      client: "by the client",
      server: "by the server",
      network: "the network failed",
    },
    lost: "ended while nobody watched",
    /** @type {(event: import("./watch_events.js").WatchRowEvent) => string} */
    event(event) {
      switch (event.name) {
        case "joined":
          return `${event.path} from ${event.remote}, ${
            english.agreed(event.subprotocol ?? "")
          }`;
        case "refused":
          return `${event.status} ${event.message}`;
        case "left": {
          const { code, reason, by, error = "" } = event;
          const end = `${english.closing(code, reason)}, ${
            english.watch.by[by]
          }`;
          return `${end} ${error}`.trimEnd();
        }
        case "lost":
          return english.watch.lost;
        case "missed": {
          const lost = count(event.count, "event");
          return `${lost} lost here: this page or its network is too slow`;
        }
        case "error":
          return event.message;
      }
    },
    /** @param {number} bytes */
    isCut: (bytes) => `only the first ${formatSize(bytes)} are shown`,
  },

  // Proxy check
  check: {
    title: "Proxy check",
    intro:
      "Tests what lies between this browser and the server, by a few connections of its own.",
    idle: "Seconds of silence (0: skip)",
    again: "Run again",
    copy: "Copy result",
    running: "Running …",
    states: {
      waiting: "waiting",
      running: "running",
      passed: "passed",
      failed: "failed",
      skipped: "skipped",
    },
    /** @type {Record<string, string>} */
    steps: {
      handshake: "Handshake",
      headers: "Headers of the handshake",
      text: "Text comes back",
      binary: "Binary comes back",
      empty: "Empty message comes back",
      subprotocol: "Subprotocol is agreed",
      clientClose: "Close code of the client",
      serverClose: "Close code and reason of the server",
      idle: "Connection survives silence",
    },
    /** @param {number} size */
    block: (size) => `${formatSize(size)} comes back`,
    unchanged: "As the browser sends them.",
    /** @param {import("./browser_headers.js").HeaderChange} of */
    header: ({ change, name, sent, received }) =>
      change === "added"
        ? `added: ${name}: ${received}`
        : change === "removed"
        ? `removed: ${name}`
        : `changed: ${name}: ${received}, sent as ${sent}`,
    /** @param {number} seconds */
    pings: (seconds) =>
      `The server sent a ping every ${
        format(seconds)
      } s meanwhile: a timeout that is longer than that was not put to the test.`,
    /**
     * @param {import("./check_connection.js").Fault} fault
     * @returns {string}
     */
    fault(fault) {
      switch (fault.kind) {
        case "handshake":
          return "The connection did not open.";
        case "rejected":
          return english.failure(fault);
        case "silent":
          return `Nothing came within ${fault.seconds} s.`;
        case "closed":
          return `Closed after ${fault.seconds.toFixed(1)} s with ${
            english.closing(fault.code, fault.reason)
          }.`;
        case "different":
          return "The reply is not what was sent.";
        case "subprotocol":
          return fault.agreed === ""
            ? "No subprotocol was agreed."
            : `“${fault.agreed}” was agreed instead.`;
        case "description":
          return "The first message does not describe the handshake.";
      }
    },
    /** @type {Record<string, string>} The usual one of each failed step. */
    causes: {
      headers:
        "This is another service, or something in between does the handshake itself.",
      text:
        "Reverse proxies pass frames on unread. What holds or changes them reads them: a web application firewall, a virus scanner, a company’s proxy that opens TLS, or a gateway with its own message handling.",
      binary:
        "Gateways with their own message handling may take only text: AWS API Gateway closes with 1003.",
      empty:
        "Reverse proxies pass empty messages on; gateways with their own message handling may drop them.",
      large:
        "nginx and HAProxy do not limit messages: client_max_body_size has no effect on them. Gateways that read them do: AWS API Gateway allows 32 KB per frame and 128 KB per message, Spring Cloud Gateway 64 KiB per frame unless max-frame-payload-length says otherwise. On a slow line, a timeout may strike first.",
      subprotocol:
        "Sec-WebSocket-Protocol is lost on its way, or the server knows other subprotocols only. nginx and HAProxy pass it on unless told otherwise (proxy_set_header, proxy_hide_header, http-request del-header); Amazon CloudFront needs it in the origin request policy, as in AllViewer.",
      close:
        "nginx and HAProxy pass close frames on. Another code comes from what ends WebSockets itself, such as an API gateway; 1006 means that the TCP connection was cut before the close frame arrived.",
      idle:
        "An idle timeout: nginx proxy_read_timeout (60 s by default), HAProxy timeout tunnel (without it, timeout client and timeout server), AWS ALB idle timeout (60 s by default), Cloudflare (100 s); firewalls and NAT drop connections silently. Raise it, or lower the server’s --idle-timeout: it pings at half of that.",
    },
    /** @param {(state: "passed" | "failed" | "skipped") => number} count */
    summary: (count) =>
      `${count("passed")} passed, ${count("failed")} failed, ${
        count("skipped")
      } skipped`,
  },

  // Announcements
  /** @type {(sent: number, received: number) => string} */
  announceTraffic: (sent, received) =>
    `${format(sent)} sent, ${format(received)} received`,
  /** @param {string} text */
  announceReply: (text) => `Received: ${text}`,
};

/** @typedef {typeof english} Words */
