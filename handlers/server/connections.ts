import { CLOSE_CODE } from "../websocket/close_codes.ts";
import type { Connection } from "../websocket/connection.ts";
import type { Tally } from "./tally.ts";
import { pause } from "./wait.ts";

/** The part of a connection that is used here. */
export type Closable = Pick<Connection, "close" | "terminate" | "isCloseSent">;

/** Why no new connection is accepted, even below the connection limit. */
export interface Suspension {
  /** Completes "Cannot upgrade: ". */
  refusal: string;
  /** Closes a connection whose handshake was already accepted. */
  code: number;
  reason: string;
}

/** How connections are closed that take too much memory. */
export const OUT_OF_MEMORY = {
  code: CLOSE_CODE.tryAgainLater,
  reason: "Out of memory",
} as const;

/** What the connections of a service share. */
export interface ConnectionsOptions {
  /** Open connections of the process at a time. */
  max: number;
  /** Bytes that all connections of the process may hold back. */
  maxHeld: number;
  /** Why none is accepted while the tally is suspended. */
  suspension: Suspension;
  /** Counts them, together with other threads. */
  tally: Tally;
}

/**
 * How long the platform may take from the handshake to the open event. One that
 * is reset in between never opens, and its descriptor is lost.
 */
const OPENING_MS = 2_000;

/** How often the wait for the close frames looks whether they were sent. */
const POLL_MS = 10;

/**
 * The open connections of a service, and whether it accepts new ones.
 *
 * A connection is counted when it opens, not when it is upgraded: one that is
 * reset during the handshake fires no event and would count forever.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Set<Closable>();
  /** Accepted handshakes, oldest first, and when they were accepted. */
  readonly #opening = new Map<Closable, number>();
  /** Connections that no longer count, whose descriptors the platform keeps. */
  readonly #abandoned = new Set<Closable>();
  /** How many bytes each connection holds back, if any. */
  readonly #held = new Map<Closable, number>();
  /** How many handshakes have not opened in time. */
  #neverOpened = 0;
  #waiting: (() => void)[] = [];
  #suspension: Suspension | undefined;

  /** Creates a service's connections: none. */
  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** The number of open connections. */
  get size(): number {
    return this.#open.size;
  }

  /** Why a new connection would be refused; undefined when it would not. */
  get unavailable(): string | undefined {
    const { max, tally } = this.#options;
    return this.#currentSuspension()?.refusal ??
      (tally.total("open") < max
        ? undefined
        : `the connection limit is reached (--max-connections ${max})`);
  }

  /** Accepts no new connections from now on. */
  suspend(suspension: Suspension) {
    this.#suspension = suspension;
  }

  /** Expects an accepted handshake to open. */
  expect(connection: Closable) {
    this.#opening.set(connection, performance.now());
    this.countLeaks();
  }

  /** Registers a connection that has opened. */
  add(connection: Closable) {
    const isLate = !this.#opening.delete(connection);
    if (isLate && this.#neverOpened > 0) this.#neverOpened--;
    this.countLeaks();
    this.#open.add(connection);
    const { max, tally } = this.#options;
    const total = tally.add("open", 1);
    // Its handshake was accepted when there still was room.
    const suspension = this.#currentSuspension();
    if (suspension) connection.close(suspension.code, suspension.reason);
    else if (total > max) {
      connection.close(CLOSE_CODE.tryAgainLater, "Connection limit reached");
    }
  }

  /** Frees the place of a connection that the platform does not end. */
  abandon(connection: Closable) {
    if (!this.#open.has(connection)) return;
    this.delete(connection);
    this.#abandoned.add(connection);
    this.countLeaks();
  }

  /** Removes a connection that has closed; safe to call twice. */
  delete(connection: Closable) {
    const isGone = this.#abandoned.delete(connection) ||
      this.#opening.delete(connection);
    if (isGone) this.countLeaks();
    if (!this.#open.delete(connection)) return;
    this.#forgetHeld(connection);
    this.#options.tally.add("open", -1);
    if (this.size === 0) {
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  /**
   * Notes that a connection holds back so many bytes more, or fewer. While all
   * together hold back too much, closes the one that holds back most; none while
   * another thread's hold back more, which the supervisor sees to.
   */
  changeHeld(connection: Closable, bytes: number) {
    const held = this.#held.get(connection);
    if (held === undefined && (bytes <= 0 || !this.#open.has(connection))) {
      return;
    }
    const { tally, maxHeld } = this.#options;
    this.#held.set(connection, (held ?? 0) + bytes);
    tally.add("held", bytes);
    const isTooMuch = bytes > 0 && tally.total("held") > maxHeld;
    if (isTooMuch && tally.holdsMost()) this.closeHeaviest();
  }

  /** Closes the connection that holds back most, if one does. */
  closeHeaviest() {
    let most = 0;
    let heaviest: Closable | undefined;
    for (const [connection, held] of this.#held) {
      if (held > most) [most, heaviest] = [held, connection];
    }
    if (!heaviest) return;
    // Otherwise others would be closed for bytes that are about to be freed.
    this.#forgetHeld(heaviest);
    heaviest.close(OUT_OF_MEMORY.code, OUT_OF_MEMORY.reason, 0);
  }

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

  /**
   * Resolves when all connections that are open now have their close frame, or
   * have closed.
   */
  async closeFramesSent() {
    const waiting = new Set(this.#open);
    for (;;) {
      for (const connection of waiting) {
        if (connection.isCloseSent || !this.#open.has(connection)) {
          waiting.delete(connection);
        }
      }
      if (waiting.size === 0) return;
      await pause(POLL_MS);
    }
  }

  /** Counts the handshakes that should have opened long ago as leaked. */
  countLeaks() {
    const { tally } = this.#options;
    const oldest = performance.now() - OPENING_MS;
    for (const [connection, since] of this.#opening) {
      if (since > oldest) break;
      this.#opening.delete(connection);
      this.#neverOpened++;
    }
    tally.noteOpening(this.#opening.size);
    tally.noteLeaked(this.#neverOpened + this.#abandoned.size);
  }

  #forgetHeld(connection: Closable) {
    const held = this.#held.get(connection) ?? 0;
    if (this.#held.delete(connection)) this.#options.tally.add("held", -held);
  }

  #currentSuspension(): Suspension | undefined {
    const { tally, suspension } = this.#options;
    return this.#suspension ?? (tally.isSuspended ? suspension : undefined);
  }
}
