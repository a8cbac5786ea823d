/** So many characters are sent at once, also while the event loop is busy. */
const MAX_CHARACTERS = 65_536;

/** Collects the lines of a worker's log: a message for each would cost more. */
export class LineBatch {
  readonly #send: (lines: string) => void;
  #lines: string[] = [];
  #characters = 0;

  /** @param send receives the lines, without the last line break */
  constructor(send: (lines: string) => void) {
    this.#send = send;
  }

  /** Adds a line. */
  write(line: string) {
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters > MAX_CHARACTERS) this.flush();
  }

  /** Sends the lines so far. */
  flush() {
    if (this.#lines.length === 0) return;
    this.#send(this.#lines.join("\n"));
    this.#lines = [];
    this.#characters = 0;
  }
}
