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
import type { Value } from "./fuzz.ts";

/** Characters of one to four bytes, ten in all. */
const PATTERN = "aé€😀";
/** Sizes at the borders of the frame format, and larger ones. */
const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
const KNOWN: number[] = Object.values(OPCODE);
const { close, ping, pong, text, binary, continuation } = OPCODE;
/** Readable in what fast-check prints. */
const MASK = new Uint8Array(4);

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const anyText = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: "grapheme", maxLength }),
    fc.string({ unit: "binary", maxLength }),
  );
const anyBytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => new Uint8Array(array));
const frame = (
  opcode: number,
  body: string | Bytes = "",
  options: EncodeFrameOptions = {},
) => encodeFrame(opcode, body, { mask: MASK, ...options });
const join = (...parts: Uint8Array[]) =>
  new Uint8Array(parts.flatMap((part) => [...part]));

/** What UTF-8 must not hold (RFC 3629), between characters that it may. */
const badText = oneOf(
  ...["80", "bf", "c2", "c080", "c1bf", "e282", "e09fbf", "eda080", "edbfbf"],
  ...["f09f98", "f08fbfbf", "f4908080", "f5808080", "fe", "ff"],
).map((hex) =>
  join(toBytes(PATTERN), Uint8Array.fromHex(hex), toBytes(`x${PATTERN}`))
);

/** Where bytes are cut, in thousandths of them. */
const places = fc.array(fc.nat(1_000), { maxLength: 4 });

const messages = fc.record({
  opcode: oneOf(text, binary),
  /** The text itself, or the size of a pattern in bytes. */
  body: fc.oneof(
    { weight: 4, arbitrary: anyText(50) },
    { weight: 1, arbitrary: oneOf(...SIZES) },
  ),
  /** Where it is cut into fragments. */
  cuts: places,
  /** Payload sizes of the pings and unsolicited pongs after each fragment. */
  pings: fc.array(oneOf(0, 1, 125), { maxLength: 2 }),
});

const anyFrame = fc.record({
  opcode: fc.nat(15),
  fin: fc.boolean(),
  rsv: fc.oneof(fc.constant(0), fc.nat(7)),
  body: anyBytes(0, 200),
});

/** Whether RFC 6455 section 5.2 or 5.5 forbids a frame between messages. */
function isBroken({ opcode, fin, rsv, body }: Value<typeof anyFrame>) {
  return rsv > 0 || opcode === continuation || !KNOWN.includes(opcode) ||
    (opcode >= close && !fin) ||
    // The platform lets such a pong pass, and answers such a close.
    (opcode === ping && body.length > 125);
}

/** Answered with the same close frame. */
const good = fc.tuple(
  oneOf(undefined, 1000, 1001, 1002, 1003, 1007, 1010, 1013, 3000, 4999),
  anyText(20),
).map((parts) => frame(close, closePayload(...parts)));

/** After these, the service ends the connection. */
const broken = fc.oneof(
  anyFrame.filter(isBroken)
    .map(({ opcode, body, ...bits }) => frame(opcode, body, bits)),
  // A message within a message.
  oneOf(text, binary).map((opcode) =>
    join(frame(text, "a", { fin: false }), frame(opcode, "b"))
  ),
  fc.tuple(badText, places).map(([body, cuts]) =>
    join(...fragments(text, body, cuts))
  ),
  anyBytes(1, 1).map((body) => frame(close, body)),
  oneOf(0, 999, 1004, 1005, 1006, 1015, 2999, 5000)
    .map((code) => frame(close, closePayload(code))),
  badText.map((body) => frame(close, join(closePayload(1000), body))),
);

/**
 * RFC 6455 forbids most of these and the platform lets some pass, or they are
 * incomplete: the connection ends at the latest when the client ends it.
 */
const doubtful = fc.oneof(
  // Unmasked, of a wrong length or cut off.
  fc.tuple(
    anyFrame,
    fc.record({
      mask: oneOf(null, MASK),
      length: oneOf(0, 1, 200, 65_536, 2 ** 26, 2 ** 32, 2 ** 63),
    }, { requiredKeys: [] }),
    fc.nat(250),
  ).map(([{ opcode, body, ...bits }, options, size]) =>
    frame(opcode, body, { ...bits, ...options }).subarray(0, size)
  ),
  badText.map((body) => frame(binary, body)),
  anyBytes(1, 100),
);

/** All that a client sends on one connection. */
export const conversations = fc.record({
  path: oneOf("/echo", "/uppercase"),
  messages: fc.array(messages, { maxLength: 4 }),
  ending: fc.oneof(
    fc.record({ kind: fc.constant("good"), bytes: good }),
    fc.record({ kind: fc.constant("broken"), bytes: broken }),
    fc.record({ kind: fc.constant("doubtful"), bytes: doubtful }),
  ),
  /** Whether the ending is sent before the replies are read. */
  isAtOnce: fc.boolean(),
  /** Where the bytes are cut into writes. */
  writes: places,
});

export type Conversation = Value<typeof conversations>;

/** The frames of a conversation's messages, and what must come back, in order. */
export function encodeMessages({ messages, path }: Conversation) {
  const frames: Bytes[] = [];
  const replies: string[] = [];
  const pongs: string[] = [];
  for (const { opcode, body, cuts, pings } of messages) {
    const message = typeof body === "string"
      ? body
      : PATTERN.repeat(body / 10) + "x".repeat(body % 10);
    for (const fragment of fragments(opcode, toBytes(message), cuts)) {
      frames.push(fragment);
      for (const size of pings) {
        const payload = new Uint8Array(size).fill(pongs.length);
        frames.push(encodeFrame(ping, payload), encodeFrame(pong, payload));
        pongs.push(show(pong, payload));
      }
    }
    const reply = path === "/echo" ? message : message.toUpperCase();
    replies.push(show(opcode, toBytes(reply)));
  }
  return { frames, expected: { replies, pongs } };
}

/** A frame in a short form that can be compared. */
export function show(opcode: number, payload: Bytes): string {
  const hash = createHash("sha1").update(payload).digest("hex");
  return `${opcode}: ${payload.length > 20 ? hash : payload.toHex()}`;
}

/** A message's frames, masked at random. */
function fragments(opcode: number, body: Bytes, cuts: number[]): Bytes[] {
  return cut(body, cuts).map((part, i) =>
    encodeFrame(i === 0 ? opcode : continuation, part, {
      fin: i === cuts.length,
    })
  );
}

/** Cuts bytes at places given in thousandths. */
export function cut(bytes: Bytes, places: number[]): Bytes[] {
  const ends = places.map((place) => Math.floor(bytes.length * place / 1_000))
    .sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) =>
    bytes.subarray(ends[i - 1] ?? 0, end)
  );
}
