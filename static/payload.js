// @ts-check

const encoder = new TextEncoder();

/** @typedef {string | ArrayBuffer} Payload */

/**
 * The size of a payload on the wire, in bytes; text counts as UTF-8.
 * @param {Payload} payload
 * @returns {number}
 */
export function byteLength(payload) {
  return typeof payload === "string"
    ? encoder.encode(payload).length
    : payload.byteLength;
}

/**
 * A payload as bytes; text as UTF-8.
 * @param {Payload} payload
 * @returns {Uint8Array<ArrayBuffer>}
 */
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
  let length = 0;
  for (let i = 0; i < text.length;) {
    if (/[\s,:-]/.test(text[i] ?? "")) {
      i++;
      continue;
    }
    if (text[i] === "0" && (text[i + 1] === "x" || text[i + 1] === "X")) {
      i += 2;
      continue;
    }
    const high = digit(text.charCodeAt(i));
    if (high < 0) return { fault: { at: i + 1, found: characterAt(text, i) } };
    const low = digit(text.charCodeAt(i + 1));
    if (low < 0) {
      const next = characterAt(text, i + 1);
      return next === undefined || /[\s,:-]/.test(next)
        ? { fault: { at: i + 1, found: undefined } }
        : { fault: { at: i + 2, found: next } };
    }
    bytes[length++] = high * 16 + low;
    i += 2;
  }
  return { bytes: bytes.slice(0, length) };
}

/**
 * @param {string} text
 * @param {number} i
 * @returns {string | undefined} The whole character, surrogate pairs too.
 */
function characterAt(text, i) {
  const code = text.codePointAt(i);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

/**
 * @param {number} code
 * @returns {number} The digit's value, or -1.
 */
function digit(code) {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

const hexPairs = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/**
 * Bytes in hexadecimal, two digits each.
 * @param {Uint8Array} bytes
 * @param {string} [between] What stands between two bytes.
 * @returns {string}
 */
export function toHex(bytes, between = "") {
  const pairs = new Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) pairs[i] = hexPairs[bytes[i] ?? 0];
  return pairs.join(between);
}

/**
 * The classic view of bytes: offset, 16 bytes in hexadecimal, the same in
 * ASCII.
 * @param {Uint8Array} bytes
 * @param {number} [start] The first offset shown, a multiple of 16.
 * @param {number} [end] The offset to stop before.
 * @returns {string} Lines, without a line break at the end.
 */
export function hexDump(bytes, start = 0, end = bytes.length) {
  const lines = [];
  for (let at = start; at < Math.min(end, bytes.length); at += 16) {
    const line = bytes.subarray(at, Math.min(at + 16, end));
    const left = toHex(line.subarray(0, 8), " ").padEnd(23);
    const right = toHex(line.subarray(8), " ").padEnd(23);
    let ascii = "";
    for (const byte of line) {
      ascii += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".";
    }
    lines.push(
      `${at.toString(16).padStart(8, "0")}  ${left}  ${right}  ${ascii}`,
    );
  }
  return lines.join("\n");
}

/**
 * A position that does not divide a surrogate pair.
 * @param {string} text
 * @param {number} at
 * @returns {number} `at`, or the next position.
 */
export function wholeCharacter(text, at) {
  return at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff ? at + 1 : at;
}

/**
 * Bytes as text, where they are valid UTF-8.
 * @param {Uint8Array} bytes
 * @returns {string | undefined}
 */
export function decodeUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The beginning of a payload.
 * @param {Payload} payload
 * @param {number} [limit] Characters of text; a third as many bytes.
 * @returns {string}
 */
export function preview(payload, limit = 240) {
  if (typeof payload !== "string") {
    const bytes = new Uint8Array(
      payload,
      0,
      Math.min(payload.byteLength, limit / 3),
    );
    return toHex(bytes, " ") + (payload.byteLength > bytes.length ? " …" : "");
  }
  const beginning = payload.slice(0, wholeCharacter(payload, limit));
  return payload.length > limit ? `${beginning}…` : beginning;
}

/**
 * Whether two payloads are equal.
 * @param {Payload} a
 * @param {Payload} b
 */
export function isSame(a, b) {
  if (typeof a === "string" || typeof b === "string") return a === b;
  const length = a.byteLength;
  if (b.byteLength !== length) return false;
  // Four bytes at a time.
  const end = length >> 2;
  const [words, others] = [
    new Int32Array(a, 0, end),
    new Int32Array(b, 0, end),
  ];
  for (let i = 0; i < end; i++) if (words[i] !== others[i]) return false;
  const [tail, rest] = [new Uint8Array(a, end * 4), new Uint8Array(b, end * 4)];
  return tail.every((byte, i) => byte === rest[i]);
}

/**
 * A readable number of bytes: `12 B`, `1.5 KiB`, `16 MiB`.
 * @param {number} bytes
 * @returns {string}
 */
export function formatSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = "";
  for (unit of ["KiB", "MiB", "GiB", "TiB"]) {
    value /= 1024;
    // 1023.95 would be rounded to "1024.0".
    if (value < 1023.95) break;
  }
  return `${value.toFixed(1).replace(/\.0$/, "")} ${unit}`;
}
