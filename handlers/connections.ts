import { CLOSE_CODE } from "./close_code.ts";

/** A connection, as far as the registry needs it. */
export interface Closable {
  /**
   * Begins the closing handshake; does nothing when it has begun.
   *
   * @param patience milliseconds that a busy client may take to calm down
   */
  close(code: number, reason: string, patience?: number): void;
  /** Takes the end for granted that a peer keeps from coming. */
  abandon(): void;
}

/** Why nobody may join, for now or any more, whatever the number. */
interface Barrier {
  /** Completes "Cannot upgrade: ". */
  refusal: string;
  /** Closes a connection whose handshake was under way. */
  code: number;
  reason: string;
}

/**
 * The open connections of the service, and whether there is room for more.
 *
 * A connection is registered when it opens, not when it is upgraded: one that
 * is reset during the handshake fires no event and would count forever.
 */
export class Connections {
  readonly #open = new Set<Closable>();
  readonly #max: number;
  #waiting: (() => void)[] = [];
  #barrier: Barrier | undefined;

  /** @param max connections at a time */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Why a newcomer has to be refused, or nothing when there is room. */
  refusal(): string | undefined {
    if (this.#barrier) return this.#barrier.refusal;
    if (this.size >= this.#max) {
      return `all ${this.#max} connections of --max-connections are taken`;
    }
  }

  /** Refuses every newcomer from now on; without an argument, no longer. */
  refuse(barrier?: Barrier) {
    this.#barrier = barrier;
  }

  /** Registers a connection that has opened. */
  add(connection: Closable) {
    this.#open.add(connection);
    // Its handshake was under way when there still was room.
    if (this.#barrier) {
      connection.close(this.#barrier.code, this.#barrier.reason);
    } else if (this.size > this.#max) {
      connection.close(CLOSE_CODE.tryAgainLater, "All connections are taken");
    }
  }

  /** Removes a connection that has closed; safe to call twice. */
  delete(connection: Closable) {
    if (this.#open.delete(connection) && this.size === 0) {
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  /** Begins the closing handshake on every open connection. */
  closeAll(code: number, reason: string, patience: number) {
    for (const connection of this.#open) {
      connection.close(code, reason, patience);
    }
  }

  /** Takes every connection that is still open for closed. */
  abandonAll() {
    for (const connection of this.#open) connection.abandon();
  }

  /** Resolves when no connection is open. */
  empty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
