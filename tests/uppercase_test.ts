import { assert, assertEquals, assertThrows } from "@std/assert";
import { uppercase } from "../handlers/uppercase.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text, and the same by Unicode's full case mapping (SpecialCasing.txt). */
const MAPPINGS: Record<string, [text: string, expected: string]> = {
  "nothing": ["", ""],
  "ASCII": ["Hello, world! 123", "HELLO, WORLD! 123"],
  "ß, one letter to two": ["Straße", "STRASSE"],
  "a ligature": ["ﬃ", "FFI"],
  "ŉ, to a letter that is no letter's capital": ["ŉ", "ʼN"],
  "an iota below": ["ᾳ", "ΑΙ"],
  "both small sigmas": ["σς", "ΣΣ"],
  "i and ı alike, in no locale": ["iı", "II"],
  "what is upper case already": ["ÄÖÜ ẞ", "ÄÖÜ ẞ"],
  "what has no case": ["文字 😀 \0\r\n", "文字 😀 \0\r\n"],
  "letters beyond the first plane": ["𐐨", "𐐀"],
  "a byte order mark": ["\ufeffa", "\ufeffA"],
};

for (const [name, [text, expected]] of Object.entries(MAPPINGS)) {
  Deno.test(`uppercase() maps ${name}`, () => {
    assertEquals(uppercase(text), expected);
    const reply = uppercase(encoder.encode(text).buffer);
    assert(reply instanceof ArrayBuffer, "binary is answered in binary");
    assertEquals(decoder.decode(reply), expected);
  });
}

Deno.test("uppercase() answers with the reply's bytes alone", () => {
  for (const count of [1, 7, 1_000, 70_000]) {
    const reply = uppercase(encoder.encode("ß".repeat(count)).buffer);
    assert(reply instanceof ArrayBuffer);
    assertEquals(reply.byteLength, 2 * count);
  }
});

Deno.test("uppercase() leaves the received buffer as it is", () => {
  const { buffer } = encoder.encode("abc");
  uppercase(buffer);
  assertEquals(decoder.decode(buffer), "abc");
});

const INVALID: Record<string, number[]> = {
  "a lone continuation byte": [0x61, 0x80],
  "a byte that UTF-8 never has": [0xff],
  "a character cut off": [0x61, 0xe6, 0x96],
  "an overlong form": [0xc0, 0xaf],
  "half of a surrogate pair": [0xed, 0xa0, 0x80],
  "what lies beyond Unicode": [0xf4, 0x90, 0x80, 0x80],
};

for (const [name, bytes] of Object.entries(INVALID)) {
  Deno.test(`uppercase() refuses ${name}`, () => {
    const error = assertThrows(
      () => uppercase(new Uint8Array(bytes).buffer),
      DOMException,
      "Cannot uppercase the message",
    );
    assertEquals(error.name, "EncodingError");
    // Nothing of it is left over for the next message.
    const reply = uppercase(encoder.encode("a").buffer);
    assertEquals(decoder.decode(reply as ArrayBuffer), "A");
  });
}
