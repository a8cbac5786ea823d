import { totalmem } from "node:os";
import process from "node:process";

export interface MemoryFuseOptions {
  /** Bytes of resident memory that the process may use. */
  limit: number;
  /** Called when the memory goes above the limit, and when it is back. */
  onChange(isHigh: boolean, memory: number): void;
  /** Called while it stays above the limit, once a second: time to act. */
  onBlow(memory: number): void;
  /** Default: the process's resident set size. */
  readMemory?: () => number;
}

/** How often the memory is looked at, and how long it may stay too high. */
const CHECK_MS = 250;
const PATIENCE_CHECKS = 4;

/** What is left to the rest of the machine, where no limit is set. */
const DEFAULT_SHARE = 0.8;

/**
 * Watches the memory of the process. The platform reads an unfinished message
 * without limit and without an event: one connection could take it all.
 */
export class MemoryFuse implements Disposable {
  readonly #options: MemoryFuseOptions;
  readonly #readMemory: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  /** How many checks in a row have found it too high. */
  #highChecks = 0;

  constructor(options: MemoryFuseOptions) {
    this.#options = options;
    this.#readMemory = options.readMemory ?? (() => process.memoryUsage.rss());
    this.#timer = setInterval(() => this.check(), CHECK_MS);
  }

  /** Looks at the memory; called by its own timer. */
  check() {
    const { limit, onChange, onBlow } = this.#options;
    const memory = this.#readMemory();
    if (memory > limit) {
      if (this.#highChecks++ === 0) onChange(true, memory);
      else if (this.#highChecks > PATIENCE_CHECKS) {
        this.#highChecks = 1;
        onBlow(memory);
      }
    } else if (this.#highChecks > 0) {
      this.#highChecks = 0;
      onChange(false, memory);
    }
  }

  /** Watches no longer. */
  [Symbol.dispose]() {
    clearInterval(this.#timer);
  }
}

/**
 * The memory that the process may well use, in bytes: 80 % of its cgroup's
 * limit or of the machine's memory.
 *
 * @returns nothing without the permission `--allow-sys=systemMemoryInfo`
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
