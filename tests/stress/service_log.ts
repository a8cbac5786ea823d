import type { ServiceProcess } from "../support/process.ts";
import type { Totals } from "./part.ts";

/** Adds up what the service logs under `--log json`. */
export class ServiceLog {
  readonly #service: ServiceProcess;
  #lines = 0;
  #opened = 0;
  #closed = 0;
  readonly #totals: Totals = noTotals();
  readonly #codes = new Map<number, number>();
  readonly #unexpected: string[] = [];

  constructor(service: ServiceProcess) {
    this.#service = service;
  }

  /** Connections that have been opened. */
  get opened(): number {
    return this.#read().#opened;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#read().#opened - this.#closed;
  }

  /** The messages of all connections that have been closed. */
  get totals(): Totals {
    return this.#read().#totals;
  }

  /** Lines that a healthy service does not write. */
  get unexpected(): string[] {
    return this.#read().#unexpected;
  }

  /** How many connections were closed with a code. */
  closedWith(code: number): number {
    return this.#read().#codes.get(code) ?? 0;
  }

  /** Reads the lines that have come since the last time. */
  #read(): this {
    const { lines } = this.#service;
    while (this.#lines < lines.length) this.#add(lines[this.#lines++]!);
    return this;
  }

  #add(line: string) {
    let entry;
    try {
      entry = JSON.parse(line);
    } catch {
      entry = {};
    }
    if (entry.event === "open") this.#opened++;
    else if (entry.event === "close") {
      this.#closed++;
      this.#codes.set(entry.code, (this.#codes.get(entry.code) ?? 0) + 1);
      addTotals(this.#totals, entry);
    } else if (!["listening", "refused"].includes(entry.event)) {
      this.#unexpected.push(line);
    }
  }
}

/** No messages. */
export function noTotals(): Totals {
  return { received: 0, receivedBytes: 0, sent: 0, sentBytes: 0 };
}

/** Adds totals to others. */
export function addTotals(to: Totals, more: Totals) {
  to.received += more.received;
  to.receivedBytes += more.receivedBytes;
  to.sent += more.sent;
  to.sentBytes += more.sentBytes;
}
