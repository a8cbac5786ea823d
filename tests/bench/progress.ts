/** Shows on a terminal what is being measured; elsewhere it is silent. */

const encoder = new TextEncoder();

export class Progress implements Disposable {
  readonly #shown = Deno.stderr.isTerminal();
  readonly #total: number;
  readonly #started = performance.now();
  #done = 0;

  /** For the given number of turns. */
  constructor(total: number) {
    this.#total = total;
  }

  /** Replaces the line. */
  show(text: string) {
    if (!this.#shown) return;
    const spent = performance.now() - this.#started;
    const left = this.#done > 0
      ? `, ${formatTime(spent / this.#done * (this.#total - this.#done))} left`
      : "";
    this.#write(`[${this.#done + 1}/${this.#total}${left}] ${text}`);
  }

  /** Counts turns that are over, or will not be taken. */
  advance(turns = 1) {
    this.#done += turns;
  }

  #write(text: string) {
    const width = Deno.consoleSize().columns;
    // A longer line would wrap, and only its last part be erased.
    Deno.stderr.writeSync(
      encoder.encode(`\r\x1b[K${text.slice(0, width - 1)}`),
    );
  }

  /** Erases the line. */
  [Symbol.dispose]() {
    if (this.#shown) this.#write("");
  }
}

function formatTime(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
