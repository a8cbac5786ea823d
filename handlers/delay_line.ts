interface Waiting<T> {
  item: T;
  bytes: number;
  /** When it leaves, in milliseconds of `performance.now()`. */
  due: number;
}

/**
 * Holds items back for a while and delivers them in the order they came. One
 * timer serves all: they wait equally long, so the first in is the first due.
 */
export class DelayLine<T> {
  readonly #delay: number;
  readonly #deliver: (item: T, bytes: number) => void;
  readonly #drop: (item: T) => void;
  #waiting: Waiting<T>[] = [];
  /** The index of the first that still waits. */
  #first = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The size of all that waits. */
  bytes = 0;

  /** How many wait. */
  get length(): number {
    return this.#waiting.length - this.#first;
  }

  /**
   * @param delay milliseconds that every item waits
   * @param drop is told of the items that will not be delivered
   */
  constructor(
    delay: number,
    deliver: (item: T, bytes: number) => void,
    drop: (item: T) => void = () => {},
  ) {
    this.#delay = delay;
    this.#deliver = deliver;
    this.#drop = drop;
  }

  /** Accepts an item of a size in bytes. */
  push(item: T, bytes: number) {
    this.#waiting.push({ item, bytes, due: performance.now() + this.#delay });
    this.bytes += bytes;
    this.#timer ??= setTimeout(() => this.#run(), this.#delay);
  }

  /** Drops what waits, and the timer. */
  clear() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { item } of this.#waiting.slice(this.#first)) this.#drop(item);
    this.#waiting = [];
    this.#first = 0;
    this.bytes = 0;
  }

  #run() {
    this.#timer = undefined;
    const now = performance.now();
    for (let next; (next = this.#waiting[this.#first]) !== undefined;) {
      if (next.due > now) {
        this.#timer = setTimeout(() => this.#run(), next.due - now);
        break;
      }
      this.#first++;
      this.bytes -= next.bytes;
      // This may end in a call to clear().
      this.#deliver(next.item, next.bytes);
    }
    // Array.shift() would move the whole rest for every single item.
    this.#waiting.splice(0, this.#first);
    this.#first = 0;
  }
}
