import type { Message } from "../handler.ts";

/** What the server does on an open connection. */
export interface Behavior {
  /** Called when the connection has opened. */
  open(): void;
  /** Called with each message of a size in bytes; has to free it. */
  message(message: Message, size: number): void;
  /** Called after a message has left. */
  sent(isReply: boolean): void;
  /** Called when it may send nothing more; can be called again. */
  stop(): void;
}
