import { Buffer } from "node:buffer";
import type { Message } from "../handler.ts";

const PREVIEW_CHARACTERS = 64;

/** A payload's size on the wire in bytes: text counts as UTF-8. */
export function byteLength(message: Message): number {
  return typeof message === "string"
    ? Buffer.byteLength(message)
    : message.byteLength;
}

/**
 * Frees a buffer's memory. Otherwise a received buffer stays in memory until
 * the garbage collector runs, which a flood of large messages outruns
 * (denoland/deno#27925).
 */
export function release(message: Message) {
  if (typeof message !== "string") message.transfer(0);
}

/** A message as the verbose log shows it: type, size and its first characters. */
export function previewMessage(message: Message, size: number) {
  const isText = typeof message === "string";
  return {
    type: isText ? "text" : "binary",
    size,
    // The cut can fall between the halves of a surrogate pair.
    preview: isText
      ? message.slice(0, PREVIEW_CHARACTERS).toWellFormed()
      : new Uint8Array(message).subarray(0, PREVIEW_CHARACTERS / 2).toHex(),
  };
}
