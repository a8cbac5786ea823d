/** A stream of bytes, such as `Deno.stdout`. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

const RETRY_MS = 50;
const MAX_QUEUED_CHARACTERS = 8 * 1_048_576;

/**
 * Writes lines without ever waiting for the reader: a full pipe must not stop
 * the service. Lines that come together leave together; those that a reader
 * who does not read would pile up are dropped, and their number is told. A sink
 * that fails, because its reader has gone, swallows all that follows.
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

  /** Resolves when everything written so far has left or is lost. */
  async flush() {
    await this.#draining;
  }

  async #drain() {
    // What is written in this turn of the event loop shall leave together.
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
        // Until here, lines count as queued: they are still in memory.
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
      // A pipe that does not block says so instead of waiting for its reader.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      return 0;
    }
  }

  /** Tells of dropped lines in the place where they are missing. */
  #noteDropped() {
    if (this.#dropped === 0) return;
    this.#queue.push(`(lines dropped, as nobody read them: ${this.#dropped})`);
    this.#dropped = 0;
  }
}
