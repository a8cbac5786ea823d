import { listWords } from "./text.ts";

/**
 * The close codes that this service uses, with their names (RFC 6455 section
 * 7.4.1 and IANA's WebSocket close code registry).
 */
export const CLOSE_CODE = {
  goingAway: 1001,
  /** Never on the wire: the connection ended without a close frame. */
  abnormal: 1006,
  invalidPayload: 1007,
  messageTooBig: 1009,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
} as const;

/**
 * The close codes that a close frame may hold, as ranges: 1004-1006 and 1015
 * must not be sent, and codes outside of 1000-4999 have no meaning (RFC 6455
 * section 7.4).
 */
export const SENDABLE_CLOSE_CODES: readonly (readonly [number, number])[] = [
  [1000, 1003],
  [1007, 1014],
  [3000, 4999],
];

/** Whether a close code is in one of the ranges. */
export function isInRanges(
  code: number,
  ranges: readonly (readonly [number, number])[],
): boolean {
  return ranges.some(([min, max]) => code >= min && code <= max);
}

/** Says which close codes are meant: `a code of 1000-1003 and 3000-4999`. */
export function describeRanges(
  ranges: readonly (readonly [number, number])[],
): string {
  const texts = ranges.map(([min, max]) => `${min}-${max}`);
  return `a code of ${listWords(texts, "and")}`;
}

/** The longest close reason, in UTF-8 bytes (RFC 6455 section 5.5). */
export const MAX_REASON_BYTES = 123;
