/** The loads that every target runs. */

import { type Bytes, encodeFrame, OPCODE } from "../support/frames.ts";

/** One kind of traffic. */
export interface Load {
  /** What selects it on the command line. */
  id: string;
  /** What the table calls it. */
  title: string;
  /** A message's payload, in bytes. */
  size: number;
  kind: "text" | "binary";
  /** Messages under way on each connection. */
  window: number;
  connections: number;
}

export const LOADS: readonly Load[] = [
  {
    id: "64b",
    title: "64 B, 1 in flight, 32 connections",
    size: 64,
    kind: "text",
    window: 1,
    connections: 32,
  },
  {
    id: "64b-16",
    title: "64 B, 16 in flight, 32 connections",
    size: 64,
    kind: "text",
    window: 16,
    connections: 32,
  },
  {
    id: "16k",
    title: "16 KiB binary, 4 in flight, 8 connections",
    size: 16_384,
    kind: "binary",
    window: 4,
    connections: 8,
  },
  {
    id: "1m",
    title: "1 MiB binary, 1 in flight, 4 connections",
    size: 1_048_576,
    kind: "binary",
    window: 1,
    connections: 4,
  },
];

/** Selects the idle connections on the command line. */
export const IDLE_ID = "idle";

/** The numbers of idle connections at which memory is read. */
export const IDLE_COUNTS: readonly number[] = [1_000, 5_000];

/** The bytes of one message and of its only right reply. */
export interface Wire {
  /** The masked frame, as the client sends it. */
  frame: Bytes;
  /** The unmasked frame, as the server must send it back. */
  reply: Bytes;
}

/** Builds a load's frames; the payload has no period that could hide a shift. */
export function buildWire(load: Load): Wire {
  const payload = new Uint8Array(load.size);
  let state = 0x9e3779b9;
  for (let i = 0; i < payload.length; i++) {
    // xorshift32: the same bytes in every run, so runs are alike.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    payload[i] = load.kind === "text"
      ? 0x20 + (state >>> 8) % 95
      : (state >>> 8) & 0xff;
  }
  const opcode = load.kind === "text" ? OPCODE.text : OPCODE.binary;
  return {
    frame: encodeFrame(opcode, payload),
    reply: encodeFrame(opcode, payload, { mask: null }),
  };
}
