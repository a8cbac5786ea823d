/**
 * What must come back for a client's bytes after the handshake: a second,
 * independent reading of RFC 6455 sections 5 to 8.
 *
 * @module
 */

import { type Bytes, OPCODE, toBytes } from "../support/frames.ts";

/** An endpoint, as its clients see it. */
export interface Endpoint {
  /** With the parameters that choose its behaviour. */
  path: string;
  isUppercase: boolean;
  prefix: string;
}

/** How a connection must end. */
export type Ending =
  /** By nobody but the client: all that it sent was in order so far. */
  | { kind: "open" }
  /** Perhaps by the server: a frame is wrong, but not complete either. */
  | { kind: "unsure" }
  /** By the server, with or without a close frame that says why. */
  | { kind: "fail" }
  /**
   * By a close frame that says just this, and then by the server. Where bytes
   * follow that nobody reads, TCP resets the connection, and what was on its
   * way to the client can be lost.
   */
  | { kind: "close"; payload: Bytes; isLast: boolean }
  /**
   * By the service's own close, with this code, when a message was wrong. What
   * the client sent after it can end the connection before, if it is broken.
   */
  | { kind: "refusal"; code: number; isLast: boolean };

/** What must come back. */
export interface Prediction {
  /** The messages that are complete, as the service counts them. */
  received: number;
  receivedBytes: number;
  replies: (string | Bytes)[];
  replyBytes: number;
  pongs: Bytes[];
  ending: Ending;
}

/**
 * How strictly to read. The platform, which reads the frames, lets pass what
 * RFC 6455 forbids: frames without a mask, pong and close frames of more than
 * 125 bytes, lengths in more bytes than needed, a message that begins within
 * another, in fragments of its own, and a fragmented text whose last character
 * is cut off (it comes without that character).
 */
export type Strictness = "rfc" | "platform";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** What no implementation is asked to wait for. */
const HUGE = 32 * 1_048_576;

/** Reads a client's bytes and tells what must come back. */
export function predict(
  bytes: Bytes,
  endpoint: Endpoint,
  strictness: Strictness,
): Prediction {
  const isStrict = strictness === "rfc";
  const prediction: Prediction = {
    received: 0,
    receivedBytes: 0,
    replies: [],
    replyBytes: 0,
    pongs: [],
    ending: { kind: "open" },
  };
  const end = (ending: Ending) => ({ ...prediction, ending });
  /** The fragments of the unfinished message, and whether it is text. */
  let fragments: Bytes[] = [];
  let isText: boolean | undefined;

  for (let at = 0; at < bytes.length;) {
    const frame = parseFrame(bytes, at);
    if (!frame) return end({ kind: "open" });
    const { fin, opcode, payload, declared } = frame;
    const isControl = opcode >= 8;
    const isKnown = opcode <= 2 || opcode >= 8 && opcode <= 10;
    const isWrong = frame.rsv !== 0 || !isKnown || isControl && !fin ||
      opcode === OPCODE.ping && declared > 125 || declared >= 2 ** 63 ||
      isStrict && (!frame.isMasked || !frame.isMinimal ||
          isControl && declared > 125) ||
      opcode === OPCODE.continuation && isText === undefined ||
      (opcode === OPCODE.text || opcode === OPCODE.binary) &&
        isText !== undefined && (fin || isStrict);
    if (payload === undefined) {
      return end({ kind: isWrong || declared > HUGE ? "unsure" : "open" });
    }
    if (isWrong) return end({ kind: "fail" });
    at = frame.end;

    if (opcode === OPCODE.ping) {
      prediction.pongs.push(payload);
    } else if (opcode === OPCODE.close) {
      return end(predictClose(payload, at === bytes.length));
    } else if (!isControl) {
      if (opcode !== OPCODE.continuation) {
        fragments = [];
        isText = opcode === OPCODE.text;
      }
      fragments.push(payload);
      let message = new Uint8Array(fragments.flatMap((part) => [...part]));
      if (isText && !isUtf8(message, false)) return end({ kind: "fail" });
      if (!fin) continue;
      if (isText && !isUtf8(message, true)) {
        if (isStrict || fragments.length === 1) return end({ kind: "fail" });
        message = withoutCutOffEnd(message);
      }
      const ending = answer(message, isText!, endpoint, prediction);
      if (ending?.kind === "refusal") {
        return end({ ...ending, isLast: at === bytes.length });
      }
      isText = undefined;
    }
  }
  return prediction;
}

