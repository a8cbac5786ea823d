/** What is known about the memory of the process at a moment. */
export interface MemoryReading {
  /** When, in milliseconds of `performance.now()`. */
  now: number;
  /** Resident bytes. */
  memory: number;
  /** Bytes that open connections hold back. */
  held: number;
  /** Open connections. */
  connections: number;
}

/**
 * What is done about the memory:
 * - "close the heaviest": the connection that holds back most
 * - "recycle": end all that runs in the busiest thread
 * - "tolerate": take the memory in use as the limit
 *
 * All but refusing and closing the heaviest accept new connections again.
 */
export type MemoryAction =
  | "refuse new connections"
  | "accept new connections"
  | "close the heaviest"
  | "recycle"
  | "tolerate";

/** How often the memory is read. One client can fill 50 MB in that time. */
export const READING_MS = 50;

/** The growth of a reading counts so many times: an action takes that long. */
const LOOKAHEAD = 3;
/** What an action has freed shows after this time. */
const SETTLE_MS = 150;
/** How long new connections are refused, and then accepted at least. */
const REFUSAL_MS = 1_000;
/** The share of the limit that may not be exceeded for any time. */
const URGENT = 1.25;
/** The same while what is held back explains it, and so is about to fall. */
const URGENT_IF_HELD = 1.35;
/** The growth, as a share of the limit, below which there is no flood. */
const STEADY = 0.01;
/** The room above the memory that is tolerated. */
const MARGIN = 1.05;

/**
 * Decides what is done about the memory of the process, fairly: first about the
 * connections that hold back most; where they do not explain it, about the
 * busiest thread. What stays when every thread was recycled is the allocator's.
 * It is used again, so it is no reason to refuse anybody.
 */
export class MemoryPolicy {
  readonly #limit: number;
  readonly #threads: number;
  /** What the allocator keeps, where that is above the limit. */
  #floor = 0;
  /** What is tolerated between the limit and what is urgent. */
  #tolerated = 0;
  #last = Infinity;
  #isRefusing = false;
  /** When new connections were last refused, or accepted again. */
  #changedAt = -Infinity;
  #settlesAt = 0;
  #nextCloseAt = 0;
  /** Threads recycled since the memory rose. */
  #recycled = 0;

  /**
   * @param limit resident bytes
   * @param threads how many can be recycled
   */
  constructor(limit: number, threads: number) {
    this.#limit = limit;
    this.#threads = threads;
  }

  /** Decides, given the newest reading. */
  decide(reading: MemoryReading): MemoryAction | undefined {
    const { now, memory, held, connections } = reading;
    const growth = Math.max(0, memory - this.#last);
    this.#last = memory;
    if (now < this.#settlesAt) return undefined;
    if (memory * MARGIN < this.#limit) this.#floor = this.#tolerated = 0;
    const expected = memory + LOOKAHEAD * growth;
    const excess = expected -
      Math.max(this.#limit, this.#floor, this.#tolerated);
    if (excess <= 0) {
      this.#recycled = 0;
      return this.#isRefusing
        ? this.#accept("accept new connections", now)
        : undefined;
    }
    const isHeld = held >= excess;
    const urgent = this.#limit * (isHeld ? URGENT_IF_HELD : URGENT);
    if (expected > Math.max(urgent, this.#floor * MARGIN)) {
      return this.#free(reading, growth);
    }
    const isOver = now - this.#changedAt >= REFUSAL_MS;
    if (!this.#isRefusing && isOver) {
      this.#isRefusing = true;
      this.#changedAt = now;
      return "refuse new connections";
    }
    if (isHeld && now >= this.#nextCloseAt) {
      this.#nextCloseAt = now + SETTLE_MS;
      return "close the heaviest";
    }
    if (!isOver) return undefined;
    if (isHeld) return this.#accept("accept new connections", now);
    // Without connections, it costs nothing to recycle.
    if (connections === 0) return this.#free(reading, growth);
    this.#tolerated = Math.min(memory * MARGIN, this.#limit * URGENT);
    return this.#accept("tolerate", now);
  }

  #free({ now, memory }: MemoryReading, growth: number): MemoryAction {
    const isSteady = growth < STEADY * this.#limit;
    if (isSteady && this.#recycled >= this.#threads) {
      this.#floor = memory * MARGIN;
      return this.#accept("tolerate", now);
    }
    this.#recycled++;
    this.#settlesAt = now + SETTLE_MS;
    return this.#accept("recycle", now);
  }

  #accept(action: MemoryAction, now: number): MemoryAction {
    this.#isRefusing = false;
    this.#changedAt = now;
    return action;
  }
}
