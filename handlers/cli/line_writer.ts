/** A stream of bytes, such as `Deno.stdout`. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

const RETRY_MS = 50;
const MAX_QUEUED_CHARACTERS = 8 * 1_048_576;

/**
 * Writes lines without waiting for the reader: a full pipe must not stop the
 * service. Writes the lines of one turn of the event loop together. Drops lines
 * while too many wait to be written, and reports their number. After a write
 * error, because the reader has gone, it drops everything.
 */
export class LineWriter {
  readonly #sink: ByteSink;
  readonly #encoder = new TextEncoder();
  #queue: string[] = [];
  #queuedCharacters = 0;
  #dropped = 0;
  #draining: Promise<void> | undefined;
  #broken = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Writes a line; the line break is added. */
  write(line: string) {
    if (this.#broken) return;
    const isFull = this.#queuedCharacters + line.length > MAX_QUEUED_CHARACTERS;
    if (isFull) {
      this.#dropped++;
    } else {
      this.#noteDropped();
      this.#queue.push(line);
      this.#queuedCharacters += line.length;
    }
    this.#draining ??= this.#drain();
  }

  /** Resolves when all lines so far are written or dropped. */
  async flush() {
    await this.#draining;
  }

  async #drain() {
    // Collects the lines of this turn of the event loop.
    await Promise.resolve();
    try {
      for (;;) {
        this.#noteDropped();
        if (this.#queue.length === 0) break;
        const lines = this.#queue;
        this.#queue = [];
        const bytes = this.#encoder.encode(lines.join("\n") + "\n");
        for (let at = 0; at < bytes.length;) {
          at += await this.#write(bytes.subarray(at));
        }
        // Lines count as queued until here: they were still in memory.
        this.#queuedCharacters = this.#queue.reduce(
          (sum, line) => sum + line.length,
          0,
        );
      }
    } catch {
      this.#broken = true;
      this.#queue = [];
    } finally {
      this.#draining = undefined;
    }
  }

  async #write(bytes: Uint8Array): Promise<number> {
    try {
      return await this.#sink.write(bytes);
    } catch (error) {
      // A full pipe that does not block.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return 0;
    }
  }

  /** Reports dropped lines in the place where they are missing. */
  #noteDropped() {
    if (this.#dropped === 0) return;
    this.#queue.push(
      `(${this.#dropped} log lines dropped: the output was not read)`,
    );
    this.#dropped = 0;
  }
}
