/**
 * The echo endpoint: every message comes back as it was received, text as text
 * and binary as binary.
 */
export function echo(message: string | ArrayBuffer): string | ArrayBuffer {
  return message;
}
