import { CLOSE_CODE } from "./close_codes.ts";

/** How long a close waits for the client to stop sending, in milliseconds. */
export const DRAIN_MS = 5_000;
/** How long the client may take to answer the close frame, in milliseconds. */
export const ANSWER_MS = 10_000;
/**
 * The least pause after which the client counts as silent, in milliseconds; the
 * platform has no event for it. Up to twice as long, at random: the closes of
 * many connections must not fall into one turn of the event loop.
 */
const PAUSE_MS = 50;

/** A connection's end, as the log shows it. */
export interface CloseDescription {
  code: number;
  reason: string;
  by: "client" | "server" | "network";
  error: string | undefined;
}

/** Events of a {@link Closing}. */
export interface ClosingEvents {
  /** Called with what the socket's close() throws. */
  onError(error: unknown): void;
  /** Called when the client has not answered the close frame in time. */
  onUnanswered(): void;
}

/**
 * The server's side of the closing handshake (RFC 6455 section 7.1.2):
 * draining, then sent, then answered or not.
 *
 * After the socket's close(), the platform ends the connection at the next
 * message that arrives; before the next turn of the event loop, the close frame
 * is lost with it (denoland/deno#21642). So the close frame is sent only when
 * the client has read its replies and has paused, and never in the part of a
 * turn that delivers messages.
 */
export class Closing {
  readonly #socket: Pick<WebSocket, "close" | "bufferedAmount">;
  readonly #events: ClosingEvents;
  readonly code: number;
  readonly reason: string;
  /** Whether the close frame was handed to the platform. */
  isSent = false;
  #hasStopped = false;
  #deadline = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether all replies were written when the pause began. */
  #wasWritten = false;
  /** Whether a message arrived in the pause. */
  #hasArrived = false;
  /** Whether the drain is over: the frame follows the next message. */
  #isOverdue = false;

  /** Creates a close that was not started. */
  constructor(
    socket: Pick<WebSocket, "close" | "bufferedAmount">,
    { code, reason }: { code: number; reason: string },
    events: ClosingEvents,
  ) {
    this.#socket = socket;
    this.code = code;
    this.reason = reason;
    this.#events = events;
  }

  /** Sends the close frame as soon as the current event is over. */
  sendSoon() {
    setImmediate(() => this.#send());
  }

  /**
   * Sends the close frame once the client has paused, and soon after `drainMs`
   * in any case. A later call can only shorten that time.
   */
  drain(drainMs: number) {
    this.#deadline = Math.min(this.#deadline, performance.now() + drainMs);
    if (!this.isSent) this.#wait();
  }

  /** Notes a message that arrived after the close had begun. */
  noteMessage() {
    if (this.#isOverdue && !this.#hasArrived) this.sendSoon();
    this.#hasArrived = true;
  }

  /** Stops waiting: the connection has ended. */
  stop() {
    this.#hasStopped = true;
    clearTimeout(this.#timer);
  }

  #wait() {
    clearTimeout(this.#timer);
    const left = this.#deadline - performance.now();
    const pause = PAUSE_MS * (1 + Math.random());
    this.#hasArrived = false;
    this.#wasWritten = this.#socket.bufferedAmount === 0;
    // When a timer fires, messages of the same turn are still to be delivered.
    this.#timer = setTimeout(
      () => setImmediate(() => this.#check()),
      left > 0 ? Math.min(left, pause) : pause,
    );
  }

  #check() {
    if (this.isSent || this.#hasStopped) return;
    const isOver = performance.now() >= this.#deadline;
    if (!this.#hasArrived && (this.#wasWritten || isOver)) return this.#send();
    // The frame for a client that does not pause has the best chance right
    // after a message.
    this.#isOverdue = isOver;
    this.#wait();
  }

  #send() {
    if (this.isSent || this.#hasStopped) return;
    this.isSent = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#events.onUnanswered(), ANSWER_MS);
    try {
      this.#socket.close(this.code, this.reason);
    } catch (error) {
      this.#events.onError(error);
    }
  }
}

/**
 * Describes how a connection ended: by whom, and with the code that was on the
 * wire, which the event does not always hold (denoland/deno#12909).
 *
 * @param closing the close that the server started, if it did
 * @param failure the message of the socket's error event, if there was one
 */
export function describeClose(
  { code, reason, wasClean }: CloseEvent,
  closing: Closing | undefined,
  failure: string | undefined,
): CloseDescription {
  if (closing?.isSent) {
    return {
      code: closing.code,
      reason: closing.reason,
      by: "server",
      error: failure ?? (wasClean ? undefined : "No answer to the close"),
    };
  }
  // What the server was about to say tells more than the platform does.
  const error = closing?.reason || failure;
  // The platform's 0 stands for the end of a connection without a close frame.
  if (code === 0) {
    return { code: CLOSE_CODE.abnormal, reason, by: "network", error };
  }
  // An unclean close with a code is the platform's idle timeout, or ours.
  return { code, reason, by: wasClean ? "client" : "server", error };
}
