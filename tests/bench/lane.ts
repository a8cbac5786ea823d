/** The state of one connection under load: what is owed, sent and received. */

import type { Bytes } from "../support/frames.ts";
import type { Histogram } from "./histogram.ts";
import type { Wire } from "./loads.ts";

/** A read in this many is compared byte by byte; a power of two. */
const CHECK_EVERY = 64;

/** What all lanes of a run share. */
export class Meter {
  /** Whole replies since the start of the run. */
  replies = 0;
  /** Bytes that were compared. */
  checked = 0;
  /** Where latencies go while they are measured. */
  histogram: Histogram | undefined;
  /** Set to send no more: each lane finishes what it has begun. */
  stopping = false;
}

/**
 * One connection. All replies are the same bytes, so the stream that comes back
 * has a period: counting is a division, and any part of it can be compared.
 */
export class Lane {
  /** Bytes that may be sent at once. */
  owed: number;
  /** Where in `source` the next byte to send stands. */
  at = 0;
  /** As many copies of the frame as may be in flight. */
  readonly source: Bytes;
  /** `source` up to each whole number of frames: most writes are one of these. */
  readonly views: Bytes[];
  readonly #reply: Uint8Array;
  readonly #frameLength: number;
  readonly #meter: Meter;
  readonly #sentAt: Float64Array;
  #sent = 0;
  #answered = 0;
  /** Bytes of the unfinished reply that are here. */
  #part = 0;
  #reads = 0;

  constructor(wire: Wire, window: number, meter: Meter) {
    const length = wire.frame.length;
    this.source = new Uint8Array(length * window);
    for (let i = 0; i < window; i++) this.source.set(wire.frame, i * length);
    this.views = Array.from(
      { length: window + 1 },
      (_, i) => this.source.subarray(0, i * length),
    );
    this.owed = this.source.length;
    this.#frameLength = length;
    this.#reply = wire.reply;
    this.#meter = meter;
    this.#sentAt = new Float64Array(window);
  }

  /** Whether every message was answered and nothing is left to send. */
  get idle(): boolean {
    return this.owed === 0 && this.#sent === this.#answered;
  }

  /** The bytes to send next; ask only while something is owed. */
  next(): Bytes {
    const { at, owed } = this;
    if (at === 0 && owed % this.#frameLength === 0) {
      return this.views[owed / this.#frameLength]!;
    }
    return this.source.subarray(at, Math.min(this.source.length, at + owed));
  }

  /**
   * Notes that `count` bytes went out at time `now` (milliseconds). A message's
   * time starts with its first byte.
   */
  sent(count: number, now: number) {
    const length = this.#frameLength;
    const end = this.at + count;
    const begun = Math.ceil(end / length) - Math.ceil(this.at / length);
    for (let i = 0; i < begun; i++) {
      this.#sentAt[this.#sent++ % this.#sentAt.length] = now;
    }
    this.at = end % length;
    this.owed -= count;
  }

  /**
   * Takes in the first `count` bytes of a buffer, received at time `now`
   * (milliseconds). Fails on bytes that are no echo.
   */
  received(buffer: Uint8Array, count: number, now: number) {
    const meter = this.#meter;
    if (this.#answered === 0 || (this.#reads & (CHECK_EVERY - 1)) === 0) {
      this.#check(buffer, count);
    }
    this.#reads++;
    const length = this.#reply.length;
    // Every frame's first byte, at least: a close frame has another one.
    const first = this.#part === 0 ? 0 : length - this.#part;
    for (let i = first; i < count; i += length) {
      if (buffer[i] !== this.#reply[0]) this.#mismatch(buffer[i]!, 0);
    }
    const bytes = this.#part + count;
    const whole = Math.floor(bytes / length);
    this.#part = bytes - whole * length;
    if (whole === 0) return;
    if (this.#answered + whole > this.#sent) {
      throw new Error(
        `Cannot count replies: ${
          this.#answered + whole
        } came for ${this.#sent} messages`,
      );
    }
    for (let i = 0; i < whole; i++) {
      const started = this.#sentAt[this.#answered++ % this.#sentAt.length]!;
      meter.histogram?.add(now - started);
    }
    meter.replies += whole;
    if (!meter.stopping) this.owed += whole * this.#frameLength;
  }

  #check(buffer: Uint8Array, count: number) {
    const reply = this.#reply;
    let at = this.#part;
    for (let i = 0; i < count; i++) {
      if (buffer[i] !== reply[at]) this.#mismatch(buffer[i]!, at);
      if (++at === reply.length) at = 0;
    }
    this.#meter.checked += count;
  }

  #mismatch(byte: number, at: number): never {
    throw new Error(
      `Cannot count replies: byte ${at} of a reply is ${hex(byte)}, not ${
        hex(this.#reply[at]!)
      } (each must be one frame, as it was sent)`,
    );
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
