// @ts-check
import { toBytes, toHex, wholeCharacter } from "./payload.js";

/** @typedef {import("./payload.js").Payload} Payload */

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
  if (typeof expected === "string" && typeof received === "string") {
    const { start, end } = commonEnds(
      expected.length,
      received.length,
      (i, j) => expected.charCodeAt(i) === received.charCodeAt(j),
    );
    return expected === received
      ? undefined
      : compareText(expected, received, start, end);
  }
  const [left, right] = [toBytes(expected), toBytes(received)];
  const { start, end } = commonEnds(
    left.length,
    right.length,
    (i, j) => left[i] === right[j],
  );
  if (start === left.length && start === right.length) return undefined;
  /** @param {Uint8Array} bytes */
  const side = (bytes) =>
    cut(
      start,
      bytes.length - end,
      bytes.length,
      (from, to) => toHex(bytes.subarray(from, to), " "),
    );
  return {
    unit: "bytes",
    at: start,
    expected: { ...side(left), length: left.length },
    received: { ...side(right), length: right.length },
  };
}

/**
 * @param {string} expected
 * @param {string} received
 * @param {number} start
 * @param {number} end
 * @returns {Difference}
 */
function compareText(expected, received, start, end) {
  const texts = [expected, received];
  // Half of a surrogate pair may be the same.
  if (texts.some((text) => wholeCharacter(text, start) > start)) start--;
  if (
    texts.some((text) =>
      wholeCharacter(text, text.length - end) > text.length - end
    )
  ) end--;
  /** @param {string} text */
  const side = (text) => ({
    ...cut(
      start,
      text.length - end,
      text.length,
      (from, to) =>
        text.slice(wholeCharacter(text, from), wholeCharacter(text, to)),
    ),
    length: countCharacters(text, text.length),
  });
  return {
    unit: "characters",
    at: countCharacters(expected, start),
    expected: side(expected),
    received: side(received),
  };
}

/**
 * How much is the same at the start and at the end; the two do not overlap.
 * @param {number} left A length.
 * @param {number} right
 * @param {(i: number, j: number) => boolean} same
 */
function commonEnds(left, right, same) {
  const shorter = Math.min(left, right);
  let start = 0;
  while (start < shorter && same(start, start)) start++;
  let end = 0;
  while (end < shorter - start && same(left - end - 1, right - end - 1)) end++;
  return { start, end };
}

/**
 * @param {number} start Where the difference begins.
 * @param {number} end Where it ends.
 * @param {number} length
 * @param {(from: number, to: number) => string} piece
 */
function cut(start, end, length, piece) {
  const first = Math.max(0, start - context);
  const last = Math.min(length, end + context);
  const isLong = end - start > most;
  return {
    before: (first > 0 ? "…" : "") + piece(first, start),
    differing: isLong ? `${piece(start, start + most)}…` : piece(start, end),
    after: isLong ? "" : piece(end, last) + (last < length ? "…" : ""),
  };
}

/**
 * @param {string} text
 * @param {number} end
 */
function countCharacters(text, end) {
  let count = 0;
  for (let at = 0; at < end; at = wholeCharacter(text, at + 1)) count++;
  return count;
}
