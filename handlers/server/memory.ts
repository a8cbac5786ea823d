import { totalmem } from "node:os";
import process from "node:process";

/** What a {@link MemoryWatch} watches, and its events. */
export interface MemoryWatchOptions {
  /** Bytes of resident memory that the process may use. */
  limit: number;
  /** Called when the memory rises above the limit, and when it is back. */
  onChange(isHigh: boolean, memory: number): void;
  /** Called once a second while it stays above the limit. */
  onStayedHigh(memory: number): void;
  /** Default: the process's resident set size. */
  readMemory?: () => number;
}

/** How often the memory is read. */
const CHECK_MS = 250;
/** How many readings in a row may be too high before it acts. */
const TOLERATED_CHECKS = 4;

/** The rest is left to other processes, where no limit is set. */
const DEFAULT_SHARE = 0.8;

/**
 * Watches the memory of the process. The platform reads an unfinished message
 * without limit and without an event: one connection could use all memory.
 */
export class MemoryWatch implements Disposable {
  readonly #options: MemoryWatchOptions;
  readonly #readMemory: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  /** How many readings in a row were too high. */
  #highChecks = 0;

  /** Starts to watch. */
  constructor(options: MemoryWatchOptions) {
    this.#options = options;
    this.#readMemory = options.readMemory ?? (() => process.memoryUsage.rss());
    this.#timer = setInterval(() => this.check(), CHECK_MS);
  }

  /** Reads the memory and acts on it; called by its own timer. */
  check() {
    const { limit, onChange, onStayedHigh } = this.#options;
    const memory = this.#readMemory();
    if (memory > limit) {
      if (this.#highChecks++ === 0) onChange(true, memory);
      else if (this.#highChecks > TOLERATED_CHECKS) {
        this.#highChecks = 1;
        onStayedHigh(memory);
      }
    } else if (this.#highChecks > 0) {
      this.#highChecks = 0;
      onChange(false, memory);
    }
  }

  /** Stops watching. */
  [Symbol.dispose]() {
    clearInterval(this.#timer);
  }
}

/**
 * The memory that the process may use by default, in bytes: 80 % of its
 * cgroup's limit or of the machine's memory.
 *
 * @returns undefined without the permission `--allow-sys=systemMemoryInfo`
 */
export function defaultMaxMemory(): number | undefined {
  const permission = { name: "sys", kind: "systemMemoryInfo" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  const constrained = process.constrainedMemory();
  const memory = constrained > 0
    ? Math.min(constrained, totalmem())
    : totalmem();
  return Math.floor(memory * DEFAULT_SHARE);
}
