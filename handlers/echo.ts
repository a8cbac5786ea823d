import type { Message } from "./handler.ts";

/** The echo endpoint: replies with the message as it came, text or binary. */
export function echo(message: Message): Message {
  return message;
}
