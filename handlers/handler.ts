/** A message's payload (RFC 6455 section 5.6): text or binary. */
export type Message = string | ArrayBuffer;

/**
 * An endpoint's reply to a message. It throws a {@link PayloadError} when it
 * cannot read the payload.
 */
export type Handler = (message: Message) => Message;

/** A payload that its endpoint cannot read: the connection is closed with 1007. */
export class PayloadError extends Error {
  /** Tells this error from others in a log. */
  override name = "PayloadError";
}
