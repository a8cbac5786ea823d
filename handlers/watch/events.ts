import type { Message } from "../handler.ts";

/** So many bytes of a payload are shown: of UTF-8, or of binary. */
export const MAX_SHOWN_BYTES = 65_536;

/** What watchers get to see, as JSON. `time` is in ISO 8601. */
export type WatchEvent =
  /** The first event: the open connections of the key, up to 8 MiB of JSON. */
  | {
    event: "watching";
    key: string;
    connections: readonly WatchEventOf<"open">[];
    /** The numbers of those whose endpoint does not reply. */
    manual: readonly number[];
  }
  /** A handshake was answered with an HTTP error. */
  | {
    event: "refused";
    time: string;
    id: number;
    path: string;
    remote: string;
    status: number;
    message: string;
    headers: Readonly<Record<string, string>>;
  }
  /** A connection has opened. */
  | {
    event: "open";
    time: string;
    /** The connection's number, unique within the process. */
    id: number;
    path: string;
    remote: string;
    origin: string | null;
    subprotocol: string | null;
    headers: Readonly<Record<string, string>>;
    parameters: Readonly<Record<string, unknown>>;
  }
  /** A message was received or sent. */
  | {
    event: "message";
    time: string;
    id: number;
    direction: "in" | "out";
    type: "text" | "binary";
    /** The whole payload's, in bytes. */
    size: number;
    /** The payload, by its type. */
    text?: string;
    base64?: string;
    /** The rest is not shown, see {@link MAX_SHOWN_BYTES}. */
    truncated?: true;
  }
  /** Whether the endpoint replies has changed, by a watcher's command. */
  | { event: "reply"; time: string; id: number; mode: "auto" | "manual" }
  /** A connection has ended. */
  | {
    event: "close";
    time: string;
    id: number;
    code: number;
    reason: string;
    by: "client" | "server" | "network";
    error?: string;
    /** Messages received and sent; absent when nobody could tell them. */
    received?: number;
    sent?: number;
    /** Since it has opened. */
    seconds: number;
  }
  /** So many events were lost at this place. */
  | { event: "missed"; count: number }
  /** A command had no effect; `command` is as it came. */
  | { event: "error"; message: string; command: unknown };

/** The event of a name. */
export type WatchEventOf<Name extends WatchEvent["event"]> = Extract<
  WatchEvent,
  { event: Name }
>;

/** `manual`: the endpoint does not reply, the watcher does; `auto`: it does. */
export type ReplyMode = WatchEventOf<"reply">["mode"];

const encoder = new TextEncoder();
/** Where texts are measured. */
const shownBytes = new Uint8Array(MAX_SHOWN_BYTES);

/** The event of a message of a size in bytes, with as much as is shown of it. */
export function messageEvent(
  id: number,
  direction: "in" | "out",
  message: Message,
  size: number,
): WatchEventOf<"message"> {
  const isText = typeof message === "string";
  return {
    event: "message",
    time: now(),
    id,
    direction,
    type: isText ? "text" : "binary",
    size,
    ...(isText ? { text: cutText(message, size) } : {
      base64: new Uint8Array(message, 0, Math.min(size, MAX_SHOWN_BYTES))
        .toBase64(),
    }),
    ...(size > MAX_SHOWN_BYTES ? { truncated: true } : {}),
  };
}

/** The JSON of an `error` event; `source` is the JSON of the command. */
export function errorText(message: string, source: string): string {
  // Not parsed: what is nested deeply cannot be made into JSON again.
  return `{"event":"error","message":${
    JSON.stringify(message)
  },"command":${source}}`;
}

/** The JSON of a `missed` event. */
export function missedText(count: number): string {
  return `{"event":"missed","count":${count}}`;
}

/** The present time, as events have it. */
export function now(): string {
  return new Date().toISOString();
}

/** Cuts a text of a size in bytes, but no character in two. */
function cutText(text: string, size: number): string {
  const characters = size > MAX_SHOWN_BYTES
    ? encoder.encodeInto(text, shownBytes).read
    : text.length;
  return text.slice(0, characters).toWellFormed();
}
