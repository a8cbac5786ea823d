import { assert, assertEquals, assertThrows } from "@std/assert";
import { PayloadError } from "../handlers/handler.ts";
import { uppercase } from "../handlers/uppercase.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Texts and their full case mapping by Unicode (SpecialCasing.txt). */
const MAPPINGS: Record<string, [text: string, expected: string]> = {
  "ASCII": ["Hello, world! 123", "HELLO, WORLD! 123"],
  "ß, one letter to two": ["Straße", "STRASSE"],
  "i and ı alike, in no locale": ["iı", "II"],
  "a byte order mark": ["\ufeffa", "\ufeffA"],
};

for (const [name, [text, expected]] of Object.entries(MAPPINGS)) {
  Deno.test(`uppercase() maps ${name}`, () => {
    assertEquals(uppercase(text), expected);
    const { buffer } = encoder.encode(text);
    const reply = uppercase(buffer);
    assert(reply instanceof ArrayBuffer, "binary is answered in binary");
    // Exactly the text: the buffer has no room behind it.
    assertEquals(decoder.decode(reply), expected);
    assertEquals(decoder.decode(buffer), text, "the message is unchanged");
  });
}

const INVALID: Record<string, number[]> = {
  "a lone continuation byte": [0x61, 0x80],
  "a byte that UTF-8 never has": [0xff],
  "a character cut off": [0x61, 0xe6, 0x96],
  "a number beyond Unicode": [0xf4, 0x90, 0x80, 0x80],
};

for (const [name, bytes] of Object.entries(INVALID)) {
  Deno.test(`uppercase() refuses ${name}`, () => {
    const message = new Uint8Array(bytes).buffer;
    assertThrows(
      () => uppercase(message),
      PayloadError,
      "Cannot uppercase the message: its bytes are not valid UTF-8",
    );
    // Nothing of it is left over for the next message.
    const reply = uppercase(encoder.encode("a").buffer);
    assertEquals(decoder.decode(reply as ArrayBuffer), "A");
  });
}
