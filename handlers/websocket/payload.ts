import { Buffer } from "node:buffer";
import type { Message } from "../handler.ts";

const PREVIEW_CHARACTERS = 64;

/** A payload's size on the wire in bytes: text counts as UTF-8. */
export function byteLength(message: Message): number {
  return typeof message === "string"
    ? Buffer.byteLength(message)
    : message.byteLength;
}

/** The size in bytes from which a buffer is not packed. */
const LARGE_BUFFER = 4_096;

/**
 * Frees a buffer's memory. Otherwise a received buffer stays in memory until
 * the garbage collector runs, which a flood of large messages outruns
 * (denoland/deno#27925) and which costs more time, for small messages too.
 */
export function release(message: PackedMessage) {
  if (message instanceof ArrayBuffer) message.transfer(0);
}

/** A small binary payload, with one character for each byte. */
class PackedBinary {
  constructor(readonly characters: string) {}
}

/** A message in a form that takes little memory while it waits. */
export type PackedMessage = Message | PackedBinary;

/**
 * Packs a message, and frees what it was. A buffer takes some 350 bytes besides
 * its payload, and to free many at once blocks the event loop.
 */
export function pack(message: Message): PackedMessage {
  if (typeof message === "string" || message.byteLength >= LARGE_BUFFER) {
    return message;
  }
  const packed = new PackedBinary(Buffer.from(message).toString("latin1"));
  release(message);
  return packed;
}

/** The message that was packed. */
export function unpack(packed: PackedMessage): Message {
  if (!(packed instanceof PackedBinary)) return packed;
  const { characters } = packed;
  const message = new ArrayBuffer(characters.length);
  Buffer.from(message).write(characters, "latin1");
  return message;
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
