/** The close codes of RFC 6455, section 7.4.1, and of IANA's registry. */
const names = new Map([
  [1000, "Normal Closure"],
  [1001, "Going Away"],
  [1002, "Protocol Error"],
  [1003, "Unsupported Data"],
  [1004, "Reserved"],
  [1005, "No Status Received"],
  [1006, "Abnormal Closure"],
  [1007, "Invalid Payload Data"],
  [1008, "Policy Violation"],
  [1009, "Message Too Big"],
  [1010, "Mandatory Extension"],
  [1011, "Internal Error"],
  [1012, "Service Restart"],
  [1013, "Try Again Later"],
  [1014, "Bad Gateway"],
  [1015, "TLS Handshake"],
]);

/** @param {number} code Its name, or that of its range (RFC 6455, section 7.4.2). */
export function closeName(code) {
  if (code >= 3000 && code <= 3999) return "Registered";
  if (code >= 4000 && code <= 4999) return "Private Use";
  return names.get(code) ?? "Unassigned";
}

/** @param {{ code: number, wasClean: boolean }} ending Whether a close frame reports nothing unusual. */
export function endedWell({ code, wasClean }) {
  return wasClean && [1000, 1001, 1005].includes(code);
}

/** @typedef {readonly [first: number, last: number]} Range Of close codes. */

/**
 * What a browser lets a page close with; everything else makes
 * `WebSocket.close` throw.
 * @type {readonly Range[]}
 */
export const pageRanges = [[1000, 1000], [3000, 4999]];

/** In bytes of UTF-8 (RFC 6455, section 5.5.1). */
export const reasonLimit = 123;

/** @type {(code: number, ranges: readonly Range[]) => boolean} */
export function inRanges(code, ranges) {
  return ranges.some(([first, last]) => code >= first && code <= last);
}

/** @param {readonly Range[]} ranges Their codes that have a name. */
export function namedCodes(ranges) {
  return [...names.keys()].filter((code) => inRanges(code, ranges));
}
