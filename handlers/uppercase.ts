import { type Message, PayloadError } from "./handler.ts";

const encoder = new TextEncoder();
// A byte order mark is part of the payload, so the reply keeps it.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The uppercase endpoint: replies in upper case by Unicode's full case mapping,
 * independent of locale (`ß` gives `SS`). Binary is read as UTF-8 and answered
 * in binary.
 *
 * @throws {PayloadError} when a binary message is not valid UTF-8
 */
export function uppercase(message: Message): Message {
  if (typeof message === "string") return message.toUpperCase();
  let text: string;
  try {
    text = decoder.decode(message);
  } catch {
    throw new PayloadError(
      "Cannot uppercase the message: its bytes are not valid UTF-8",
    );
  }
  return encoder.encode(text.toUpperCase()).buffer;
}
