import {
  type Bytes,
  closePayload,
  encodeFrame,
  type EncodeFrameOptions,
  OPCODE,
  toBytes,
} from "../support/frames.ts";
import type { Endpoint } from "./frame_model.ts";
import type { Random } from "./random.ts";

/** One connection's frames. */
export interface FrameCase {
  endpoint: Endpoint;
  /** Frames in order; the last one may be broken. */
  frames: Bytes[];
  /** Whether the replies are awaited before the last frame goes out. */
  isPaced: boolean;
}

const ENDPOINTS: Endpoint[] = [
  { path: "/", isUppercase: false, prefix: "" },
  { path: "/echo", isUppercase: false, prefix: "" },
  { path: "/uppercase", isUppercase: true, prefix: "" },
  { path: "/echo?prefix=%C2%A7+", isUppercase: false, prefix: "§ " },
];

/** What UTF-8 must not hold (RFC 3629): cut off, overlong, surrogates, … */
// deno-fmt-ignore
const BAD_UTF8 = [
  [0x80], [0xbf], [0xc2], [0xc0, 0x80], [0xc1, 0xbf], [0xe2, 0x82],
  [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
  [0xf0, 0x9f, 0x98], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80], [0xfe], [0xff],
].map((bytes) => new Uint8Array(bytes));
/** One to four bytes a character, and 16 in all. */
const SAMPLE = toBytes("aé€😀zßﬁ");

const RESERVED_OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
/** The codes that are tried in turn; what is above, at random. */
const CODES_IN_TURN = 5_004;

/** Makes the frames that break a connection; `n` counts the calls. */
type Breaker = (random: Random, n: number) => Bytes[];

/** A frame whose mask comes from the case's source, too. */
function encode(
  random: Random,
  opcode: number,
  payload?: string | Bytes,
  options?: EncodeFrameOptions,
): Bytes {
  return encodeFrame(opcode, payload, { mask: random.bytes(4), ...options });
}

const BREAKERS: Breaker[] = [
  function badUtf8(random, n) {
    const bad = BAD_UTF8[n % BAD_UTF8.length]!;
    const at = Math.floor(n / BAD_UTF8.length) % (SAMPLE.length + 1);
    const payload = new Uint8Array([
      ...SAMPLE.subarray(0, at),
      ...bad,
      ...SAMPLE.subarray(at),
    ]);
    return fragment(OPCODE.text, payload, random.below(3), random);
  },
  function reservedBits(random, n) {
    const opcode = Math.floor(n / 7) % 16;
    return [
      encode(random, opcode, random.bytes(random.below(20)), {
        rsv: 1 + n % 7,
        fin: !random.once(4),
      }),
    ];
  },
  function reservedOpcode(random, n) {
    const opcode = RESERVED_OPCODES[n % RESERVED_OPCODES.length]!;
    return [encode(random, opcode, random.bytes(random.below(130)))];
  },
  function wrongLength(random) {
    const payload = random.bytes(random.below(200));
    const length = random.pick([
      random.below(400),
      65_536,
      2 ** 26,
      2 ** 32,
      2 ** 63,
    ]);
    return [encode(random, random.pick([1, 2, 9, 8]), payload, { length })];
  },
  function longerForm(random) {
    // The length in two or eight bytes where one would do.
    const opcode = random.pick([0x81, 0x82, 0x89, 0x8a]);
    return random.once(2)
      ? [new Uint8Array([opcode, 0xfe, 0, 1, 0, 0, 0, 0, 0x41])]
      : [
        new Uint8Array([
          opcode,
          0xff,
          ...[0, 0, 0, 0, 0, 0, 0, 1],
          0,
          0,
          0,
          0,
          0x41,
        ]),
      ];
  },
  function strayContinuation(random) {
    return [
      encode(random, OPCODE.continuation, random.bytes(random.below(20)), {
        fin: random.once(2),
      }),
    ];
  },
  function messageInMessage(random) {
    return [
      encode(random, OPCODE.text, "begun", { fin: false }),
      encode(random, random.pick([1, 2]), "another", { fin: random.once(2) }),
      encode(random, OPCODE.continuation, "end"),
    ];
  },
  function brokenControl(random) {
    const opcode = random.pick([OPCODE.ping, OPCODE.pong, OPCODE.close]);
    const payload = toBytes("\u0003\u00e8".repeat(1) + "x".repeat(130));
    // 1000, and a reason.
    payload.set([3, 232]);
    return [
      random.once(2)
        ? encode(random, opcode, payload)
        : encode(random, opcode, payload.subarray(0, 50), { fin: false }),
    ];
  },
  function brokenClose(random, n) {
    const bad = BAD_UTF8[n % BAD_UTF8.length]!;
    const reason = new Uint8Array([3, 232, 0x61, ...bad, 0x62]);
    return [
      encode(random, OPCODE.close, random.once(3) ? random.bytes(1) : reason),
    ];
  },
  function unmasked(random) {
    return [encode(random, OPCODE.text, random.text(5), { mask: null })];
  },
  function cutOff(random) {
    const frame = encode(random, OPCODE.binary, random.bytes(random.length()));
    return [frame.subarray(0, random.below(frame.length))];
  },
  function noise(random) {
    return [random.bytes(random.between(1, 100))];
  },
];

