/** How many items are delivered in one turn of the event loop at most. */
const TURN_ITEMS = 1_000;

/**
 * Delays items and delivers them in order. One timer serves all: the delay is
 * the same for each, so the first in is the first due.
 */
export class DelayQueue<T> {
  readonly #delay: number;
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
   * @param delay milliseconds that every item waits
   * @param deliver receives each item when it is due; must not throw
   * @param discard receives the items that {@link clear} drops
   */
  constructor(
    delay: number,
    deliver: (item: T, bytes: number) => void,
    discard: (item: T) => void = () => {},
  ) {
    this.#delay = delay;
    this.#deliver = deliver;
    this.#discard = discard;
  }

  /** The number of waiting items. */
  get length(): number {
    return this.#items.length - this.#first;
  }

  /** Adds an item of a size in bytes. */
  push(item: T, bytes: number) {
    this.#items.push(item);
    this.#sizes.push(bytes);
    this.#dueTimes.push(performance.now() + this.#delay);
    this.bytes += bytes;
    this.#timer ??= setTimeout(() => this.#run(), this.#delay);
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

  #run() {
    this.#timer = undefined;
    const now = performance.now();
    for (let delivered = 0; this.length > 0; delivered++) {
      const wait = this.#dueTimes[this.#first]! - now;
      if (wait > 0 || delivered === TURN_ITEMS) {
        this.#timer = setTimeout(() => this.#run(), Math.max(0, wait));
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
