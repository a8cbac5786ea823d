import { CLOSE_CODE } from "./close_codes.ts";

/** How long a close waits for the client to stop sending, in milliseconds. */
export const DRAIN_MS = 5_000;
/**
 * How often a drain checks whether the client has paused, in milliseconds; the
 * platform has no event for it.
 */
const POLL_MS = 50;

/** A connection's end, as the log shows it. */
export interface CloseDescription {
  code: number;
  reason: string;
  by: "client" | "server" | "network";
  error: string | undefined;
}

/**
 * The server's side of the closing handshake (RFC 6455 section 7.1.2):
 * draining, then sent.
 *
 * After the socket's close(), the platform resets the connection at the next
 * message that arrives, and the close frame and unread replies are lost with it
 * (denoland/deno#21642). So the close frame is sent only when the client has
 * read its replies and has paused.
 */
export class Closing {
  readonly #socket: Pick<WebSocket, "close" | "bufferedAmount">;
  readonly #onError: (error: unknown) => void;
  readonly code: number;
  readonly reason: string;
  /** Whether the close frame was handed to the platform. */
  isSent = false;
  #deadline = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Messages that arrived since the last check. */
  #arrived = 0;

  /**
   * Creates a close that was not started.
   *
   * @param onError is called with what the socket's close() throws
   */
  constructor(
    socket: Pick<WebSocket, "close" | "bufferedAmount">,
    { code, reason }: { code: number; reason: string },
    onError: (error: unknown) => void,
  ) {
    this.#socket = socket;
    this.code = code;
    this.reason = reason;
    this.#onError = onError;
  }

  /** Sends the close frame as soon as the current event is over. */
  sendSoon() {
    // Within the "message" event, the platform would lose the frame.
    setImmediate(() => this.#send());
  }

  /**
   * Sends the close frame once the client has paused, and after `drainMs` in
   * any case. A later call can only shorten that time.
   */
  drain(drainMs: number) {
    this.#deadline = Math.min(this.#deadline, performance.now() + drainMs);
    if (!this.isSent) this.#wait();
  }

  /** Notes a message that arrived after the close had begun. */
  noteMessage() {
    this.#arrived++;
  }

  /** Stops waiting: the connection has ended. */
  stop() {
    clearTimeout(this.#timer);
  }

  #wait() {
    clearTimeout(this.#timer);
    const left = this.#deadline - performance.now();
    this.#timer = setTimeout(() => this.#check(), Math.min(left, POLL_MS));
  }

  #check() {
    const hasPaused = this.#arrived === 0 && this.#socket.bufferedAmount === 0;
    this.#arrived = 0;
    if (hasPaused || performance.now() >= this.#deadline) this.#send();
    else this.#wait();
  }

  #send() {
    if (this.isSent) return;
    this.isSent = true;
    try {
      this.#socket.close(this.code, this.reason);
    } catch (error) {
      this.#onError(error);
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
  if (closing && (closing.isSent || code === 0)) {
    return {
      code: closing.code,
      reason: closing.reason,
      by: "server",
      error: failure,
    };
  }
  // The platform's 0 stands for the end of a connection without a close frame.
  if (code === 0) {
    return { code: CLOSE_CODE.abnormal, reason, by: "network", error: failure };
  }
  // An unclean close with a code is the platform's idle timeout.
  return {
    code,
    reason,
    by: wasClean ? "client" : "server",
    error: closing?.reason ?? failure,
  };
}
