const encoder = new TextEncoder();

/** @typedef {string | ArrayBuffer} Payload */

/** @param {Payload} payload Its size on the wire, in bytes; text counts as UTF-8. */
export function byteLength(payload) {
  return toBytes(payload).length;
}

/** @param {Payload} payload As bytes; text as UTF-8. */
export function toBytes(payload) {
  return typeof payload === "string"
    ? encoder.encode(payload)
    : new Uint8Array(payload);
}

/**
 * Hexadecimal digits that could not be read: `at` is the position of the first
 * wrong character counted from 1, `found` that character, or `undefined` where
 * a last digit lacks its partner.
 * @typedef {{ at: number, found: string | undefined }} HexFault
 */

/**
 * Reads bytes written in hexadecimal. Space, line breaks, `,`, `:`, `-` and
 * `0x` may stand between bytes.
 * @param {string} text
 * @returns {{ bytes: Uint8Array<ArrayBuffer> } | { fault: HexFault }}
 */
export function parseHex(text) {
  const bytes = new Uint8Array(text.length >> 1);
  const token = /[\s,:-]+|0x|[\da-f]{2}/giy;
  let length = 0;
  let at = 0;
  while (token.test(text)) {
    const byte = parseInt(text.slice(at, token.lastIndex), 16);
    // What stands between bytes is no number.
    if (!isNaN(byte)) bytes[length++] = byte;
    at = token.lastIndex;
  }
  if (at === text.length) return { bytes: bytes.slice(0, length) };
  const wrong = /[\da-f]/i.test(text[at] ?? "") ? at + 1 : at;
  const found = /^[^\s,:-]/u.exec(text.slice(wrong, wrong + 2))?.[0];
  return { fault: { at: found === undefined ? wrong : wrong + 1, found } };
}

const hexDigits = encoder.encode("0123456789abcdef");
const decoder = new TextDecoder();

/** @type {(bytes: Uint8Array, between?: "" | " ") => string} Two digits for each byte. */
export function toHex(bytes, between = "") {
  const step = 2 + between.length;
  // An array of strings would take half a second for 10 MB.
  const text = new Uint8Array(bytes.length * step).fill(0x20);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    text[i * step] = hexDigits[byte >> 4] ?? 0;
    text[i * step + 1] = hexDigits[byte & 15] ?? 0;
  }
  return decoder.decode(text).trimEnd();
}

/**
 * The classic view of bytes, from a multiple of 16 on: offset, 16 bytes in hexadecimal,
 * the same in ASCII.
 * @type {(bytes: Uint8Array, start?: number, end?: number) => string}
 */
export function hexDump(bytes, start = 0, end = bytes.length) {
  const lines = [];
  for (let at = start; at < Math.min(end, bytes.length); at += 16) {
    const line = bytes.subarray(at, Math.min(at + 16, end));
    const left = toHex(line.subarray(0, 8), " ").padEnd(23);
    const right = toHex(line.subarray(8), " ").padEnd(23);
    const ascii = String.fromCharCode(...line).replace(/[^ -~]/g, ".");
    lines.push(
      `${at.toString(16).padStart(8, "0")}  ${left}  ${right}  ${ascii}`,
    );
  }
  return lines.join("\n");
}

/** @type {(text: string, at: number) => number} `at`, or the end of a surrogate pair that it divides. */
export function wholeCharacter(text, at) {
  return at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff ? at + 1 : at;
}

/** @param {Uint8Array} bytes As text, if they are valid UTF-8. */
export function decodeUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return undefined;
  }
}

/** @type {(payload: Payload, limit?: number) => string} So many characters, or a third as many bytes. */
export function preview(payload, limit = 240) {
  if (typeof payload !== "string") {
    const bytes = toBytes(payload).subarray(0, limit / 3);
    return toHex(bytes, " ") + (payload.byteLength > bytes.length ? " …" : "");
  }
  const beginning = payload.slice(0, wholeCharacter(payload, limit));
  return payload.length > limit ? `${beginning}…` : beginning;
}

/** @type {(a: Payload, b: Payload) => boolean} Whether they are equal. */
export function isSame(a, b) {
  if (typeof a === "string" || typeof b === "string") return a === b;
  const [left, right] = [new Uint8Array(a), new Uint8Array(b)];
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  return at === left.length && at === right.length;
}

/** @param {number} bytes Readably: `12 B`, `1.5 KiB`, `16 MiB`. */
export function formatSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit;
  for (unit of ["KiB", "MiB", "GiB", "TiB"]) {
    value /= 1024;
    // 1023.95 would be rounded to "1024.0".
    if (value < 1023.95) break;
  }
  return `${value.toFixed(1).replace(/\.0$/, "")} ${unit}`;
}
