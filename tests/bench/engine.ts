/** What moves the bytes of all lanes, and the choice between the two kinds. */

import { openAsyncEngine } from "./async_engine.ts";
import { openEpollEngine } from "./epoll_engine.ts";
import type { Lane, Meter } from "./lane.ts";

export interface EngineOptions {
  port: number;
  /** The endpoint's path. */
  path: string;
  /** Each gets a connection of its own. */
  lanes: readonly Lane[];
  meter: Meter;
}

export interface Engine {
  readonly name: string;
  /**
   * Sends and receives until the given time (of `performance.now()`), or until
   * every lane is idle once the meter is stopping. Fails when a connection
   * ends, replies stop, or something else than an echo arrives.
   */
  run(until: number): void | Promise<void>;
  /** Ends all connections. */
  close(): void;
}

/** The size of the one buffer that is read into, in bytes. */
export const READ_BUFFER = 262_144;

/** The longest time in which nothing may arrive, in milliseconds. */
export const STALL_MS = 10_000;

/** Connects and upgrades all lanes, in the fastest way unless told otherwise. */
export async function openEngine(
  options: EngineOptions,
  portable: boolean,
): Promise<Engine> {
  return (portable ? undefined : openEpollEngine(options)) ??
    await openAsyncEngine(options);
}
