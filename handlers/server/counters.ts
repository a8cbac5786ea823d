const DIRECTIONS = ["receive", "transmit"] as const;
const STATUSES = { first: 200, last: 599 };

/**
 * What is counted, and the values by which the counts of it are told apart.
 * Clients choose their close codes freely from 3000 on, and must not decide how
 * many counts there are: those stand together.
 */
const COUNTED = {
  opened: [undefined],
  closed: [...range(1000, 1015).map(String), "3xxx", "4xxx", "other"],
  refused: range(STATUSES.first, STATUSES.last),
  messages: DIRECTIONS,
  bytes: DIRECTIONS,
  recycled: [undefined],
};

/** The name of something that is counted. */
export type CounterName = keyof typeof COUNTED;

/** What each count is of, and its value: all counts of one name are together. */
export const SERIES: readonly {
  name: CounterName;
  value: string | number | undefined;
}[] = (Object.keys(COUNTED) as CounterName[]).flatMap((name) =>
  COUNTED[name].map((value) => ({ name, value }))
);

/** The place of a name's first count. */
const FIRST = Object.fromEntries(
  Object.keys(COUNTED).map((key) => [
    key,
    SERIES.findIndex(({ name }) => name === key),
  ]),
) as Record<CounterName, number>;

/**
 * What has happened on all threads of a process since it started. Each thread
 * counts in a slot of its own, where nothing else writes: that costs a message
 * next to nothing, needs no lock, and outlives the thread.
 */
export class Counters {
  readonly #cells: Float64Array<SharedArrayBuffer>;
  readonly #slot: number;

  /** Counts in a slot of a buffer of {@link create}. */
  constructor(buffer: SharedArrayBuffer, slot: number) {
    this.#cells = new Float64Array(buffer);
    this.#slot = slot * SERIES.length;
  }

  /** Creates the memory of so many slots. */
  static create(slots: number): SharedArrayBuffer {
    const cells = slots * SERIES.length;
    return new SharedArrayBuffer(cells * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Counts a connection that has opened. */
  opened() {
    this.#add(FIRST.opened);
  }

  /** Counts connections that have ended, as the log says with which code. */
  closed(code: number, connections = 1) {
    this.#add(FIRST.closed + COUNTED.closed.indexOf(group(code)), connections);
  }

  /** Counts a request that got this status instead of an upgrade. */
  refused(status: number) {
    this.#add(FIRST.refused + status - STATUSES.first);
  }

  /** Counts a message, and its payload of a size in bytes. */
  message(direction: "in" | "out", size: number) {
    const offset = direction === "in" ? 0 : 1;
    this.#add(FIRST.messages + offset);
    this.#add(FIRST.bytes + offset, size);
  }

  /** Counts a worker that was recycled. */
  recycled() {
    this.#add(FIRST.recycled);
  }

  /** The counts of all threads, in the order of {@link SERIES}. */
  totals(): Float64Array {
    const totals = new Float64Array(SERIES.length);
    this.#cells.forEach((count, index) => {
      totals[index % SERIES.length]! += count;
    });
    return totals;
  }

  #add(place: number, amount = 1) {
    this.#cells[this.#slot + place]! += amount;
  }
}

function group(code: number): string {
  if (code >= 3000 && code <= 4999) return `${Math.floor(code / 1000)}xxx`;
  return code >= 1000 && code <= 1015 ? `${code}` : "other";
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
