import { assertEquals } from "@std/assert";
import {
  type Bytes,
  closePayload,
  encodeFrame,
  type EncodeFrameOptions,
  type Frame,
  FrameReader,
  OPCODE,
  parseClose,
  toBytes,
} from "./support/frames.ts";

const MASK = Uint8Array.fromHex("37fa213d");
const UNMASKED = { mask: null };

/** The frames that RFC 6455 section 5.7 prints, and others at the edges. */
const FRAMES: Record<
  string,
  {
    opcode: number;
    payload: string | Bytes;
    options: EncodeFrameOptions;
    /** The frame, or its beginning before the payload. */
    hex: string;
  }
> = {
  "an unmasked text message": {
    opcode: OPCODE.text,
    payload: "Hello",
    options: UNMASKED,
    hex: "810548656c6c6f",
  },
  "a masked text message": {
    opcode: OPCODE.text,
    payload: "Hello",
    options: { mask: MASK },
    hex: "818537fa213d7f9f4d5158",
  },
  "a message's first fragment": {
    opcode: OPCODE.text,
    payload: "Hel",
    options: { ...UNMASKED, fin: false },
    hex: "010348656c",
  },
  "a message's last fragment": {
    opcode: OPCODE.continuation,
    payload: "lo",
    options: UNMASKED,
    hex: "80026c6f",
  },
  "an unmasked ping": {
    opcode: OPCODE.ping,
    payload: "Hello",
    options: UNMASKED,
    hex: "890548656c6c6f",
  },
  "a masked pong": {
    opcode: OPCODE.pong,
    payload: "Hello",
    options: { mask: MASK },
    hex: "8a8537fa213d7f9f4d5158",
  },
  "256 bytes": {
    opcode: OPCODE.binary,
    payload: new Uint8Array(256),
    options: UNMASKED,
    hex: "827e0100",
  },
  "64 KiB": {
    opcode: OPCODE.binary,
    payload: new Uint8Array(65_536),
    options: UNMASKED,
    hex: "827f0000000000010000",
  },
  "no payload": {
    opcode: OPCODE.close,
    payload: "",
    options: { mask: MASK },
    hex: "888037fa213d",
  },
  "the longest payload with a length of one byte": {
    opcode: OPCODE.binary,
    payload: new Uint8Array(125),
    options: UNMASKED,
    hex: "827d",
  },
  "the shortest payload with a length of three bytes": {
    opcode: OPCODE.binary,
    payload: new Uint8Array(126),
    options: UNMASKED,
    hex: "827e007e",
  },
  "the longest payload with a length of three bytes": {
    opcode: OPCODE.binary,
    payload: new Uint8Array(65_535),
    options: UNMASKED,
    hex: "827effff",
  },
  "reserved bits": {
    opcode: 0xb,
    payload: "",
    options: { ...UNMASKED, rsv: 5 },
    hex: "db00",
  },
};

for (const [name, frame] of Object.entries(FRAMES)) {
  const { opcode, payload, options, hex } = frame;

  Deno.test(`encodeFrame() encodes ${name}`, () => {
    const bytes = encodeFrame(opcode, payload, options);
    const head = Uint8Array.fromHex(hex);
    assertEquals(bytes.subarray(0, head.length).toHex(), hex);
    const length = toBytes(payload).length;
    if (length > 125) assertEquals(bytes.length, head.length + length);
  });

  Deno.test(`FrameReader.next() reads ${name}`, () => {
    const reader = new FrameReader();
    reader.push(encodeFrame(opcode, payload, options));
    const expected: Frame = {
      fin: options.fin ?? true,
      rsv: options.rsv ?? 0,
      opcode,
      payload: toBytes(payload),
    };
    assertEquals(reader.next(), expected);
    assertEquals(reader.next(), undefined);
  });
}

Deno.test("encodeFrame() masks with a key of its own by default", () => {
  const keys = new Set<string>();
  for (let i = 0; i < 8; i++) {
    const bytes = encodeFrame(OPCODE.binary, new Uint8Array(4));
    assertEquals(bytes.subarray(0, 2).toHex(), "8284");
    // Zeros under a mask show the mask.
    assertEquals(bytes.subarray(2, 6), bytes.subarray(6));
    keys.add(bytes.subarray(2, 6).toHex());
  }
  assertEquals(keys.size > 1, true, "the keys differ");
});

Deno.test("encodeFrame() declares a length that is not the payload's", () => {
  const bytes = encodeFrame(OPCODE.text, "Hello", { mask: null, length: 300 });
  assertEquals(bytes.toHex(), "817e012c48656c6c6f");
});

Deno.test("FrameReader.next() waits for a frame that comes bit by bit", () => {
  const reader = new FrameReader();
  for (const length of [0, 1, 300, 70_000]) {
    const bytes = encodeFrame(OPCODE.binary, new Uint8Array(length).fill(7));
    // The longest head has 14 bytes; what follows can come in larger pieces.
    const cuts = Array.from({ length: 15 }, (_, i) => i)
      .filter((at) => at < bytes.length - 1);
    for (const [i, at] of cuts.entries()) {
      reader.push(bytes.subarray(at, cuts[i + 1] ?? -1));
      assertEquals(reader.next(), undefined);
    }
    reader.push(bytes.subarray(-1));
    assertEquals(reader.next()?.payload.length, length);
  }
});

Deno.test("FrameReader.next() cuts frames that come in one piece", async () => {
  const frames = ["a", "", "c".repeat(200)].map((text) =>
    encodeFrame(OPCODE.text, text)
  );
  const reader = new FrameReader();
  reader.push(await new Blob(frames).bytes());
  const texts = frames.map(() =>
    new TextDecoder().decode(reader.next()?.payload)
  );
  assertEquals(texts, ["a", "", "c".repeat(200)]);
  assertEquals(reader.next(), undefined);
});

Deno.test("closePayload() and parseClose() are each other's reverse", () => {
  assertEquals(closePayload(1000).toHex(), "03e8");
  assertEquals(closePayload(4999, "é").toHex(), "1387c3a9");
  assertEquals(parseClose(closePayload(1000)), { code: 1000, reason: "" });
  assertEquals(parseClose(closePayload(4999, "é")), {
    code: 4999,
    reason: "é",
  });
  assertEquals(closePayload().length, 0);
  assertEquals(parseClose(closePayload()), { code: 1005, reason: "" });
});
