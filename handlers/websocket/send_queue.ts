import type { Message } from "../handler.ts";
import { DelayQueue } from "./delay_queue.ts";
import { byteLength, release } from "./payload.ts";

/** Settings and events of a {@link SendQueue}. */
export interface SendQueueOptions {
  /** Bytes that may wait to be sent. */
  maxBuffered: number;
  /** Milliseconds that every reply waits. */
  delay: number;
  /** Called after a message was handed to the platform; must not keep it. */
  onSent(message: Message, size: number, isReply: boolean): void;
  /** Called with what was thrown while a delayed reply was sent. */
  onError(error: unknown): void;
}

/**
 * The replies of a connection that may wait, whatever their size: each costs up
 * to 1 KiB of memory besides its payload. A client that sends small messages as
 * fast as it can, and reads, has up to 60,000 of them waiting.
 */
const MAX_WAITING = 262_144;

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
  readonly #delayed: DelayQueue<Message> | undefined;

  /** Creates the queue of a socket. */
  constructor(
    socket: Pick<WebSocket, "send" | "bufferedAmount">,
    options: SendQueueOptions,
  ) {
    this.#socket = socket;
    this.#options = options;
    if (options.delay > 0) {
      this.#delayed = new DelayQueue(
        options.delay,
        (reply, size) => this.#sendDelayed(reply, size),
        release,
      );
    }
  }

  /**
   * Sends a message without delay.
   *
   * @returns false when there is no room for it, and it was not sent
   */
  send(message: Message): boolean {
    const size = byteLength(message);
    if (!this.#hasRoom(size)) return false;
    this.#transmit(message, size, false);
    return true;
  }

  /**
   * Sends a reply of a size in bytes, after the delay if there is one. Frees
   * its memory, as soon as it was sent or discarded.
   *
   * @returns false when there is no room for it, and it was discarded
   */
  reply(reply: Message, size: number): boolean {
    if (!this.#hasRoom(size)) {
      release(reply);
      return false;
    }
    if (this.#delayed) this.#delayed.push(reply, size);
    else this.#transmit(reply, size, true);
    return true;
  }

  /** Discards the delayed replies. */
  clear() {
    this.#delayed?.clear();
  }

  #hasRoom(size: number): boolean {
    const buffered = this.#socket.bufferedAmount;
    const delayed = this.#delayed;
    return buffered + (delayed?.bytes ?? 0) + size <=
        this.#options.maxBuffered &&
      this.#written.waiting(buffered) + (delayed?.length ?? 0) < MAX_WAITING;
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

/**
 * Estimates how many messages the platform has not written: at least as many as
 * there are, at most about twice as many.
 *
 * `bufferedAmount` counts payload bytes alone. The number of messages follows
 * only from the bytes that have left: when all bytes sent up to a mark are
 * gone, the messages that wait were sent after it. Zero-length messages leave
 * no trace in `bufferedAmount`; they are counted while others wait.
 */
export class WriteEstimate {
  #sentBytes = 0;
  #markedBytes = 0;
  #sentBeforeMark = 0;
  #sentAfterMark = 0;

  /** Counts a message of a size in bytes that was handed to the platform. */
  sent(bytes: number) {
    this.#sentBytes += bytes;
    this.#sentAfterMark++;
  }

  /** How many messages wait at most, given the socket's `bufferedAmount`. */
  waiting(bufferedAmount: number): number {
    if (bufferedAmount === 0) {
      this.#sentBeforeMark = 0;
      this.#sentAfterMark = 0;
      this.#markedBytes = this.#sentBytes;
    } else if (this.#sentBytes - bufferedAmount >= this.#markedBytes) {
      this.#sentBeforeMark = this.#sentAfterMark;
      this.#sentAfterMark = 0;
      this.#markedBytes = this.#sentBytes;
    }
    return this.#sentBeforeMark + this.#sentAfterMark;
  }
}
