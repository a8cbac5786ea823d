import { Counters } from "./counters.ts";

/** What is added up for the process. */
const TOTALS = ["open", "held", "responses", "workers"] as const;
/** What each thread notes for itself. */
const NOTES = ["opening", "leaked", "beats"] as const;
const FIELDS = [...TOTALS, ...NOTES];

/** The cells that all threads share, after the totals. */
const LAST_ID = TOTALS.length;
const SUSPENDED = LAST_ID + 1;
const FIRST_SLOT = SUSPENDED + 1;

/** What one thread has counted. */
export type Counts = Record<typeof FIELDS[number], number>;

/** The memory in which the threads of a process count: what is, and what was. */
export interface TallyMemory {
  cells: SharedArrayBuffer;
  counters: SharedArrayBuffer;
}

/**
 * Counts of all threads of a process, exact and without messages: open
 * connections, the bytes that they hold back, page responses under way, threads
 * that serve. Each thread counts in a slot of its own as well.
 */
export class Tally {
  readonly #cells: BigInt64Array<SharedArrayBuffer>;
  readonly #slot: number;
  /** What has happened since the process started; never taken back. */
  readonly counters: Counters;

  /** Counts in a slot of a memory of {@link create}. */
  constructor(memory: TallyMemory = Tally.create(1), slot = 0) {
    this.#cells = new BigInt64Array(memory.cells);
    this.#slot = FIRST_SLOT + slot * FIELDS.length;
    this.counters = new Counters(memory.counters, slot);
  }

  /** Creates the memory of so many slots. */
  static create(slots: number): TallyMemory {
    const cells = FIRST_SLOT + slots * FIELDS.length;
    return {
      cells: new SharedArrayBuffer(cells * BigInt64Array.BYTES_PER_ELEMENT),
      counters: Counters.create(slots),
    };
  }

  /** Whether the process accepts no new connections, for want of memory. */
  get isSuspended(): boolean {
    return Atomics.load(this.#cells, SUSPENDED) !== 0n;
  }

  set isSuspended(isSuspended: boolean) {
    Atomics.store(this.#cells, SUSPENDED, isSuspended ? 1n : 0n);
  }

  /** The number of a new connection, unique within the process. */
  nextId(): number {
    return Number(Atomics.add(this.#cells, LAST_ID, 1n)) + 1;
  }

  /** The total of the process. */
  total(field: typeof TOTALS[number]): number {
    return Number(Atomics.load(this.#cells, TOTALS.indexOf(field)));
  }

  /**
   * Adds to a total, and to the thread's share of it.
   *
   * @returns the new total
   */
  add(field: typeof TOTALS[number], change: number): number {
    const cells = this.#cells;
    const index = TOTALS.indexOf(field);
    const slot = this.#slot + index;
    const amount = BigInt(change);
    // A thread can be terminated wherever a function is called or a loop turns,
    // so not between these two.
    const total = Atomics.add(cells, index, amount);
    Atomics.add(cells, slot, amount);
    return Number(total) + change;
  }

  /** Whether no other thread's connections hold back more. */
  holdsMost(): boolean {
    const cells = this.#cells;
    const field = TOTALS.indexOf("held");
    const own = Atomics.load(cells, this.#slot + field);
    for (let at = FIRST_SLOT; at < cells.length; at += FIELDS.length) {
      if (Atomics.load(cells, at + field) > own) return false;
    }
    return true;
  }

  /** Notes handshakes that were accepted and have not opened yet. */
  noteOpening(count: number) {
    this.#note("opening", count);
  }

  /** Notes descriptors that no open connection has and the platform keeps. */
  noteLeaked(count: number) {
    this.#note("leaked", count);
  }

  /** Notes that the thread's event loop turns. */
  beat() {
    Atomics.add(this.#cells, this.#slot + FIELDS.indexOf("beats"), 1n);
  }

  /** What the slot's thread has counted. */
  read(): Counts {
    return Object.fromEntries(
      FIELDS.map((field, index) => [
        field,
        Number(Atomics.load(this.#cells, this.#slot + index)),
      ]),
    ) as Counts;
  }

  /** Takes back the counts of a terminated thread. */
  clear() {
    const counts = this.read();
    for (const field of TOTALS) this.add(field, -counts[field]);
    for (const field of NOTES) this.#note(field, 0);
  }

  #note(field: typeof NOTES[number], value: number) {
    const index = this.#slot + FIELDS.indexOf(field);
    Atomics.store(this.#cells, index, BigInt(value));
  }
}
