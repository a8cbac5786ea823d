import { assertEquals, assertGreater } from "@std/assert";
import {
  type Bytes,
  closePayload,
  encodeFrame,
  type EncodeFrameOptions,
  FrameReader,
  OPCODE,
  parseClose,
  toBytes,
} from "./frames.ts";

const MASKED = { mask: Uint8Array.fromHex("37fa213d") };
const PLAIN = { mask: null };

/** Frames of RFC 6455 section 5.7 and at the edges, and how they begin. */
// deno-fmt-ignore
const FRAMES: [name: string, opcode: number, payload: string | Bytes, EncodeFrameOptions, hex: string][] = [
  ["an unmasked text message", OPCODE.text, "Hello", PLAIN, "810548656c6c6f"],
  ["a masked text message", OPCODE.text, "Hello", MASKED, "818537fa213d7f9f4d5158"],
  ["a message's first fragment", OPCODE.text, "Hel", { ...PLAIN, fin: false }, "010348656c"],
  ["a message's last fragment", OPCODE.continuation, "lo", PLAIN, "80026c6f"],
  ["an unmasked ping", OPCODE.ping, "Hello", PLAIN, "890548656c6c6f"],
  ["a masked pong", OPCODE.pong, "Hello", MASKED, "8a8537fa213d7f9f4d5158"],
  ["no payload", OPCODE.close, "", MASKED, "888037fa213d"],
  ["reserved bits", 0xb, "", { ...PLAIN, rsv: 5 }, "db00"],
  ["125 bytes", OPCODE.binary, new Uint8Array(125), PLAIN, "827d"],
  ["126 bytes", OPCODE.binary, new Uint8Array(126), PLAIN, "827e007e"],
  ["65,535 bytes", OPCODE.binary, new Uint8Array(65_535), PLAIN, "827effff"],
  ["64 KiB", OPCODE.binary, new Uint8Array(65_536), PLAIN, "827f0000000000010000"],
];

for (const [name, opcode, payload, options, hex] of FRAMES) {
  Deno.test(`encodeFrame() encodes, and FrameReader reads ${name}`, () => {
    const bytes = encodeFrame(opcode, payload, options);
    const begin = bytes.subarray(0, hex.length / 2);
    assertEquals(begin.toHex(), hex);
    const { length } = toBytes(payload);
    if (length > 100) assertEquals(bytes.length, begin.length + length);
    const reader = new FrameReader();
    reader.push(bytes);
    const { fin = true, rsv = 0 } = options;
    const expected = { fin, rsv, opcode, payload: toBytes(payload) };
    assertEquals(reader.next(), expected);
    assertEquals(reader.next(), undefined);
  });
}

Deno.test("encodeFrame() masks with a random key by default", () => {
  // Zeros under a mask show the mask.
  const keys = Array.from({ length: 8 }, () => {
    const bytes = encodeFrame(OPCODE.binary, new Uint8Array(4));
    assertEquals(bytes.subarray(0, 2).toHex(), "8284");
    assertEquals(bytes.subarray(2, 6), bytes.subarray(6));
    return bytes.subarray(2, 6).toHex();
  });
  assertGreater(new Set(keys).size, 1);
});

Deno.test("encodeFrame() declares a length that is not the payload's", () => {
  const bytes = encodeFrame(OPCODE.text, "Hello", { mask: null, length: 300 });
  assertEquals(bytes.toHex(), "817e012c48656c6c6f");
});

Deno.test("FrameReader.next() cuts frames, however the bytes arrive", async () => {
  const lengths = [0, 1, 300, 70_000, 2];
  const frames = lengths.map((length) =>
    encodeFrame(OPCODE.binary, new Uint8Array(length).fill(7))
  );
  const bytes = await new Blob(frames).bytes();
  for (const size of [5, 1_000, bytes.length]) {
    const reader = new FrameReader();
    const seen: number[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      reader.push(bytes.subarray(at, at + size));
      for (let frame; (frame = reader.next());) seen.push(frame.payload.length);
    }
    assertEquals(seen, lengths);
  }
});

Deno.test("closePayload() and parseClose() are each other's reverse", () => {
  assertEquals(closePayload(4999, "é").toHex(), "1387c3a9");
  assertEquals(closePayload().length, 0);
  for (const [code, reason] of [[1000, ""], [4999, "é"]] as const) {
    assertEquals(parseClose(closePayload(code, reason)), { code, reason });
  }
  assertEquals(parseClose(closePayload()), { code: 1005, reason: "" });
});
