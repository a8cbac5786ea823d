import type { ServiceProcess } from "../support/process.ts";

/** Messages and payload bytes, each way, as the service sees them. */
export type Totals = ReturnType<typeof noTotals>;

/** No messages. */
export function noTotals() {
  return { received: 0, receivedBytes: 0, sent: 0, sentBytes: 0 };
}

/** Adds up what the service logs under `--log json`. */
export class ServiceLog {
  readonly #service: ServiceProcess;
  readonly #expected: readonly string[];
  #lines = 0;
  /** Connections that have been opened, and closed. */
  opened = 0;
  closed = 0;
  /** The messages of all connections that have been closed. */
  readonly totals: Totals = noTotals();
  /** How many connections were closed with each code. */
  readonly codes = new Map<number, number>();
  /** How many connections were closed with each error. */
  readonly errors = new Map<string, number>();
  /** Workers that were replaced: why, and how many connections that ended. */
  readonly recycled: { reason: string; connections: number }[] = [];
  /** Lines that the service was not expected to write. */
  readonly unexpected: string[] = [];

  /** Reads the log of a service; `expected` are events beyond the usual ones. */
  constructor(service: ServiceProcess, expected: readonly string[] = []) {
    this.#service = service;
    this.#expected = ["listening", "refused", ...expected];
  }

  /**
   * Reads the lines that have come, and counts the open connections: 0 once a
   * worker was cut off, as the end of its connections is not logged.
   */
  open(): number {
    const { lines } = this.#service;
    while (this.#lines < lines.length) this.#add(lines[this.#lines++]!);
    return this.recycled.length > 0 ? 0 : this.opened - this.closed;
  }

  #add(line: string) {
    const entry = line.startsWith("{") ? JSON.parse(line) : {};
    if (entry.event === "open") this.opened++;
    else if (entry.event === "close") {
      this.closed++;
      this.codes.set(entry.code, (this.codes.get(entry.code) ?? 0) + 1);
      this.errors.set(entry.error, (this.errors.get(entry.error) ?? 0) + 1);
      for (const name of Object.keys(this.totals) as (keyof Totals)[]) {
        this.totals[name] += entry[name];
      }
    } else if (entry.event === "recycled") this.recycled.push(entry);
    if (!["open", "close", ...this.#expected].includes(entry.event)) {
      this.unexpected.push(line);
    }
  }
}
