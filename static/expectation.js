import { findChoice, toHttp, webSocketOrigin } from "./endpoint.js";
import { readParameters } from "./parameters.js";
import { decodeUtf8, toBytes } from "./payload.js";

/** @typedef {import("./payload.js").Payload} Payload */

/** @typedef {ReturnType<typeof expectReplies>} Expectation */

const greeting = /^\{"id":\d+,"remoteAddress":/;
/** Milliseconds that a reply may take beyond what the URL asks for. */
const grace = 2_000;
/** From this size on, replies are not mistaken for pushed messages. */
const leastPattern = 8;

/**
 * What the URL of a connection tells about its replies.
 * @param {string} url A WebSocket URL.
 * @param {object} page
 * @param {string} page.origin The page's own WebSocket origin.
 * @param {readonly import("./endpoint.js").Choice[]} page.choices
 * @param {string} [page.prefix] Of text replies where the URL has none.
 */
export function expectReplies(url, { origin, choices, prefix = "" }) {
  const given = readParameters(url);
  // Other servers may give them other meanings.
  const read = (/** @type {string} */ name) => Number(given.get(name)) || 0;
  const address = new URL(toHttp(url));
  const isOwn = webSocketOrigin(address) === origin;
  const convert = isOwn
    ? conversions[findChoice(choices, address.pathname)?.name ?? ""]
    : undefined;
  const before = given.get("prefix") ?? prefix;
  const [push, size, repeat] = [read("push"), read("size"), read("repeat")];
  const isLossy = read("drop") > 0;
  const isPushed = createPushTest(push > 0, size);
  let isGreeted = read("info") !== 1;
  return {
    /** What the reply to a message is, where that is known. */
    replyTo: convert && ((/** @type {Payload} */ payload) => {
      const reply = convert(payload);
      return typeof reply === "string" ? before + reply : reply;
    }),
    /** How many times each reply comes. */
    repeat: Math.max(1, repeat),
    /** Whether replies are dropped. */
    isLossy,
    /** Whether it is known which message a reply answers. */
    isMeasured: !isLossy && (isOwn || repeat < 2) &&
      (push === 0 || size === 0 || size >= leastPattern),
    /** @param {Payload} payload Answers nothing; to be asked once for each, in order. */
    isUnasked(payload) {
      const isFirst = !isGreeted;
      isGreeted = true;
      return isFirst && greeting.test(String(payload)) || isPushed(payload);
    },
    /** @param {number} size In bytes; milliseconds until such a reply is lost. */
    patience: (size) =>
      grace + read("delay") + read("jitter") +
      // Twice, as frames and the prefix take room as well.
      (read("rate") > 0 ? 2_000 * (size + 1_024) / read("rate") : 0),
  };
}

/** @type {Record<string, (payload: Payload) => Payload | undefined>} By endpoint. */
const conversions = {
  // Browsers send lone surrogates as U+FFFD.
  echo: (payload) =>
    typeof payload === "string" ? payload.toWellFormed() : payload,
  uppercase(payload) {
    if (typeof payload === "string") {
      return payload.toWellFormed().toUpperCase();
    }
    const text = decodeUtf8(toBytes(payload));
    // The server closes with 1007 where that is no text.
    return text === undefined ? undefined : toBytes(text.toUpperCase()).buffer;
  },
};

/**
 * Pushed messages have numbers, so that a reply of the same form is told apart.
 * Those of size 0 are text.
 * @type {(isOn: boolean, size: number) => (payload: Payload) => boolean}
 */
function createPushTest(isOn, size) {
  let n = 1;
  return (payload) => {
    if (!isOn) return false;
    const isPush = typeof payload === "string"
      ? size === 0 &&
        /^\d+ \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(payload) &&
        parseInt(payload) === n
      : size > 0 && payload.byteLength === size &&
        new Uint8Array(payload).every((byte, i) => byte === (n + i) % 251);
    if (isPush) n++;
    return isPush;
  };
}
