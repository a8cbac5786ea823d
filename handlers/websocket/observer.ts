import type { Message } from "../handler.ts";
import type { CloseDescription } from "./closing.ts";

/** What an {@link Observer} can do with its connection; throws nothing. */
export interface Observed {
  /**
   * Sends a message at once, and may free its buffer.
   *
   * @returns why it could not be sent, if so
   */
  send(message: Message): string | undefined;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Whether the endpoint replies, or the observer alone. */
  repliesItself: boolean;
}

/** How a connection has ended, and what came and went until then. */
export interface ConnectionEnd extends CloseDescription {
  /** Messages received, and sent. */
  received: number;
  sent: number;
  /** Since the connection has opened. */
  seconds: number;
}

/** Sees what happens on one connection. */
export interface Observer {
  /** Whether messages are looked at now. */
  readonly isWatching: boolean;
  /** Called when the connection has opened. */
  open(connection: Observed): void;
  /**
   * Called with each message of a size in bytes, while {@link isWatching};
   * must not keep it.
   */
  message(direction: "in" | "out", message: Message, size: number): void;
  /** Called once, when the connection has ended. */
  close(end: ConnectionEnd): void;
}
