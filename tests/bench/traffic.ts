/**
 * Connections that send and receive as fast as they can, with `epoll`, `recv`
 * and `send` of the C library (Linux). With Deno's own sockets (a promise for
 * each read and write), or with `poll` (which looks at every connection each
 * time), the generator needs its whole core at 64 B and 1 in flight.
 */

import { Buffer } from "node:buffer";
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import { type Bytes, encodeFrame, OPCODE } from "../support/frames.ts";
import { handshakeRequest } from "../support/raw_client.ts";
import type { TrafficLoad } from "./targets.ts";

// Results fit 32 bits, and a bigint result would be garbage to collect.
const { symbols: libc } = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  memcmp: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
});

const AF_INET = 2;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const MSG_NOSIGNAL = 0x4000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x1;
/** `struct epoll_event` in 32-bit words: packed on x86-64 only. */
const EVENT = Deno.build.arch === "x86_64"
  ? { words: 3, data: 1 }
  : { words: 4, data: 2 };

/** The longest time in which nothing may arrive, in milliseconds. */
const STALL_MS = 10_000;
const ENDED = "Cannot measure: the server ended a connection";

const buffer = new Uint8Array(262_144);
const bufferLength = BigInt(buffer.length);

/** The traffic of one load. */
export class Traffic {
  /** Whole replies since the start. */
  replies = 0;
  /** Set to send no more: what is in flight is still answered. */
  stopping = false;
  /** From a message's first byte sent to its last byte back, in nanoseconds. */
  readonly latencies = createHistogram();
  readonly #connections: Connection[] = [];
  readonly #epoll = libc.epoll_create1(0);

  /** Connects and upgrades. Fails when the server refuses. */
  constructor(port: number, path: string, load: TrafficLoad) {
    const { size, kind, window, connections } = load;
    // Letters without a period, which could hide that they are shifted.
    const payload = Uint8Array.from(
      { length: size },
      () => 0x20 + Math.random() * 95,
    );
    const frame = encodeFrame(OPCODE[kind], payload);
    const reply = encodeFrame(OPCODE[kind], payload, { mask: null });
    // All that can be sent, and all that can come back, at a time.
    const frames = Buffer.alloc(window * frame.length, frame);
    const replies = Buffer.alloc(window * reply.length, reply);
    for (let i = 0; i < connections; i++) {
      const socket = connect(port, path);
      const event = new Int32Array(EVENT.words);
      event[0] = EPOLLIN;
      event[EVENT.data] = i;
      libc.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, socket, event);
      this.#connections.push(new Connection(socket, frames, replies, window));
    }
  }

  /** How many messages are in flight. */
  get inFlight(): number {
    return this.#connections.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /**
   * Sends and receives until the given time (of `performance.now()`), or, when
   * it is stopping, until nothing is in flight. Fails when a connection ends,
   * replies stop, or something else than an echo arrives.
   */
  run(until: number) {
    const connections = this.#connections;
    const { length } = connections;
    const events = new Int32Array(length * EVENT.words);
    if (!this.stopping) {
      for (const connection of connections) connection.fill();
    }
    while (performance.now() < until && !(this.stopping && !this.inFlight)) {
      const ready = libc.epoll_wait(this.#epoll, events, length, STALL_MS);
      if (ready <= 0) throw new Error("Cannot measure: replies have stopped");
      for (let i = 0; i < ready; i++) {
        const connection = connections[events[i * EVENT.words + EVENT.data]!]!;
        this.replies += connection.receive(this.latencies);
        if (!this.stopping) connection.fill();
      }
    }
  }
}

/** Connects and upgrades, waiting; gives the socket's descriptor. */
export function connect(port: number, path: string): number {
  const address = new Uint8Array(16);
  new Uint16Array(address.buffer)[0] = AF_INET;
  new DataView(address.buffer).setUint16(2, port);
  address.set([127, 0, 0, 1], 4);
  const socket = libc.socket(AF_INET, SOCK_STREAM, 0);
  if (libc.connect(socket, address, address.length) !== 0) {
    throw new Error(`Cannot connect: port ${port} refused`);
  }
  libc.setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, new Int32Array([1]), 4);
  const request = new TextEncoder().encode(handshakeRequest({ path }));
  libc.send(socket, request, BigInt(request.length), MSG_NOSIGNAL);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const count = libc.recv(socket, buffer, bufferLength, 0);
    if (count <= 0) throw new Error("Cannot upgrade: no response");
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  if (!/^HTTP\/1\.1 101 [^]*\r\n\r\n$/.test(head)) {
    throw new Error(`Cannot upgrade: "${head.slice(0, 80)}"`);
  }
  return socket;
}

/** One connection, on which every message and every reply is the same. */
class Connection {
  readonly #socket: number;
  readonly #window: number;
  readonly #frames: Bytes;
  readonly #replies: Bytes;
  /** When the messages in flight were sent: a ring. */
  readonly #sentAt: Float64Array;
  #sent = 0;
  #answered = 0;
  /** Bytes of the unfinished reply that are here. */
  #part = 0;

  constructor(
    socket: number,
    frames: Bytes,
    replies: Bytes,
    window: number,
  ) {
    this.#socket = socket;
    this.#window = window;
    this.#frames = frames;
    this.#replies = replies;
    this.#sentAt = new Float64Array(window);
  }

  get inFlight(): number {
    return this.#sent - this.#answered;
  }

  /**
   * Sends as many messages as may be in flight. Waits for the server to read
   * them: it has read them all before the connection's next reply is due.
   */
  fill() {
    const free = this.#window - this.inFlight;
    if (free === 0) return;
    const now = performance.now();
    const length = this.#frames.length / this.#window * free;
    // A view costs more than the rest of this.
    const bytes = free === this.#window
      ? this.#frames
      : this.#frames.subarray(0, length);
    const count = libc.send(this.#socket, bytes, BigInt(length), MSG_NOSIGNAL);
    if (count < length) throw new Error(ENDED);
    for (let i = 0; i < free; i++) {
      this.#sentAt[this.#sent++ % this.#window] = now;
    }
  }

  /** Reads once, checks and times what has come; gives the whole replies. */
  receive(latencies: RecordableHistogram): number {
    const count = libc.recv(this.#socket, buffer, bufferLength, 0);
    const now = performance.now();
    if (count <= 0) throw new Error(ENDED);
    const size = this.#replies.length / this.#window;
    const end = this.#part + count;
    const whole = Math.floor(end / size);
    if (end > this.inFlight * size) {
      throw new Error(
        `Cannot count replies: more came than for ${this.#sent} messages`,
      );
    }
    const right = this.#part === 0
      ? this.#replies
      : this.#replies.subarray(this.#part);
    if (libc.memcmp(buffer, right, BigInt(count)) !== 0) {
      const at = right.findIndex((byte, i) => byte !== buffer[i]);
      throw new Error(
        `Cannot count replies: byte ${
          (this.#part + at) % size
        } of a reply is ` +
          `${buffer[at]}, not ${right[at]} (it must be one frame, as sent)`,
      );
    }
    for (let i = 0; i < whole; i++) {
      const sentAt = this.#sentAt[this.#answered++ % this.#window]!;
      latencies.record(Math.max(1, Math.round((now - sentAt) * 1e6)));
    }
    this.#part = end % size;
    return whole;
  }
}
