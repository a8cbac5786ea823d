import fc from "fast-check";
import {
  type Bytes,
  closePayload,
  encodeFrame,
  type EncodeFrameOptions,
  OPCODE,
  toBytes,
} from "../support/frames.ts";

/** A message, before it is cut into frames. */
export interface Message {
  opcode: typeof OPCODE.text | typeof OPCODE.binary;
  /** The text itself, or the size of a pattern in bytes. */
  body: string | number;
  /** Where the message is cut into fragments, in thousandths of it. */
  cuts: number[];
  /** Payload sizes of the pings after each fragment. */
  pings: number[];
  /** Whether an unsolicited pong follows each ping. */
  hasPongs: boolean;
}

/** How a conversation ends, and what the service must do about it. */
export interface Ending {
  name: string;
  /** The frames, already encoded. */
  bytes: Bytes;
  /**
   * "answers": the same close frame comes back. "ends": the service ends the
   * connection. "tolerates": what follows is left to the service, as RFC 6455
   * forbids what was sent and the platform lets it pass, or as the frame is
   * incomplete; the connection ends when the client ends it.
   */
  service: "answers" | "ends" | "tolerates";
}

/** All that a client sends on one connection. */
export interface Conversation {
  endpoint: Endpoint;
  messages: Message[];
  ending: Ending;
  /** Whether the ending is sent before the replies are read. */
  isAtOnce: boolean;
  /** Where the bytes are cut into writes, in thousandths of them. */
  writes: number[];
}

/** An endpoint with its parameters, and the replies that it has to give. */
interface Endpoint {
  path: string;
  prefix: string;
  isUppercase: boolean;
}

const ENDPOINTS: Endpoint[] = [
  { path: "/echo", prefix: "", isUppercase: false },
  { path: "/uppercase", prefix: "", isUppercase: true },
  { path: "/?prefix=%C2%A7+", prefix: "§ ", isUppercase: false },
];
/** Sizes at the borders of the frame format, and larger ones. */
const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
/** Characters of one to four bytes, ten in all. */
const PATTERN = "aé€😀";
/** What UTF-8 must not hold (RFC 3629): cut off, overlong, surrogates, … */
// deno-fmt-ignore
const BAD_UTF8 = [
  [0x80], [0xbf], [0xc2], [0xc0, 0x80], [0xc1, 0xbf], [0xe2, 0x82],
  [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
  [0xf0, 0x9f, 0x98], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
];

const messages: fc.Arbitrary<Message> = fc.record({
  opcode: fc.constantFrom(OPCODE.text, OPCODE.binary),
  body: fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 50 }) },
    { weight: 1, arbitrary: fc.constantFrom(...SIZES) },
  ),
  cuts: fc.array(fc.nat(1_000), { maxLength: 4 }),
  pings: fc.array(fc.constantFrom(0, 1, 125), { maxLength: 2 }),
  hasPongs: fc.boolean(),
});

/** Readable in what fast-check prints. */
const MASK = new Uint8Array(4);
const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Bytes> =>
  fc.uint8Array({ minLength, maxLength }).map((array) => new Uint8Array(array));
const frame = (
  opcode: number,
  body: string | Bytes,
  options: EncodeFrameOptions = {},
) => encodeFrame(opcode, body, { mask: MASK, ...options });
const join = (...parts: Uint8Array[]): Bytes =>
  new Uint8Array(parts.flatMap((part) => [...part]));

/** Bytes that begin and end as UTF-8, and are not. */
const badText: fc.Arbitrary<Bytes> = fc.tuple(oneOf(...BAD_UTF8), fc.nat(3))
  .map(([bad, at]) =>
    join(
      toBytes([...PATTERN].slice(0, at).join("")),
      new Uint8Array(bad),
      toBytes([...PATTERN].slice(at).join("") + "x"),
    )
  );
const control = oneOf(OPCODE.close, OPCODE.ping, OPCODE.pong);

