/**
 * WebSocket frames as bytes (RFC 6455 section 5), for clients that must be able
 * to send what a correct client never would.
 */

/** The opcodes of RFC 6455 section 5.2. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export type Bytes = Uint8Array<ArrayBuffer>;

/** One frame as it was read from the wire, unmasked. */
export interface Frame {
  fin: boolean;
  /** The three reserved bits, 0 to 7. */
  rsv: number;
  opcode: number;
  payload: Bytes;
}

export interface EncodeFrameOptions {
  /** Whether this is a message's last frame. Default: true. */
  fin?: boolean;
  /** The three reserved bits, 0 to 7. Default: 0. */
  rsv?: number;
  /** The masking key; `null` leaves the frame unmasked. Default: random. */
  mask?: Bytes | null;
  /** The length to declare. Default: the payload's own. */
  length?: number;
}

const encoder = new TextEncoder();

/** A payload's bytes: text as UTF-8, bytes as they are. */
export function toBytes(payload: string | Bytes): Bytes {
  return typeof payload === "string" ? encoder.encode(payload) : payload;
}

/** Bytes, and those that follow them. */
export function concat(first: Uint8Array, second: Uint8Array): Bytes {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Encodes one frame as a client sends it (RFC 6455 section 5.2). */
export function encodeFrame(
  opcode: number,
  payload: string | Bytes = "",
  options: EncodeFrameOptions = {},
): Bytes {
  const body = toBytes(payload);
  const { fin = true, rsv = 0, length = body.length } = options;
  const key = options.mask === undefined
    ? crypto.getRandomValues(new Uint8Array(4))
    : options.mask;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const short = extended === 0 ? length : extended === 2 ? 126 : 127;
  const frame = new Uint8Array(2 + extended + (key ? 4 : 0) + body.length);
  const view = new DataView(frame.buffer);
  frame[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  frame[1] = (key ? 0x80 : 0) | short;
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  frame.set(body, frame.length - body.length);
  if (key) {
    frame.set(key, 2 + extended);
    mask(frame.subarray(frame.length - body.length), key);
  }
  return frame;
}

/** Masks bytes in place, or unmasks them (RFC 6455 section 5.3). */
function mask(bytes: Bytes, key: Bytes) {
  for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i]! ^ key[i & 3]!;
}

/** The payload of a close frame (RFC 6455 section 5.5.1). */
export function closePayload(code?: number, reason = ""): Bytes {
  if (code === undefined) return new Uint8Array(0);
  const text = encoder.encode(reason);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return payload;
}

/** What a close frame's payload says; code 1005 stands for an empty one. */
export function parseClose(payload: Bytes): { code: number; reason: string } {
  if (payload.length < 2) return { code: 1005, reason: "" };
  return {
    code: new DataView(payload.buffer, payload.byteOffset).getUint16(0),
    reason: new TextDecoder().decode(payload.subarray(2)),
  };
}

/** Cuts a byte stream that arrives in arbitrary chunks into frames. */
export class FrameReader {
  #buffer: Bytes = new Uint8Array(0);

  /** Adds bytes that have arrived. */
  push(chunk: Uint8Array) {
    this.#buffer = concat(this.#buffer, chunk);
  }

  /** The next whole frame, or nothing while it is incomplete. */
  next(): Frame | undefined {
    const buffer = this.#buffer;
    if (buffer.length < 2) return undefined;
    const view = new DataView(buffer.buffer, buffer.byteOffset);
    const isMasked = (buffer[1]! & 0x80) !== 0;
    const short = buffer[1]! & 0x7f;
    const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
    const at = 2 + extended + (isMasked ? 4 : 0);
    if (buffer.length < at) return undefined;
    let length = short;
    if (extended === 2) length = view.getUint16(2);
    if (extended === 8) length = Number(view.getBigUint64(2));
    if (buffer.length < at + length) return undefined;
    const payload = buffer.slice(at, at + length);
    if (isMasked) mask(payload, buffer.subarray(at - 4, at));
    this.#buffer = buffer.subarray(at + length);
    return {
      fin: (buffer[0]! & 0x80) !== 0,
      rsv: (buffer[0]! >> 4) & 7,
      opcode: buffer[0]! & 0x0f,
      payload,
    };
  }
}
