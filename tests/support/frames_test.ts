import { assertEquals } from "@std/assert";
import {
  type Bytes,
  encodeFrame,
  type EncodeFrameOptions,
  FrameReader,
  OPCODE,
  toBytes,
} from "./frames.ts";

const MASKED = { mask: Uint8Array.fromHex("37fa213d") };
const PLAIN = { mask: null };
const FIRST = { mask: null, fin: false };
const RESERVED = { mask: null, rsv: 5 };

/** Frames of RFC 6455 section 5.7 and at the edges, and how they begin. */
const FRAMES: [number, string | Bytes, EncodeFrameOptions, string][] = [
  [OPCODE.text, "Hello", PLAIN, "810548656c6c6f"],
  [OPCODE.text, "Hello", MASKED, "818537fa213d7f9f4d5158"],
  [OPCODE.text, "Hel", FIRST, "010348656c"],
  [OPCODE.continuation, "lo", PLAIN, "80026c6f"],
  [OPCODE.pong, "Hello", MASKED, "8a8537fa213d7f9f4d5158"],
  [OPCODE.close, "", MASKED, "888037fa213d"],
  [0xb, "", RESERVED, "db00"],
  [OPCODE.binary, new Uint8Array(125), PLAIN, "827d"],
  [OPCODE.binary, new Uint8Array(126), PLAIN, "827e007e"],
  [OPCODE.binary, new Uint8Array(65_535), PLAIN, "827effff"],
  [OPCODE.binary, new Uint8Array(65_536), PLAIN, "827f0000000000010000"],
];

Deno.test("encodeFrame() encodes, and FrameReader reads frames", () => {
  for (const [opcode, body, options, hex] of FRAMES) {
    const bytes = encodeFrame(opcode, body, options);
    const begin = bytes.subarray(0, hex.length / 2);
    assertEquals(begin.toHex(), hex);
    const payload = toBytes(body);
    const { fin = true, rsv = 0 } = options;
    const reader = new FrameReader();
    reader.push(bytes);
    assertEquals(reader.next(), { fin, rsv, opcode, payload });
    assertEquals(reader.next(), undefined);
  }
  const declared = encodeFrame(OPCODE.text, "Hello", { ...PLAIN, length: 300 });
  assertEquals(declared.toHex(), "817e012c48656c6c6f");
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