/** All ways in which a conversation ends, and what the service does then. */
const ENDINGS: [Ending["service"], Record<string, fc.Arbitrary<Bytes>>][] = [
  ["answers", {
    "close": fc.tuple(
      fc.oneof(
        oneOf(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013),
        fc.integer({ min: 3000, max: 4999 }),
      ),
      fc.string({ unit: "binary", maxLength: 20 }),
    ).map((parts) => frame(OPCODE.close, closePayload(...parts))),
    "close without a code": fc.constant(frame(OPCODE.close, "")),
  }],
  ["ends", {
    "reserved bits": fc.tuple(
      fc.nat(15),
      bytes(0, 20),
      fc.record({ rsv: fc.integer({ min: 1, max: 7 }), fin: fc.boolean() }),
    ).map((parts) => frame(...parts)),
    "reserved opcode": fc.tuple(
      oneOf(3, 4, 5, 6, 7, 11, 12, 13, 14, 15),
      bytes(0, 130),
    ).map((parts) => frame(...parts)),
    "fragmented control frame": control.map((opcode) =>
      frame(opcode, closePayload(1000), { fin: false })
    ),
    "oversize ping": bytes(126, 200).map((body) => frame(OPCODE.ping, body)),
    "continuation of nothing": fc.tuple(bytes(0, 20), fc.boolean())
      .map(([body, fin]) => frame(OPCODE.continuation, body, { fin })),
    "message within a message": oneOf(OPCODE.text, OPCODE.binary)
      .map((opcode) =>
        join(frame(OPCODE.text, "a", { fin: false }), frame(opcode, "b"))
      ),
    "bad UTF-8": badText.map((body) => frame(OPCODE.text, body)),
    "bad UTF-8 in fragments": fc.tuple(badText, fc.nat(10)).map((
      [body, cut],
    ) =>
      join(
        frame(OPCODE.text, body.subarray(0, cut), { fin: false }),
        frame(OPCODE.continuation, body.subarray(cut)),
      )
    ),
    "close with one byte": bytes(1, 1).map((body) => frame(OPCODE.close, body)),
    "close with a bad code": oneOf(0, 999, 1004, 1005, 1006, 1015, 2999, 5000)
      .map((code) => frame(OPCODE.close, closePayload(code))),
    "close with bad UTF-8": badText.map((body) =>
      frame(OPCODE.close, join(closePayload(1000), body))
    ),
  }],
  ["tolerates", {
    "unmasked": bytes(0, 20).map((body) =>
      frame(OPCODE.binary, body, { mask: null })
    ),
    "longer form of length": oneOf(
      [0xfe, 0, 1],
      [0xff, 0, 0, 0, 0, 0, 0, 0, 1],
    ).map((length) =>
      join(new Uint8Array([0x82, ...length]), MASK, toBytes("x"))
    ),
    "oversize pong or close": fc.tuple(
      oneOf(OPCODE.pong, OPCODE.close),
      fc.integer({ min: 126, max: 200 }),
    ).map(([opcode, size]) =>
      frame(opcode, closePayload(1000, "x".repeat(size)))
    ),
    "fragment within a message": fc.constant(
      join(
        frame(OPCODE.text, "a", { fin: false }),
        frame(OPCODE.text, "b", { fin: false }),
      ),
    ),
    "binary that is not UTF-8": badText.map((body) =>
      frame(OPCODE.binary, body)
    ),
    "truncated frame": fc.tuple(bytes(1, 200), fc.nat(150)).map((
      [body, size],
    ) => frame(OPCODE.binary, body).subarray(0, size)),
    "wrong length": fc.tuple(
      oneOf(OPCODE.text, OPCODE.binary, OPCODE.ping, OPCODE.close),
      oneOf(0, 1, 200, 65_536, 2 ** 26, 2 ** 32, 2 ** 63),
    ).map(([opcode, length]) => frame(opcode, "some text", { length })),
    "noise": bytes(1, 100),
  }],
];

const endings: fc.Arbitrary<Ending>[] = ENDINGS.flatMap(([service, group]) =>
  Object.entries(group).map(([name, arbitrary]) =>
    arbitrary.map((bytes): Ending => ({ name, service, bytes }))
  )
);
const [goodEnding, ...otherEndings] = endings;

/** Conversations, about a third of which end in good order. */
export const conversations: fc.Arbitrary<Conversation> = fc.record({
  endpoint: oneOf(...ENDPOINTS),
  messages: fc.array(messages, { maxLength: 4 }),
  ending: fc.oneof(
    { weight: Math.round(endings.length / 3), arbitrary: goodEnding! },
    ...otherEndings,
  ),
  isAtOnce: fc.boolean(),
  writes: fc.array(fc.nat(1_000), { maxLength: 3 }),
});

/** A message's frames, with the control frames after each. */
export function encodeMessage(message: Message): Bytes[] {
  const { opcode, cuts, pings, hasPongs } = message;
  const body = toBytes(textOf(message));
  return cut(body, cuts).flatMap((part, i) => [
    encodeFrame(i === 0 ? opcode : OPCODE.continuation, part, {
      fin: i === cuts.length,
    }),
    ...pings.flatMap((size) => [
      encodeFrame(OPCODE.ping, new Uint8Array(size).fill(i)),
      ...hasPongs ? [encodeFrame(OPCODE.pong, "unsolicited")] : [],
    ]),
  ]);
}

/** What must come back for the messages, and for the pings, in order. */
export function expectedFrames(
  { messages, endpoint: { prefix, isUppercase } }: Conversation,
): { replies: string[]; pongs: string[] } {
  const replies = messages.map((message) => {
    const text = textOf(message);
    const reply = isUppercase ? text.toUpperCase() : text;
    const isText = message.opcode === OPCODE.text;
    return show(message.opcode, toBytes(isText ? prefix + reply : reply));
  });
  const pongs = messages.flatMap(({ cuts, pings }) =>
    [...cuts, 0].flatMap((_, i) =>
      pings.map((size) => show(OPCODE.pong, new Uint8Array(size).fill(i)))
    )
  );
  return { replies, pongs };
}

/** A frame in a form that can be compared and read. */
export function show(opcode: number, payload: Bytes): string {
  return `${opcode}:${payload.toHex()}`;
}

function textOf({ body }: Message): string {
  return typeof body === "string"
    ? body
    : PATTERN.repeat(body / 10) + "x".repeat(body % 10);
}

/** Cuts bytes at places given in thousandths. */
export function cut(bytes: Bytes, places: number[]): Bytes[] {
  const ends = places.map((place) => Math.floor(bytes.length * place / 1_000))
    .sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) =>
    bytes.subarray(ends[i - 1] ?? 0, end)
  );
}
