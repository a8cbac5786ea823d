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
 * Smaller buffers, in bytes, are left to the garbage collector: to free one
 * takes about as long as to copy this much.
 */
const SMALL_BUFFER = 4_096;

/**
 * Frees a buffer's memory, unless it is small. Otherwise a received buffer
 * stays in memory until the garbage collector runs, which a flood of large
 * messages outruns (denoland/deno#27925).
 */
export function release(message: PackedMessage) {
  if (message instanceof ArrayBuffer && message.byteLength >= SMALL_BUFFER) {
    message.transfer(0);
  }
}

/** A small binary payload, with one character for each byte. */
class PackedBinary {
  constructor(readonly characters: string) {}
}

/** A message in a form that takes little memory while it waits. */
export type PackedMessage = Message | PackedBinary;

/** Packs a message: an ArrayBuffer takes some 350 bytes besides its payload. */
export function pack(message: Message): PackedMessage {
  return typeof message === "string" || message.byteLength >= SMALL_BUFFER
    ? message
    : new PackedBinary(Buffer.from(message).toString("latin1"));
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