/** Adds a message and its reply to the prediction. */
function answer(
  message: Bytes,
  isText: boolean,
  { isUppercase, prefix }: Endpoint,
  prediction: Prediction,
): Ending | undefined {
  prediction.received++;
  prediction.receivedBytes += message.length;
  let reply: string | Bytes = message;
  if (isText) {
    const text = decoder.decode(message);
    reply = prefix + (isUppercase ? text.toUpperCase() : text);
  } else if (isUppercase) {
    if (!isUtf8(message, true)) {
      return { kind: "refusal", code: 1007, isLast: false };
    }
    reply = toBytes(decoder.decode(message).toUpperCase());
  }
  prediction.replies.push(reply);
  prediction.replyBytes += toBytes(reply).length;
}

/** RFC 6455 sections 5.5.1 and 7.4: which closes are answered with the same. */
function predictClose(payload: Bytes, isLast: boolean): Ending {
  if (payload.length === 0) return { kind: "close", payload, isLast };
  if (payload.length === 1) return { kind: "fail" };
  const code = new DataView(payload.buffer, payload.byteOffset).getUint16(0);
  const isValid = code >= 1000 && code <= 1003 ||
    code >= 1007 && code <= 1013 || code >= 3000 && code <= 4999;
  return isValid && isUtf8(payload.subarray(2), true)
    ? { kind: "close", payload, isLast }
    : { kind: "fail" };
}

/** Text that ends within a character, without that character's bytes. */
function withoutCutOffEnd(bytes: Bytes): Bytes {
  const streaming = new TextDecoder("utf-8", { ignoreBOM: true });
  return toBytes(streaming.decode(bytes, { stream: true }));
}

/** Whether bytes are UTF-8, or, unfinished, can become it. */
function isUtf8(bytes: Bytes, finished: boolean): boolean {
  try {
    const whole = new TextDecoder("utf-8", { fatal: true });
    whole.decode(bytes, { stream: !finished });
    return true;
  } catch {
    return false;
  }
}

interface ParsedFrame {
  fin: boolean;
  rsv: number;
  opcode: number;
  isMasked: boolean;
  /** Whether the length is written in as few bytes as possible. */
  isMinimal: boolean;
  /** The length that the frame says it has. */
  declared: number;
  /** Undefined where not all of it is there. */
  payload: Bytes | undefined;
  end: number;
}

/** The frame at a place, or nothing while its header is incomplete. */
function parseFrame(bytes: Bytes, at: number): ParsedFrame | undefined {
  const rest = bytes.subarray(at);
  if (rest.length < 2) return undefined;
  const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
  const isMasked = (rest[1]! & 0x80) !== 0;
  const short = rest[1]! & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (rest.length < start) return undefined;
  const declared = short === 126
    ? view.getUint16(2)
    : short === 127
    ? Number(view.getBigUint64(2))
    : short;
  const isMinimal = short < 126 ||
    declared > (short === 126 ? 125 : 65_535);
  let payload: Bytes | undefined;
  if (rest.length >= start + declared) {
    payload = rest.slice(start, start + declared);
    const key = rest.subarray(start - 4, start);
    if (isMasked) {
      for (let i = 0; i < declared; i++) payload[i]! ^= key[i & 3]!;
    }
  }
  return {
    fin: (rest[0]! & 0x80) !== 0,
    rsv: (rest[0]! >> 4) & 7,
    opcode: rest[0]! & 0x0f,
    isMasked,
    isMinimal,
    declared,
    payload,
    end: at + start + declared,
  };
}
