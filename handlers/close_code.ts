/**
 * The close codes that this service uses or may be asked to send, with their
 * names (RFC 6455 section 7.4.1 and IANA's WebSocket close code registry).
 */
export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  /** Never on the wire: the closing handshake carried no code. */
  noStatus: 1005,
  /** Never on the wire: the connection ended without a closing handshake. */
  abnormal: 1006,
  invalidPayload: 1007,
  messageTooBig: 1009,
  internalError: 1011,
  tryAgainLater: 1013,
} as const;

/** The close codes that may stand in a close frame, as ranges for people. */
export const SENDABLE_CLOSE_CODES = "1000-1003, 1007-1014 and 3000-4999";

/** The longest close reason, in UTF-8 bytes (RFC 6455 section 5.5). */
export const MAX_REASON_BYTES = 123;

/**
 * Whether a close code may stand in a close frame: 1004-1006 and 1015 must not,
 * and what lies outside of 1000-4999 has no meaning (RFC 6455 section 7.4).
 * The platform sends whatever it is given, so this is to be asked first.
 */
export function isSendableCloseCode(code: number): boolean {
  return Number.isInteger(code) &&
    (code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 ||
      code >= 3000 && code <= 4999);
}
