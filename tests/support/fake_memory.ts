import process from "node:process";

/** Stands in for the resident memory of the process until the scope ends. */
export class FakeMemory implements Disposable {
  readonly #rss = process.memoryUsage.rss;

  /** @param now bytes */
  constructor(public now: number) {
    process.memoryUsage.rss = () => this.now;
  }

  [Symbol.dispose]() {
    process.memoryUsage.rss = this.#rss;
  }
}
