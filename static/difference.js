// @ts-check
import { toBytes, toHex, wholeCharacter } from "./payload.js";

/** @typedef {import("./payload.js").Payload} Payload */
/** @typedef {string | Uint8Array} Content What is compared: text, or bytes. */

/** Characters or bytes shown of what is the same, on either side. */
const context = 24;
/** Characters or bytes shown of what differs. */
const most = 120;

/**
 * One side of a difference: a piece of the payload, in hexadecimal where bytes
 * are compared, and `length` of all of it, in characters or bytes.
 * @typedef {{ before: string, differing: string, after: string, length: number }} Side
 */

/**
 * Where two payloads differ.
 * @typedef {object} Difference
 * @property {"characters" | "bytes"} unit Bytes, unless both are text.
 * @property {number} at The offset of the first difference, counted from 0.
 * @property {Side} expected
 * @property {Side} received
 */

/**
 * Finds the first and the last difference, and shows what lies between.
 * @param {Payload} expected
 * @param {Payload} received
 * @returns {Difference | undefined} `undefined` where they differ in nothing, or
 * only in being text or binary.
 */
export function findDifference(expected, received) {
  const isText = typeof expected === "string" && typeof received === "string";
  /** @type {Content[]} */
  const both = isText
    ? [expected, received]
    : [toBytes(expected), toBytes(received)];
  const [left = "", right = ""] = both;
  let { start, end } = commonEnds(left, right);
  if (start === left.length && start === right.length) return undefined;
  // Half of a surrogate pair may be the same.
  if (both.some((content) => divides(content, start))) start--;
  if (both.some((content) => divides(content, content.length - end))) end--;
  return {
    unit: isText ? "characters" : "bytes",
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
 * How much is the same at the start and at the end; the two do not overlap.
 * @type {(left: Content, right: Content) => { start: number, end: number }}
 */
function commonEnds(left, right) {
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start++;
  let end = 0;
  while (end < shorter - start && left.at(-end - 1) === right.at(-end - 1)) {
    end++;
  }
  return { start, end };
}

/** @type {(content: Content, start: number, end: number) => Side} */
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
