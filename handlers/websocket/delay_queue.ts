/** How many items are delivered in one turn of the event loop at most. */
const TURN_ITEMS = 1_000;

/** The longest wait of a timer; the platform takes a longer one for none. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/**
 * Delays items and delivers them in order. One timer serves all: none is due
 * before the one before it.
 */
export class DelayQueue<T> {
  readonly #deliver: (item: T, bytes: number) => void;
  readonly #discard: (item: T) => void;
  // An array for each field takes a fraction of the memory of entry objects.
  #items: (T | undefined)[] = [];
  #sizes: number[] = [];
  /** When each is due, in milliseconds of `performance.now()`. */
  #dueTimes: number[] = [];
  /** The index of the first item that was not delivered. */
  #first = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The size of all waiting items. */
  bytes = 0;

  /**
   * @param deliver receives each item when it is due; must not throw
   * @param discard receives the items that {@link clear} drops
   */
  constructor(
    deliver: (item: T, bytes: number) => void,
    discard: (item: T) => void = () => {},
  ) {
    this.#deliver = deliver;
    this.#discard = discard;
  }

  /** The number of waiting items. */
  get length(): number {
    return this.#items.length - this.#first;
  }

  /**
   * Adds an item of a size in bytes.
   *
   * @param due when it is delivered, in milliseconds of `performance.now()`; not
   * before the item before it
   */
  push(item: T, bytes: number, due: number) {
    this.#items.push(item);
    this.#sizes.push(bytes);
    this.#dueTimes.push(due);
    this.bytes += bytes;
    if (this.#timer === undefined) this.#runAfter(due - performance.now());
  }

  /** Discards the waiting items and stops the timer. */
  clear() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#items;
    for (let i = this.#first; i < items.length; i++) this.#discard(items[i]!);
    this.#items = [];
    this.#sizes = [];
    this.#dueTimes = [];
    this.#first = 0;
    this.bytes = 0;
  }

  #runAfter(wait: number) {
    const delay = Math.min(Math.max(0, wait), MAX_WAIT_MS);
    this.#timer = setTimeout(() => this.#run(), delay);
  }

  #run() {
    this.#timer = undefined;
    const now = performance.now();
    for (let delivered = 0; this.length > 0; delivered++) {
      const wait = this.#dueTimes[this.#first]! - now;
      if (wait > 0 || delivered === TURN_ITEMS) {
        this.#runAfter(wait);
        break;
      }
      const item = this.#items[this.#first]!;
      const bytes = this.#sizes[this.#first]!;
      this.#items[this.#first++] = undefined;
      this.bytes -= bytes;
      // Delivering may call clear().
      this.#deliver(item, bytes);
    }
    // To remove some moves all others: not before half of them are delivered.
    if (this.#first < this.#items.length / 2) return;
    this.#items.splice(0, this.#first);
    this.#sizes.splice(0, this.#first);
    this.#dueTimes.splice(0, this.#first);
    this.#first = 0;
  }
}
