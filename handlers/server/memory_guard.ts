import type { Log } from "../websocket/log.ts";
import { residentMemory } from "./memory.ts";
import {
  type MemoryAction,
  MemoryPolicy,
  READING_MS,
} from "./memory_policy.ts";
import type { Tally } from "./tally.ts";

/** What a {@link MemoryGuard} guards, and how. */
export interface MemoryGuardOptions {
  /** Resident bytes that the process may use. */
  limit: number;
  /** How many threads can be recycled. */
  threads: number;
  /** What the connections of the process add up to. */
  tally: Tally;
  /** Receives what was done. */
  log: Log;
  /** Closes the connection that holds back most. */
  closeHeaviest(): void;
  /** Ends all that runs in the busiest thread. */
  recycle(): void;
}

/**
 * Keeps the memory of the process within a limit. The platform reads an
 * unfinished message without limit and without an event: one connection could
 * use all memory.
 */
export class MemoryGuard implements Disposable {
  readonly #options: MemoryGuardOptions;
  readonly #policy: MemoryPolicy;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Starts to read the memory. */
  constructor(options: MemoryGuardOptions) {
    this.#options = options;
    this.#policy = new MemoryPolicy(options.limit, options.threads);
    this.#timer = setInterval(() => this.#check(), READING_MS);
  }

  /** Stops reading the memory. */
  [Symbol.dispose]() {
    clearInterval(this.#timer);
  }

  #check() {
    const { tally, closeHeaviest, recycle } = this.#options;
    const memory = residentMemory();
    const action = this.#policy.decide({
      now: performance.now(),
      memory,
      held: tally.total("held"),
      connections: tally.total("open"),
    });
    if (action === undefined) return;
    this.#log(action, memory);
    if (action === "close the heaviest") return closeHeaviest();
    tally.isSuspended = action === "refuse new connections";
    if (action === "recycle") recycle();
  }

  #log(action: MemoryAction, memory: number) {
    const { log, limit, tally } = this.#options;
    log.write({
      event: "memory",
      action,
      memory,
      limit,
      connections: tally.total("open"),
    });
  }
}
