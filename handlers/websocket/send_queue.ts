import type { Message } from "../handler.ts";
import { DelayQueue } from "./delay_queue.ts";
import {
  byteLength,
  pack,
  type PackedMessage,
  release,
  unpack,
} from "./payload.ts";
import type { Schedule } from "./schedule.ts";

/** Settings and events of a {@link SendQueue}. */
export interface SendQueueOptions {
  /** Bytes that may be held, see {@link SendQueue.held}. */
  maxBuffered: number;
  /** When each reply leaves; undefined: at once. */
  schedule: Schedule | undefined;
  /** Called after a message was handed to the platform; must not keep it. */
  onSent(message: Message, size: number, isReply: boolean): void;
  /** Called with what was thrown while a delayed reply was sent. */
  onError(error: unknown): void;
  /**
   * Called with the change, in bytes, when what is held has changed by at least
   * {@link HELD_STEP}, and when it is gone; may call clear() and end().
   */
  onHeldChange(change: number): void;
}

/**
 * What a waiting message counts for beside its payload, in bytes. The platform
 * needs about 1 KiB while it writes one; a delayed one takes about 100 bytes.
 */
export const MESSAGE_COST = 400;
/** The least change of what is held that is reported, in bytes. */
export const HELD_STEP = 65_536;
/** How often it is checked whether what is held was written, in milliseconds. */
const HELD_CHECK_MS = 100;

/**
 * What waits to be sent on one connection: replies that are delayed, and
 * messages that the platform has not written. The platform's send() has no
 * backpressure, and reading cannot be paused: a client that sends and never
 * reads would make the process grow without bound (denoland/deno#25070).
 */
export class SendQueue {
  readonly #socket: Pick<WebSocket, "send" | "bufferedAmount">;
  readonly #options: SendQueueOptions;
  readonly #written = new WriteEstimate();
  readonly #delayed: DelayQueue<PackedMessage> | undefined;
  /** What was reported of the held bytes: 0, or at least HELD_STEP. */
  #reported = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Creates the queue of a socket. */
  constructor(
    socket: Pick<WebSocket, "send" | "bufferedAmount">,
    options: SendQueueOptions,
  ) {
    this.#socket = socket;
    this.#options = options;
    if (options.schedule) {
      this.#delayed = new DelayQueue(
        (reply, size) => this.#sendDelayed(unpack(reply), size),
        release,
      );
    }
  }

  /**
   * The bytes that wait, in delay or to be written: payloads (text counts as
   * UTF-8) and {@link MESSAGE_COST} for each message.
   */
  get held(): number {
    const buffered = this.#socket.bufferedAmount;
    const waiting = this.#written.waiting(buffered);
    const delayed = this.#delayed;
    if (!delayed) return buffered + waiting * MESSAGE_COST;
    return buffered + delayed.bytes +
      (waiting + delayed.length) * MESSAGE_COST;
  }

  /**
   * Sends a message without delay.
   *
   * @returns false when there is no room for it, and it was not sent
   */
  send(message: Message): boolean {
    const size = byteLength(message);
    const held = this.held + size;
    if (held > this.#options.maxBuffered) return false;
    this.#transmit(message, size, false);
    this.#noteHeld(held);
    return true;
  }

  /**
   * Sends a reply of a size in bytes, when the schedule says so. Frees
   * its memory, as soon as it was sent or discarded.
   *
   * @returns false when there is no room for it, and it was discarded
   */
  reply(reply: Message, size: number): boolean {
    const held = this.held + size;
    if (held > this.#options.maxBuffered) {
      release(reply);
      return false;
    }
    const { schedule } = this.#options;
    if (schedule) {
      const due = schedule.next(performance.now(), size);
      this.#delayed?.push(pack(reply), size, due);
    } else this.#transmit(reply, size, true);
    this.#noteHeld(held);
    return true;
  }

  /** Discards the delayed replies. */
  clear() {
    this.#delayed?.clear();
    this.#reportHeld();
  }

  /** Discards the delayed replies and counts what was held as gone. */
  end() {
    this.#delayed?.clear();
    this.#report(0);
  }

  /** Reports what is held, if it seems to have changed enough. */
  #noteHeld(held: number) {
    if (Math.abs(held - this.#reported) >= HELD_STEP) this.#reportHeld();
  }

  #reportHeld() {
    const { held } = this;
    if (held < HELD_STEP) this.#report(0);
    else if (Math.abs(held - this.#reported) >= HELD_STEP) this.#report(held);
    else this.#checkLater();
  }

  #report(held: number) {
    const change = held - this.#reported;
    this.#reported = held;
    this.#checkLater();
    if (change !== 0) this.#options.onHeldChange(change);
  }

  /** The platform has no event for messages that were written. */
  #checkLater() {
    clearTimeout(this.#timer);
    if (this.#reported === 0) return;
    this.#timer = setTimeout(() => this.#reportHeld(), HELD_CHECK_MS);
  }

  /** A delayed reply has its place: it was counted when it was queued. */
  #sendDelayed(reply: Message, size: number) {
    try {
      this.#transmit(reply, size, true);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #transmit(message: Message, size: number, isReply: boolean) {
    this.#socket.send(message);
    this.#written.sent(size);
    this.#options.onSent(message, size, isReply);
    // send() has copied the payload.
    release(message);
  }
}

/** How many messages lie between two marks of a {@link WriteEstimate}. */
const MARK_STEP = 64;

/**
 * Estimates how many messages the platform has not written: at least as many as
 * there are, at most 64 more.
 *
 * `bufferedAmount` counts payload bytes alone. The number of messages follows
 * only from the bytes that have left: when all bytes sent up to a mark are
 * gone, the messages that wait were sent after it. Zero-length messages leave
 * no trace in `bufferedAmount`; they are counted while others wait.
 */
export class WriteEstimate {
  #sentBytes = 0;
  /** The messages that wait, and fewer than MARK_STEP that do not. */
  #messages = 0;
  /** `#sentBytes` after every MARK_STEP of these messages. */
  #marks: number[] = [];

  /** Counts a message of a size in bytes that was handed to the platform. */
  sent(bytes: number) {
    this.#sentBytes += bytes;
    if (++this.#messages % MARK_STEP === 0) this.#marks.push(this.#sentBytes);
  }

  /** How many messages wait at most, given the socket's `bufferedAmount`. */
  waiting(bufferedAmount: number): number {
    if (bufferedAmount === 0) {
      this.#messages = 0;
      if (this.#marks.length > 0) this.#marks = [];
      return 0;
    }
    const written = this.#sentBytes - bufferedAmount;
    for (let mark; (mark = this.#marks[0]) !== undefined && mark <= written;) {
      this.#marks.shift();
      this.#messages -= MARK_STEP;
    }
    return this.#messages;
  }
}
