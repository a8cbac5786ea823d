import { CLOSE_CODE } from "../websocket/close_codes.ts";
import type { Connection } from "../websocket/connection.ts";

/** The part of a connection that is used here. */
export type Closable = Pick<Connection, "close" | "terminate">;

/** Why no new connection is accepted, even below the connection limit. */
export interface Suspension {
  /** Completes "Cannot upgrade: ". */
  refusal: string;
  /** Closes a connection whose handshake was already accepted. */
  code: number;
  reason: string;
}

/**
 * The open connections of the service, and whether it accepts new ones.
 *
 * A connection is registered when it opens, not when it is upgraded: one that
 * is reset during the handshake fires no event and would count forever.
 */
export class Connections {
  readonly #open = new Set<Closable>();
  readonly #max: number;
  #waiting: (() => void)[] = [];
  #suspension: Suspension | undefined;

  /** @param max open connections at a time */
  constructor(max: number) {
    this.#max = max;
  }

  /** The number of open connections. */
  get size(): number {
    return this.#open.size;
  }

  /** Why a new connection would be refused; undefined when it would not. */
  get unavailable(): string | undefined {
    if (this.#suspension) return this.#suspension.refusal;
    return this.size < this.#max
      ? undefined
      : `the connection limit is reached (--max-connections ${this.#max})`;
  }

  /** Accepts no new connections until {@link resume}. */
  suspend(suspension: Suspension) {
    this.#suspension = suspension;
  }

  /** Accepts new connections again. */
  resume() {
    this.#suspension = undefined;
  }

  /** Registers a connection that has opened. */
  add(connection: Closable) {
    this.#open.add(connection);
    // Its handshake was accepted when there still was room.
    if (this.#suspension) {
      connection.close(this.#suspension.code, this.#suspension.reason);
    } else if (this.size > this.#max) {
      connection.close(CLOSE_CODE.tryAgainLater, "Connection limit reached");
    }
  }

  /** Removes a connection that has closed; safe to call twice. */
  delete(connection: Closable) {
    if (this.#open.delete(connection) && this.size === 0) {
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  /** Frees the place of a connection that the client does not end. */
  abandon(connection: Closable) {
    this.delete(connection);
  }

  /** Notes what a connection holds back. */
  changeHeld(_connection: Closable, _change: number) {}

  /** Starts the closing handshake on all connections, see `Connection.close`. */
  closeAll(code: number, reason: string, drainMs: number) {
    for (const connection of this.#open) {
      connection.close(code, reason, drainMs);
    }
  }

  /** Treats all connections as closed without waiting for the clients. */
  terminateAll() {
    for (const connection of this.#open) connection.terminate();
  }

  /** Resolves when no connection is open. */
  empty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
