import type { Message } from "../handler.ts";
import type { Behavior } from "../websocket/behavior.ts";
import { CLOSE_CODE } from "../websocket/close_codes.ts";
import type { Connection } from "../websocket/connection.ts";
import { missedText } from "./events.ts";
import type { Watches, Watching } from "./watches.ts";

/** The bytes that wait for a watcher at most; it misses what comes beyond. */
export const MAX_WAITING = 16_777_216;
/** How often a watcher that has missed events is tried to be told. */
const RETRY_MS = 100;

/** The part of a connection that is used here. */
type WatcherConnection = Pick<Connection, "id" | "send" | "close">;

/** Sends a watcher the events of its key, and does as its commands say. */
export class Watcher implements Behavior {
  readonly #connection: WatcherConnection;
  readonly #watches: Watches;
  readonly #key: string;
  #watching: Watching | undefined;
  /** Events that it has missed and was not told of. */
  #missed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Creates the watcher of a key on a connection. */
  constructor(connection: WatcherConnection, watches: Watches, key: string) {
    this.#connection = connection;
    this.#watches = watches;
    this.#key = key;
  }

  /** Begins to watch. */
  open() {
    this.#watching = this.#watches.watch(this.#key, this.#connection.id, {
      deliver: (text, count) => this.#deliver(text, count),
      reject: (reason) =>
        this.#connection.close(CLOSE_CODE.tryAgainLater, reason),
    });
  }

  /** Carries out a command, or answers with what is wrong with it. */
  message(message: Message) {
    this.#watching?.command(message);
  }

  /** Sends nothing in return. */
  sent() {}

  /** Stops watching. */
  stop() {
    clearTimeout(this.#timer);
    this.#watching?.end();
    this.#watching = undefined;
  }

  #deliver(text: string, count: number) {
    if (this.#missed > 0) this.#tellMissed();
    if (this.#missed > 0 || this.#connection.send(text) !== undefined) {
      this.#missed += count;
      this.#timer ??= setTimeout(() => this.#retry(), RETRY_MS);
    }
  }

  #retry() {
    this.#timer = undefined;
    this.#tellMissed();
    if (this.#missed > 0 && this.#watching) {
      this.#timer = setTimeout(() => this.#retry(), RETRY_MS);
    }
  }

  #tellMissed() {
    const isTold =
      this.#connection.send(missedText(this.#missed)) === undefined;
    if (isTold) this.#missed = 0;
  }
}
