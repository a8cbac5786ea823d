import { toBytes, toHex, wholeCharacter } from "./payload.js";

/** @typedef {import("./payload.js").Payload} Payload */
/** @typedef {string | Uint8Array} Content What is compared: text, or bytes. */

/** Characters or bytes shown of what is the same, on either side. */
const context = 24;
/** Characters or bytes shown of what differs. */
const most = 120;

/** @typedef {ReturnType<typeof describe>} Side */
/** @typedef {NonNullable<ReturnType<typeof findDifference>>} Difference */

/**
 * Finds the first and the last difference, and shows what lies between; `undefined`
 * where payloads differ in nothing, or only in being text or binary.
 * @param {Payload} expected
 * @param {Payload} received
 */
export function findDifference(expected, received) {
  const isText = typeof expected === "string" && typeof received === "string";
  /** @type {[Content, Content]} */
  const [left, right] = isText
    ? [expected, received]
    : [toBytes(expected), toBytes(received)];
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start++;
  // The ends that are the same do not overlap.
  let end = 0;
  while (end < shorter - start && left.at(-end - 1) === right.at(-end - 1)) {
    end++;
  }
  if (start === left.length && start === right.length) return undefined;
  // Half of a surrogate pair may be the same.
  if (divides(left, start) || divides(right, start)) start--;
  if (divides(left, left.length - end) || divides(right, right.length - end)) {
    end--;
  }
  return {
    /** @type {"characters" | "bytes"} Bytes, unless both are text. */
    unit: isText ? "characters" : "bytes",
    /** The offset of the first difference, counted from 0. */
    at: measure(left, start),
    expected: describe(left, start, end),
    received: describe(right, start, end),
  };
}

/** @type {(content: Content, at: number) => boolean} A surrogate pair. */
function divides(content, at) {
  return typeof content === "string" && wholeCharacter(content, at) > at;
}

/**
 * One side of a difference, of which so much at the start and the end is the same: a
 * piece, in hexadecimal where bytes are compared, and the length of all of it.
 * @param {Content} content
 * @param {number} start
 * @param {number} end
 */
function describe(content, start, end) {
  const { length } = content;
  const stop = length - end;
  const first = Math.max(0, start - context);
  const last = Math.min(length, stop + context);
  const isLong = stop - start > most;
  return {
    before: (first > 0 ? "…" : "") + piece(content, first, start),
    differing: isLong
      ? `${piece(content, start, start + most)}…`
      : piece(content, start, stop),
    after: isLong
      ? ""
      : piece(content, stop, last) + (last < length ? "…" : ""),
    length: measure(content, length),
  };
}

/** @type {(content: Content, from: number, to: number) => string} */
function piece(content, from, to) {
  return typeof content === "string"
    ? content.slice(wholeCharacter(content, from), wholeCharacter(content, to))
    : toHex(content.subarray(from, to), " ");
}

/** @type {(content: Content, end: number) => number} Characters, or bytes. */
function measure(content, end) {
  if (typeof content !== "string") return end;
  let count = 0;
  for (let at = 0; at < end; at = wholeCharacter(content, at + 1)) count++;
  return count;
}
