interface Entry<T> {
  item: T;
  bytes: number;
  /** When it is due, in milliseconds of `performance.now()`. */
  due: number;
}

/**
 * Delays items and delivers them in order. One timer serves all: the delay is
 * the same for each, so the first in is the first due.
 */
export class DelayQueue<T> {
  readonly #delay: number;
  readonly #deliver: (item: T, bytes: number) => void;
  readonly #discard: (item: T) => void;
  #entries: Entry<T>[] = [];
  /** The index of the first entry that was not delivered. */
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
    return this.#entries.length - this.#first;
  }

  /** Adds an item of a size in bytes. */
  push(item: T, bytes: number) {
    this.#entries.push({ item, bytes, due: performance.now() + this.#delay });
    this.bytes += bytes;
    this.#timer ??= setTimeout(() => this.#run(), this.#delay);
  }

  /** Discards the waiting items and stops the timer. */
  clear() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { item } of this.#entries.slice(this.#first)) {
      this.#discard(item);
    }
    this.#entries = [];
    this.#first = 0;
    this.bytes = 0;
  }

  #run() {
    this.#timer = undefined;
    const now = performance.now();
    for (let next; (next = this.#entries[this.#first]) !== undefined;) {
      if (next.due > now) {
        this.#timer = setTimeout(() => this.#run(), next.due - now);
        break;
      }
      this.#first++;
      this.bytes -= next.bytes;
      // Delivering may call clear().
      this.#deliver(next.item, next.bytes);
    }
    // Array.shift() would move all other entries for every single one.
    this.#entries.splice(0, this.#first);
    this.#first = 0;
  }
}
