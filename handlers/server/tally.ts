/** The cells that all threads share. */
const LAST_ID = 0;
const OPEN = 1;
const HELD = 2;
const SUSPENDED = 3;
const FIRST_SLOT = 4;

/** The cells of a thread's slot. */
const FIELDS = ["open", "held", "opening", "leaked", "beats"] as const;

/** What one thread counts. */
export type Counts = Record<typeof FIELDS[number], number>;

/**
 * What the connections of a process add up to: each thread counts in a slot of
 * its own, and exactly, without messages.
 *
 * A total and a slot's share of it change in one function without another call
 * in between: a thread is terminated only where a function or a loop begins, so
 * both change or none, and {@link clear} can take the share back.
 */
export class Tally {
  readonly #cells: BigInt64Array<SharedArrayBuffer>;
  readonly #first: number;

  /** Counts in a slot of a buffer of {@link create}. */
  constructor(buffer: SharedArrayBuffer = Tally.create(1), slot = 0) {
    this.#cells = new BigInt64Array(buffer);
    this.#first = FIRST_SLOT + slot * FIELDS.length;
  }

  /** Creates the memory of all slots. */
  static create(slots: number): SharedArrayBuffer {
    return new SharedArrayBuffer((FIRST_SLOT + slots * FIELDS.length) * 8);
  }

  /** The open connections of the process. */
  get open(): number {
    return Number(Atomics.load(this.#cells, OPEN));
  }

  /** The bytes that the connections of the process hold back. */
  get held(): number {
    return Number(Atomics.load(this.#cells, HELD));
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

  /**
   * Counts connections that have opened, or -1 for one that has closed.
   *
   * @returns the open connections of the process, these included
   */
  addOpen(count: 1 | -1): number {
    const cells = this.#cells;
    const change = BigInt(count);
    const slot = this.#first;
    const open = Atomics.add(cells, OPEN, change);
    Atomics.add(cells, slot, change);
    return Number(open + change);
  }

  /** Counts bytes that are held back, or fewer of them. */
  addHeld(bytes: number) {
    const cells = this.#cells;
    const change = BigInt(bytes);
    const slot = this.#first + 1;
    Atomics.add(cells, HELD, change);
    Atomics.add(cells, slot, change);
  }

  /** Notes handshakes that were accepted and have not opened yet. */
  setOpening(count: number) {
    Atomics.store(this.#cells, this.#first + 2, BigInt(count));
  }

  /** Notes descriptors that no open connection has and the platform keeps. */
  setLeaked(count: number) {
    Atomics.store(this.#cells, this.#first + 3, BigInt(count));
  }

  /** Shows that the thread's event loop turns. */
  beat() {
    Atomics.add(this.#cells, this.#first + 4, 1n);
  }

  /** What the slot's thread has counted. */
  read(): Counts {
    return Object.fromEntries(
      FIELDS.map((field, index) => [
        field,
        Number(Atomics.load(this.#cells, this.#first + index)),
      ]),
    ) as Counts;
  }

  /** Takes back what a thread has counted that was terminated. */
  clear() {
    const { open, held } = this.read();
    Atomics.sub(this.#cells, OPEN, BigInt(open));
    Atomics.sub(this.#cells, HELD, BigInt(held));
    this.#cells.fill(0n, this.#first, this.#first + FIELDS.length);
  }
}
