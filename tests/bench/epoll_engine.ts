/**
 * Moves the bytes of all lanes with `epoll`, `recv` and `send` of the C library:
 * a promise per read and write would cost the generator more than the kernel's
 * own work. Linux only.
 */

import { handshakeRequest } from "../support/raw_client.ts";
import {
  type Engine,
  type EngineOptions,
  READ_BUFFER,
  STALL_MS,
} from "./engine.ts";
import type { Lane, Meter } from "./lane.ts";

// Lengths are `usize`, passed as bigint: a number there would leave the fast
// path. Results fit 32 bits, and a bigint result would be garbage to collect.
const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "i32",
  },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 0x1;
const EPOLLOUT = 0x4;
const EPOLLERR = 0x8;
const EPOLLHUP = 0x10;
const EPOLLET = 1 << 31;
/** `struct epoll_event` in 32-bit words: packed on x86-64 only. */
const EVENT = Deno.build.arch === "x86_64"
  ? { words: 3, data: 1 }
  : { words: 4, data: 2 };

type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

/** The C library, or nothing where it or `epoll` is not to be had. */
function openLibrary(): Library | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS);
  } catch {
    return undefined;
  }
}

/** Connects and upgrades all lanes; nothing where `epoll` is not to be had. */
export function openEpollEngine(options: EngineOptions): Engine | undefined {
  const library = openLibrary();
  return library && new EpollEngine(library, options);
}

class EpollEngine implements Engine {
  readonly name = "epoll";
  readonly #library: Library;
  readonly #epoll: number;
  readonly #sockets: number[] = [];
  readonly #lanes: readonly Lane[];
  readonly #meter: Meter;
  readonly #buffer = new Uint8Array(READ_BUFFER);
  readonly #bufferLength = BigInt(READ_BUFFER);
  readonly #events: Int32Array<ArrayBuffer>;

  constructor(library: Library, options: EngineOptions) {
    this.#library = library;
    this.#lanes = options.lanes;
    this.#meter = options.meter;
    this.#events = new Int32Array(options.lanes.length * EVENT.words);
    const { epoll_create1, epoll_ctl } = library.symbols;
    this.#epoll = epoll_create1(0);
    for (let i = 0; i < options.lanes.length; i++) {
      const socket = this.#connect(options);
      const event = new Int32Array(EVENT.words);
      // Edge-triggered: the kernel need not look at a socket again to find that
      // it has been emptied.
      event[0] = EPOLLIN | EPOLLOUT | EPOLLET;
      event[EVENT.data] = i;
      epoll_ctl(this.#epoll, EPOLL_CTL_ADD, socket, event);
    }
  }

  #connect({ port, path }: EngineOptions): number {
    const { symbols } = this.#library;
    const address = new Uint8Array(16);
    new Uint16Array(address.buffer)[0] = AF_INET;
    new DataView(address.buffer).setUint16(2, port);
    address.set([127, 0, 0, 1], 4);
    const socket = symbols.socket(AF_INET, SOCK_STREAM, 0);
    this.#sockets.push(socket);
    if (symbols.connect(socket, address, address.length) !== 0) {
      throw new Error(`Cannot connect: port ${port} refused`);
    }
    const patience = new BigInt64Array([BigInt(STALL_MS / 1_000), 0n]);
    symbols.setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, patience, 16);
    const on = new Int32Array([1]);
    symbols.setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, on, 4);
    const request = new TextEncoder().encode(handshakeRequest({ path }));
    symbols.send(socket, request, BigInt(request.length), MSG_NOSIGNAL);
    let head = "";
    while (!head.includes("\r\n\r\n")) {
      const count = symbols.recv(socket, this.#buffer, this.#bufferLength, 0);
      if (count <= 0) throw new Error("Cannot upgrade: no response");
      head += new TextDecoder("latin1").decode(this.#buffer.subarray(0, count));
    }
    if (!head.startsWith("HTTP/1.1 101") || !head.endsWith("\r\n\r\n")) {
      throw new Error(`Cannot upgrade: "${head.slice(0, 80)}"`);
    }
    return socket;
  }

  run(until: number) {
    const start = performance.now();
    for (let i = 0; i < this.#lanes.length; i++) this.#send(i, start);
    const { epoll_wait } = this.#library.symbols;
    const events = this.#events;
    const lanes = this.#lanes.length;
    while (performance.now() < until && !this.#drained()) {
      const ready = epoll_wait(this.#epoll, events, lanes, STALL_MS);
      if (ready <= 0) throw new Error("Cannot measure: replies have stopped");
      for (let i = 0; i < ready; i++) {
        const flags = events[i * EVENT.words]!;
        const lane = events[i * EVENT.words + EVENT.data]!;
        if (flags & (EPOLLERR | EPOLLHUP)) {
          throw new Error("Cannot measure: the server ended a connection");
        }
        const now = flags & EPOLLIN ? this.#receive(lane) : performance.now();
        this.#send(lane, now);
      }
    }
  }

  #drained(): boolean {
    return this.#meter.stopping && this.#lanes.every((lane) => lane.idle);
  }

  /** Reads until a short read shows that the socket is empty; gives the time. */
  #receive(index: number): number {
    const { recv } = this.#library.symbols;
    const buffer = this.#buffer;
    for (;;) {
      const count = recv(
        this.#sockets[index]!,
        buffer,
        this.#bufferLength,
        MSG_DONTWAIT,
      );
      const now = performance.now();
      if (count === 0) {
        throw new Error("Cannot measure: the server ended a connection");
      }
      // Nothing is there; a broken connection would be an event of its own.
      if (count < 0) return now;
      this.#lanes[index]!.received(buffer, count, now);
      if (count < READ_BUFFER) return now;
    }
  }

  /** Sends what is owed, as far as the kernel takes it. */
  #send(index: number, now: number) {
    const lane = this.#lanes[index]!;
    const { send } = this.#library.symbols;
    while (lane.owed > 0) {
      const bytes = lane.next();
      const count = send(
        this.#sockets[index]!,
        bytes,
        lengthOf(bytes),
        MSG_DONTWAIT | MSG_NOSIGNAL,
      );
      // Full, and an event tells when it is not; a failure is an event, too.
      if (count < 0) return;
      lane.sent(count, now);
    }
  }

  close() {
    for (const socket of this.#sockets) this.#library.symbols.close(socket);
    this.#library.symbols.close(this.#epoll);
    this.#library.close();
  }
}

const lengths = new Map<number, bigint>();

/** A length as bigint, of which there are few: making one is an allocation. */
function lengthOf(bytes: Uint8Array): bigint {
  let length = lengths.get(bytes.length);
  if (length === undefined) {
    length = BigInt(bytes.length);
    if (lengths.size < 64) lengths.set(bytes.length, length);
  }
  return length;
}
