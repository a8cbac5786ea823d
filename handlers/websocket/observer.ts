import type { Message } from "../handler.ts";
import type { CloseDescription } from "./closing.ts";

/** What an observer can do with its connection. */
export interface Observed {
  /** Whether the endpoint replies, or only the observer does. */
  repliesItself: boolean;
  /**
   * Sends a message at once, and frees its memory.
   *
   * @returns why it could not be sent, if so
   */
  send(message: Message): string | undefined;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
}

/** How a connection ended, and what it carried. */
export interface ConnectionEnd extends CloseDescription {
  /** Messages. */
  received: number;
  /** Messages. */
  sent: number;
  /** How long it was open. */
  seconds: number;
}

/** Sees what happens on one connection. */
export interface Observer {
  /** Whether messages are looked at now. */
  readonly isWatching: boolean;
  /** Called when the connection has opened. */
  open(connection: Observed): void;
  /** Called with each message of a size in bytes; must not keep it. */
  message(direction: "in" | "out", message: Message, size: number): void;
  /** Called when a connection has ended that had opened. */
  close(end: ConnectionEnd): void;
}
