import { pause } from "../server/wait.ts";

/** A stream of bytes, such as `Deno.stdout`. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** How long to wait for a full pipe that does not block. */
const FULL_PIPE_MS = 50;
/** How long lines are dropped after a failed write. */
const RETRY_MS = 1_000;
const MAX_QUEUED_CHARACTERS = 8 * 1_048_576;
/**
 * The largest write in bytes, Linux's PIPE_BUF: a pipe takes as much at once or
 * not at all. Of a larger write that fails, the platform does not tell which
 * part was written.
 */
const MAX_WRITE = 4_096;
const LINE_BREAK = 10;

/**
 * Writes lines without waiting for the reader: a full pipe must not stop the
 * service. Writes the lines of one turn of the event loop together. Drops lines
 * while too many wait to be written, and for a second after a failed write, as
 * to a full disk, and reports their number in their place. After the reader has
 * gone, it drops everything.
 */
export class LineWriter {
  readonly #sink: ByteSink;
  readonly #encoder = new TextEncoder();
  #queue: string[] = [];
  #queuedCharacters = 0;
  /** How many dropped lines are not yet reported. */
  #dropped = 0;
  #draining: Promise<void> | undefined;
  /** Why the last write failed, and when to try again. */
  #failure: { reason: string; retryAt: number } | undefined;
  #hasReaderGone = false;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Writes a line, or several with line breaks between them. */
  write(lines: string) {
    if (this.#hasReaderGone) return;
    const isPaused = this.#failure !== undefined &&
      performance.now() < this.#failure.retryAt;
    // No later line may come before the report of those dropped.
    const isBehind = this.#dropped > 0 && !this.#failure;
    const isFull =
      this.#queuedCharacters + lines.length > MAX_QUEUED_CHARACTERS;
    if (isPaused || isBehind || isFull) {
      this.#dropped += countLines(lines);
    } else {
      this.#queue.push(lines);
      this.#queuedCharacters += lines.length;
    }
    if (!isPaused) this.#draining ??= this.#drain();
  }

  /** Resolves when all lines so far are written or dropped. */
  async flush() {
    // Dropped lines are reported now, or never.
    if (this.#dropped > 0) this.#draining ??= this.#drain();
    await this.#draining;
  }

  async #drain() {
    // Collects the lines of this turn of the event loop.
    await Promise.resolve();
    try {
      if (this.#failure) await this.#reportDropped();
      while (this.#queue.length > 0 || this.#dropped > 0) {
        if (this.#queue.length > 0) await this.#writeQueue();
        else await this.#reportDropped();
      }
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#draining = undefined;
    }
  }

  async #writeQueue() {
    const bytes = this.#encoder.encode(
      `${this.#queue.join("\n")}\n`,
    );
    this.#queue = [];
    for (let at = 0; at < bytes.length;) {
      const end = endOfWrite(bytes, at);
      try {
        await this.#write(bytes.subarray(at, end));
      } catch (error) {
        // A line that is torn has to count, even if others were written.
        this.#dropped += countBreaks(bytes.subarray(at));
        throw error;
      }
      at = end;
    }
    // Lines count as queued until here: they were still in memory.
    this.#queuedCharacters = this.#queue.reduce(
      (sum, lines) => sum + lines.length,
      0,
    );
  }

  /** Reports dropped lines in the place where they are missing. */
  async #reportDropped() {
    const dropped = this.#dropped;
    const reason = this.#failure?.reason ?? "the output was not read";
    // A failed write may have left a torn line, and the platform the rest of it
    // in a buffer of its own, which it writes before this.
    const start = this.#failure ? "\n" : "";
    await this.#write(
      this.#encoder.encode(
        `${start}(${dropped} log lines dropped: ${reason})\n`,
      ),
    );
    this.#dropped -= dropped;
    this.#failure = undefined;
  }

  /** Writes all of the bytes, however many the sink takes at a time. */
  async #write(bytes: Uint8Array) {
    for (let at = 0; at < bytes.length;) {
      try {
        at += await this.#sink.write(bytes.subarray(at));
      } catch (error) {
        // A full pipe that does not block.
        if (!(error instanceof Deno.errors.WouldBlock)) throw error;
        await pause(FULL_PIPE_MS);
      }
    }
  }

  #onFailure(error: unknown) {
    this.#hasReaderGone = error instanceof Deno.errors.BrokenPipe;
    for (const lines of this.#queue) this.#dropped += countLines(lines);
    if (this.#hasReaderGone) this.#dropped = 0;
    this.#queue = [];
    this.#queuedCharacters = 0;
    this.#failure = {
      reason: error instanceof Error ? error.message : `${error}`,
      retryAt: performance.now() + RETRY_MS,
    };
  }
}

/** The end of the longest write from a place on, of whole lines if possible. */
function endOfWrite(bytes: Uint8Array, start: number): number {
  const limit = start + MAX_WRITE;
  if (limit >= bytes.length) return bytes.length;
  const length = bytes.subarray(start, limit).lastIndexOf(LINE_BREAK) + 1;
  return length > 0 ? start + length : limit;
}

function countLines(lines: string): number {
  return lines.split("\n").length;
}

function countBreaks(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === LINE_BREAK) count++;
  return count;
}
