import type { Message } from "../handler.ts";
import type { Log } from "./log.ts";
import { previewMessage } from "./payload.ts";

const MAX_MESSAGES_A_SECOND = 100;

/**
 * The messages of one connection in the verbose log. Logs the first 100 of a
 * second and counts the others: a log line costs more than an echo, and a flood
 * of them would delay every other connection.
 */
export class MessageLog {
  readonly #id: number;
  readonly #log: Log;
  /** When the second began, in milliseconds of `performance.now()`. */
  #startedAt = -Infinity;
  /** The messages of this second. */
  #messages = 0;

  /**
   * Creates the message log of a connection.
   *
   * @param id the connection's number
   */
  constructor(id: number, log: Log) {
    this.#id = id;
    this.#log = log;
  }

  /** Logs a message of a size in bytes, or counts it as omitted. */
  write(direction: "in" | "out", message: Message, size: number) {
    const now = performance.now();
    if (now - this.#startedAt >= 1_000) {
      this.end();
      this.#startedAt = now;
    }
    if (++this.#messages > MAX_MESSAGES_A_SECOND) return;
    this.#log.write({
      event: "message",
      id: this.#id,
      direction,
      ...previewMessage(message, size),
    });
  }

  /** Ends the second, and tells how many of its messages were omitted. */
  end() {
    const messages = this.#messages - MAX_MESSAGES_A_SECOND;
    this.#messages = 0;
    if (messages > 0) {
      this.#log.write({ event: "omitted", id: this.#id, messages });
    }
  }
}
