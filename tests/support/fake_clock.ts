/** Stands in for the clock and the timers until the end of the scope. */
export class FakeClock implements Disposable {
  now = 0;
  /** The timers that run, by their number. */
  readonly timers = new Map<number, { due: number; run: () => void }>();
  #lastId = 0;
  readonly #real = { setTimeout, clearTimeout, setImmediate };
  readonly #realNow = performance.now;

  constructor() {
    const setTimeout = (run: () => void, ms = 0) => {
      // As the platform's: a wait that does not fit 31 bits is none.
      const wait = ms > 2 ** 31 - 1 ? 1 : ms;
      this.timers.set(++this.#lastId, { due: this.now + wait, run });
      return this.#lastId;
    };
    Object.assign(globalThis, {
      setTimeout,
      clearTimeout: (id: number) => this.timers.delete(id),
      setImmediate: (run: () => void) => setTimeout(run),
    });
    performance.now = () => this.now;
  }

  /** Lets time pass, and timers fire when they are due. */
  advance(ms: number) {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.timers].sort((a, b) => a[1].due - b[1].due);
      if (!next || next[1].due > end) break;
      this.now = next[1].due;
      this.fire(next[0]);
    }
    this.now = end;
  }

  /** Lets a timer fire now. */
  fire(id: number) {
    const timer = this.timers.get(id);
    this.timers.delete(id);
    timer?.run();
  }

  [Symbol.dispose]() {
    Object.assign(globalThis, this.#real);
    performance.now = this.#realNow;
  }
}
