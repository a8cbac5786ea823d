import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  type Bytes,
  closePayload,
  encodeFrame,
  type EncodeFrameOptions,
  OPCODE,
  toBytes,
} from "../support/frames.ts";

/** Characters of one to four bytes, ten in all. */
const PATTERN = "aé€😀";
/** Sizes at the borders of the frame format, and larger ones. */
const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
const { close, ping, pong, text, binary, continuation } = OPCODE;
/** Readable in what fast-check prints. */
const MASK = new Uint8Array(4);

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const anyText = (maxLength: number) => fc.string({ unit: "binary", maxLength });
const anyBytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => new Uint8Array(array));
const frame = (
  opcode: number,
  body: string | Bytes = "",
  options: EncodeFrameOptions = {},
) => encodeFrame(opcode, body, { mask: MASK, ...options });
const join = (...parts: Uint8Array[]): Bytes =>
  new Uint8Array(parts.flatMap((part) => [...part]));

type Value<T> = T extends fc.Arbitrary<infer Of> ? Of : never;

/** What UTF-8 must not hold (RFC 3629), between characters that it may. */
const badText = fc.tuple(
  // deno-fmt-ignore
  oneOf(
    [0x80], [0xbf], [0xc2], [0xc0, 0x80], [0xc1, 0xbf], [0xe2, 0x82],
    [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
    [0xf0, 0x9f, 0x98], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
  ),
  oneOf("", PATTERN),
).map(([bad, before]) =>
  join(toBytes(before), new Uint8Array(bad), toBytes(`x${PATTERN}`))
);

const messages = fc.record({
  opcode: oneOf(text, binary),
  /** The text itself, or the size of a pattern in bytes. */
  body: fc.oneof(
    { weight: 4, arbitrary: anyText(50) },
    { weight: 1, arbitrary: oneOf(...SIZES) },
  ),
  /** Where it is cut into fragments, in thousandths of it. */
  cuts: fc.array(fc.nat(1_000), { maxLength: 4 }),
  /** Payload sizes of the pings after each fragment. */
  pings: fc.array(oneOf(0, 1, 125), { maxLength: 2 }),
  /** Whether a pong that nothing asked for follows each fragment. */
  hasPongs: fc.boolean(),
});

/** Answered with the same close frame. */
const goodEndings = {
  close: fc.tuple(
    fc.oneof(
      oneOf(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013),
      fc.integer({ min: 3000, max: 4999 }),
    ),
    anyText(20),
  ).map((parts) => frame(close, closePayload(...parts))),
  emptyClose: fc.constant(frame(close)),
};

const anyFrame = fc.record({
  opcode: fc.nat(15),
  fin: fc.boolean(),
  rsv: fc.oneof(fc.constant(0), fc.nat(7)),
  body: anyBytes(0, 200),
});

/** Whether RFC 6455 section 5.2 or 5.5 forbids a frame between messages. */
function isBroken({ opcode, fin, rsv, body }: Value<typeof anyFrame>) {
  const isControl = opcode === close || opcode === ping || opcode === pong;
  return rsv > 0 || opcode === continuation ||
    (!isControl && opcode !== text && opcode !== binary) ||
    (isControl && !fin) ||
    // The platform lets a pong pass, and answers a close.
    (opcode === ping && body.length > 125);
}

/** After these, the service ends the connection. */
const brokenEndings = {
  header: anyFrame.filter(isBroken)
    .map(({ opcode, body, ...bits }) => frame(opcode, body, bits)),
  messageInMessage: oneOf(text, binary).map((opcode) =>
    join(frame(text, "a", { fin: false }), frame(opcode, "b"))
  ),
  badText: badText.map((body) => frame(text, body)),
  badTextInFragments: fc.tuple(badText, fc.nat(12)).map(([body, at]) =>
    join(
      frame(text, body.subarray(0, at), { fin: false }),
      frame(continuation, body.subarray(at)),
    )
  ),
  shortClose: anyBytes(1, 1).map((body) => frame(close, body)),
  badCloseCode: oneOf(0, 999, 1004, 1005, 1006, 1015, 2999, 5000)
    .map((code) => frame(close, closePayload(code))),
  badCloseReason: badText.map((body) =>
    frame(close, join(closePayload(1000), body))
  ),
};

/**
 * RFC 6455 forbids most of these and the platform lets some pass, or they are
 * incomplete: the connection ends at the latest when the client ends it.
 */
const doubtfulEndings = {
  // Unmasked, of a wrong length or cut off.
  header: fc.tuple(
    anyFrame,
    fc.record({
      mask: oneOf(null, MASK),
      length: oneOf(0, 1, 200, 65_536, 2 ** 26, 2 ** 32, 2 ** 63),
    }, { requiredKeys: [] }),
    fc.nat(250),
  ).map(([{ opcode, body, ...bits }, options, size]) =>
    frame(opcode, body, { ...bits, ...options }).subarray(0, size)
  ),
  // One byte, with its length in two or eight.
  longLength: oneOf([0xfe, 0, 1], [0xff, 0, 0, 0, 0, 0, 0, 0, 1])
    .map((length) => new Uint8Array([0x82, ...length, ...MASK, 120])),
  beginInMessage: fc.constant(
    join(frame(text, "a", { fin: false }), frame(text, "b", { fin: false })),
  ),
  badTextAsBinary: badText.map((body) => frame(binary, body)),
  noise: anyBytes(1, 100),
};

/** An ending's bytes, with its name and what the service must do about it. */
function endings<Kind extends string>(
  kind: Kind,
  group: Record<string, fc.Arbitrary<Bytes>>,
) {
  return fc.oneof(
    ...Object.entries(group).map(([name, arbitrary]) =>
      arbitrary.map((bytes) => ({ kind, name, bytes }))
    ),
  );
}

/** All that a client sends on one connection. */
export const conversations = fc.record({
  endpoint: oneOf(
    { path: "/echo", prefix: "", isUppercase: false },
    { path: "/uppercase", prefix: "", isUppercase: true },
    { path: "/?prefix=%C2%A7+", prefix: "§ ", isUppercase: false },
  ),
  messages: fc.array(messages, { maxLength: 4 }),
  ending: fc.oneof(
    endings("good", goodEndings),
    endings("broken", brokenEndings),
    endings("doubtful", doubtfulEndings),
  ),
  /** Whether the ending is sent before the replies are read. */
  isAtOnce: fc.boolean(),
  /** Where the bytes are cut into writes, in thousandths of them. */
  writes: fc.array(fc.nat(1_000), { maxLength: 3 }),
});

export type Conversation = Value<typeof conversations>;

/** The frames of a conversation's messages, and what must come back, in order. */
export function encodeMessages({ messages, endpoint }: Conversation) {
  const frames: Bytes[] = [];
  const expected: { replies: string[]; pongs: string[] } = {
    replies: [],
    pongs: [],
  };
  for (const { opcode, body, cuts, pings, hasPongs } of messages) {
    const message = typeof body === "string"
      ? body
      : PATTERN.repeat(body / 10) + "x".repeat(body % 10);
    for (const [i, part] of cut(toBytes(message), cuts).entries()) {
      const fin = i === cuts.length;
      frames.push(encodeFrame(i === 0 ? opcode : continuation, part, { fin }));
      for (const size of pings) {
        const payload = new Uint8Array(size).fill(i);
        frames.push(encodeFrame(ping, payload));
        expected.pongs.push(show(pong, payload));
      }
      if (hasPongs) frames.push(encodeFrame(pong, "nothing asked"));
    }
    const reply = endpoint.isUppercase ? message.toUpperCase() : message;
    const prefix = opcode === text ? endpoint.prefix : "";
    expected.replies.push(show(opcode, toBytes(prefix + reply)));
  }
  return { frames, expected };
}

/** A frame in a short form that can be read and compared. */
export function show(opcode: number, payload: Bytes): string {
  return payload.length <= 64
    ? `${opcode}: ${payload.toHex()}`
    : `${opcode}: ${payload.length} bytes with SHA-1 ${
      createHash("sha1").update(payload).digest("hex")
    }`;
}

/** Cuts bytes at places given in thousandths. */
export function cut(bytes: Bytes, places: number[]): Bytes[] {
  const ends = places.map((place) => Math.floor(bytes.length * place / 1_000))
    .sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) =>
    bytes.subarray(ends[i - 1] ?? 0, end)
  );
}