/** The frames of a case: a few messages in order, and an end of some kind. */
export function frameCase(index: number, random: Random): FrameCase {
  const isBroken = index % 5 >= 3;
  const endpoint = random.pick(ENDPOINTS);
  const frames = fragmentInTurn(index, random);
  for (let messages = random.below(4); messages > 0; messages--) {
    frames.push(...randomMessage(endpoint, random));
  }
  const turn = Math.floor(index / 5);
  if (isBroken) {
    const n = turn * 2 + index % 5 - 3;
    const breaker = BREAKERS[n % BREAKERS.length]!;
    frames.push(...breaker(random, Math.floor(n / BREAKERS.length)));
    // Whether anything comes after what is broken must not matter.
    if (random.once(2)) frames.push(encode(random, OPCODE.text, "after"));
  } else {
    frames.push(randomClose(turn * 3 + index % 5, random));
    if (random.once(10)) frames.push(encode(random, OPCODE.text, "too late"));
  }
  if (endpoint.isUppercase && random.once(20)) {
    frames.splice(-2, 2, encode(random, OPCODE.binary, random.pick(BAD_UTF8)));
  }
  return { endpoint, frames, isPaced: random.once(2) };
}

/** A text in two fragments: each length and each cut has its turn. */
function fragmentInTurn(index: number, random: Random): Bytes[] {
  const payload = toBytes("aé€😀".repeat(3)).subarray(0, 10 * (1 + index % 3));
  const cut = Math.floor(index / 3) % (payload.length + 1);
  return [
    encode(random, OPCODE.text, payload.subarray(0, cut), { fin: false }),
    ...randomControls(random),
    encode(random, OPCODE.continuation, payload.subarray(cut)),
  ];
}

function randomMessage({ isUppercase }: Endpoint, random: Random): Bytes[] {
  const opcode = random.pick([OPCODE.text, OPCODE.binary]);
  const length = random.length();
  const payload = opcode === OPCODE.text || isUppercase
    ? toBytes(random.text(length))
    : random.bytes(length);
  return fragment(opcode, payload, random.below(5), random);
}

/** Cuts a message at random places and puts control frames between. */
function fragment(
  opcode: number,
  payload: Bytes,
  cuts: number,
  random: Random,
): Bytes[] {
  const places = Array.from(
    { length: cuts },
    () => random.below(payload.length + 1),
  ).sort((a, b) => a - b);
  const frames: Bytes[] = [];
  let from = 0;
  for (const [i, to] of [...places, payload.length].entries()) {
    const part = payload.subarray(from, to);
    frames.push(
      encode(random, i === 0 ? opcode : OPCODE.continuation, part, {
        fin: i === cuts,
      }),
    );
    if (random.once(3)) frames.push(...randomControls(random));
    from = to;
  }
  return frames;
}

function randomControls(random: Random): Bytes[] {
  return Array.from(
    { length: random.below(3) },
    () =>
      encode(
        random,
        random.pick([OPCODE.ping, OPCODE.pong]),
        random.bytes(random.pick([0, 1, 125])),
      ),
  );
}

/** A close frame; `n` counts them, and with them the codes. */
function randomClose(n: number, random: Random): Bytes {
  if (random.once(20)) return encode(random, OPCODE.close);
  // The factor has no divisor in common: every code comes once.
  const code = n < CODES_IN_TURN
    ? n * 1_667 % CODES_IN_TURN
    : random.below(65_536);
  return encode(
    random,
    OPCODE.close,
    closePayload(code, random.text(random.below(20))),
  );
}
