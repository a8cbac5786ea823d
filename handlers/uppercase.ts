const encoder = new TextEncoder();
// A byte order mark is payload like any other: it comes back.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The uppercase endpoint: text comes back by Unicode's full case mapping,
 * independent of locale (`ß` gives `SS`); binary is taken as UTF-8 and answered
 * in binary.
 *
 * @throws {DOMException} named `EncodingError` when binary is not valid UTF-8
 */
export function uppercase(message: string | ArrayBuffer): string | ArrayBuffer {
  if (typeof message === "string") return message.toUpperCase();
  let text: string;
  try {
    text = decoder.decode(message);
  } catch {
    throw new DOMException(
      "Cannot uppercase the message: its bytes are not valid UTF-8",
      "EncodingError",
    );
  }
  return encoder.encode(text.toUpperCase()).buffer;
}
