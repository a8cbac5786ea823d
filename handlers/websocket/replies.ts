import type { Handler, Message } from "../handler.ts";
import type { Behavior } from "./behavior.ts";
import type { Connection } from "./connection.ts";
import type { ParameterValues } from "./parameters.ts";
import { byteLength, release } from "./payload.ts";
import { createRandom } from "./random.ts";

/** What differs between the connections of an endpoint. */
export interface RepliesOptions {
  handler: Handler;
  parameters: ParameterValues;
  /** Gives the first message, if there is one. */
  greeting: (() => string) | undefined;
}

/**
 * Replies to messages as an endpoint's handler and the parameters say, in this
 * order: handler, prefix, drop, repeat; then, in the connection, delay, jitter
 * and rate; then mute and close, which count what has left.
 */
export class Replies implements Behavior {
  readonly #connection: Connection;
  readonly #options: RepliesOptions;
  /** Draws for `drop`. */
  readonly #random: (() => number) | undefined;
  #pushTimer: ReturnType<typeof setInterval> | undefined;
  #isMuted: boolean;
  /** The replies that have left. */
  #replies = 0;

  /** Creates the replies of a connection. */
  constructor(connection: Connection, options: RepliesOptions) {
    const { drop, seed, mute } = options.parameters;
    this.#connection = connection;
    this.#options = options;
    this.#random = drop > 0 ? createRandom(seed, "drop") : undefined;
    this.#isMuted = mute === 0;
  }

  /** Sends what is sent without being asked. */
  open() {
    const { greeting, parameters } = this.#options;
    const { close, reason, after, push } = parameters;
    if (!this.#isMuted) {
      // First, as what follows may stop it.
      if (push > 0) this.#startPushing();
      if (greeting) this.#send(greeting());
    }
    if (close !== undefined && after === 0) {
      this.#connection.close(close, reason);
    }
  }

  /**
   * Replies to a message.
   *
   * @throws {PayloadError} when the handler cannot read it
   */
  message(message: Message, size: number) {
    if (this.#isMuted || !this.#connection.repliesItself) {
      return release(message);
    }
    const { handler, parameters } = this.#options;
    const { prefix, drop, repeat } = parameters;
    let reply: Message | undefined;
    try {
      reply = handler(message);
    } finally {
      if (reply !== message) release(message);
    }
    if (prefix !== "" && typeof reply === "string") reply = prefix + reply;
    if (this.#random && this.#random() * 100 < drop) return release(reply);
    const replySize = reply === message ? size : byteLength(reply);
    for (let left = repeat - 1; left > 0; left--) {
      this.#connection.reply(copy(reply), replySize);
      // The last that may leave has left.
      if (this.#isMuted || this.#connection.isClosing) return release(reply);
    }
    this.#connection.reply(reply, replySize);
  }

  /** Counts a reply that has left, and closes or falls silent if it was the last. */
  sent(isReply: boolean) {
    if (!isReply) return;
    const { close, reason, after, mute } = this.#options.parameters;
    const replies = ++this.#replies;
    if (close !== undefined && replies === after) {
      this.#connection.close(close, reason);
    } else if (replies === mute) {
      this.#isMuted = true;
      this.#connection.discardReplies();
      this.stop();
    }
  }

  /** Stops pushing. */
  stop() {
    clearInterval(this.#pushTimer);
  }

  #startPushing() {
    const { push, size } = this.#options.parameters;
    let pushed = 0;
    this.#pushTimer = setInterval(() => {
      this.#connection.attempt(() => {
        pushed++;
        this.#send(
          size > 0
            ? createPattern(pushed, size)
            : `${pushed} ${new Date().toISOString()}`,
        );
      });
    }, push);
  }

  #send(message: Message) {
    if (this.#connection.send(message) !== undefined) {
      this.#connection.closeOverloaded();
    }
  }
}

/** A prime: a block of any usual size that is moved or lost shows. */
const PATTERN_PERIOD = 251;
let pattern = new Uint8Array();

/** The nth pushed message of a size: its byte i is (n + i) mod 251. */
function createPattern(n: number, size: number): ArrayBuffer {
  const start = n % PATTERN_PERIOD;
  if (pattern.length < start + size) {
    pattern = Uint8Array.from(
      { length: PATTERN_PERIOD + size },
      (_, i) => i % PATTERN_PERIOD,
    );
  }
  return pattern.slice(start, start + size).buffer;
}

/** A copy for itself, as sending a buffer frees it. */
function copy(message: Message): Message {
  return typeof message === "string" ? message : message.slice(0);
}
