import type { WatchCommand } from "./commands.ts";
import { missedText, type WatchEvent, type WatchEventOf } from "./events.ts";
import { MAX_WAITING } from "./watcher.ts";
import type { Watches, Watching } from "./watches.ts";

/**
 * Watches connections from code: iterates over their events, and acts on them.
 * It ends with its scope (`using`) or with the service; then the iteration ends,
 * once all events were read.
 *
 * Events that are not read are kept, up to 16 MiB of JSON, also between two
 * iterations; what comes beyond is missed.
 */
export class Watch implements AsyncIterableIterator<WatchEvent>, Disposable {
  readonly #watching: Watching;
  readonly #onEnd: (watch: Watch) => void;
  /** The JSON of events that were not read, newest last; then oldest last. */
  #arrived: string[] = [];
  #leaving: string[] = [];
  /** The length of both. */
  #waiting = 0;
  /** The events that were lost after these. */
  #missed = 0;
  #readers: ((result: IteratorResult<WatchEvent>) => void)[] = [];
  /** The error of the command that is being carried out. */
  #error: string | undefined;
  #isActing = false;
  #hasEnded = false;

  /**
   * Begins to watch a key.
   *
   * @param id tells it from other watchers
   * @param onEnd called when it has ended
   * @throws {RangeError} when the key has too many watchers
   */
  constructor(
    watches: Watches,
    key: string,
    id: number,
    onEnd: (watch: Watch) => void,
  ) {
    let rejection: string | undefined;
    this.#onEnd = onEnd;
    this.#watching = watches.watch(key, id, {
      deliver: (text, count) => this.#deliver(text, count),
      reject: (reason) => rejection = reason,
    });
    if (rejection !== undefined) throw new RangeError(rejection);
  }

  /**
   * Sends a message.
   *
   * @param id the number of a connection; default: all of the key
   * @throws {Error} when it could not be sent
   */
  send(message: string | Uint8Array | ArrayBuffer, id?: number) {
    this.#act("send", {
      id,
      ...(typeof message === "string"
        ? { text: message }
        : { base64: new Uint8Array(message).toBase64() }),
    });
  }

  /**
   * Starts the closing handshake.
   *
   * @param code default: 1000
   * @param id as for {@link send}
   * @throws {Error} when there is no such connection, code or reason
   */
  close(code?: number, reason?: string, id?: number) {
    this.#act("close", { id, code, reason });
  }

  /**
   * Has the endpoint reply no longer (`manual`), or again (`auto`).
   *
   * @param id as for {@link send}
   * @throws {Error} when there is no such connection
   */
  reply(mode: "auto" | "manual", id?: number) {
    this.#act("reply", { id, mode });
  }

  /** The next event. */
  next(): Promise<IteratorResult<WatchEvent>> {
    if (this.#leaving.length === 0) {
      this.#leaving = this.#arrived.reverse();
      this.#arrived = [];
    }
    const kept = this.#leaving.pop();
    this.#waiting -= kept?.length ?? 0;
    const text = kept ?? this.#takeMissed();
    if (text !== undefined) return Promise.resolve(toResult(text));
    if (this.#hasEnded) {
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /**
   * The next event of a name; those before it are skipped.
   *
   * @throws {Error} when there comes none
   */
  async waitFor<Name extends WatchEvent["event"]>(
    name: Name,
  ): Promise<WatchEventOf<Name>> {
    for await (const event of this) {
      if (event.event === name) return event as WatchEventOf<Name>;
    }
    throw new Error(`Cannot wait for "${name}": the watch has ended`);
  }

  /** It can be iterated over again, from the next event on. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends it. */
  [Symbol.dispose]() {
    this.#hasEnded = true;
    this.#watching.end();
    for (const resolve of this.#readers.splice(0)) {
      resolve({ done: true, value: undefined });
    }
    this.#onEnd(this);
  }

  #act(command: WatchCommand["command"], fields: object) {
    if (this.#hasEnded) {
      throw new Error(`Cannot ${command}: the watch has ended`);
    }
    this.#isActing = true;
    this.#watching.command(JSON.stringify({ command, ...fields }));
    this.#isActing = false;
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw new Error(error);
  }

  #deliver(text: string, count: number) {
    if (this.#isActing) {
      const { value } = toResult(text);
      if (value.event === "error") {
        this.#error ??= value.message;
        return;
      }
    }
    const reader = this.#readers.shift();
    if (reader) return reader(toResult(text));
    if (this.#waiting + text.length > MAX_WAITING) {
      this.#missed += count;
      return;
    }
    const missed = this.#takeMissed();
    for (const kept of missed === undefined ? [text] : [missed, text]) {
      this.#arrived.push(kept);
      this.#waiting += kept.length;
    }
  }

  #takeMissed(): string | undefined {
    const missed = this.#missed;
    this.#missed = 0;
    return missed > 0 ? missedText(missed) : undefined;
  }
}

function toResult(text: string): IteratorYieldResult<WatchEvent> {
  return { done: false, value: JSON.parse(text) };
}
