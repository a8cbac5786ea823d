/** The service in this process, with what it logged. */

import {
  type Log,
  type LogEntry,
  type Service,
  type ServiceOptions,
  startService,
} from "../../main.ts";
import { until } from "./wait.ts";

/** A log that keeps its entries, and lets a test wait for one. */
export class MemoryLog implements Log {
  readonly verbose: boolean;
  readonly entries: LogEntry[] = [];

  constructor(verbose = false) {
    this.verbose = verbose;
  }

  write(entry: LogEntry) {
    this.entries.push(entry);
  }

  /** All entries of an event. */
  of(event: string): LogEntry[] {
    return this.entries.filter((entry) => entry.event === event);
  }

  /** The nth entry of an event, once it is there. */
  async waitFor(event: string, nth = 1): Promise<LogEntry> {
    await until(
      () => this.of(event).length >= nth,
      `entry ${nth} of the event ${event} is logged`,
    );
    return this.of(event)[nth - 1]!;
  }
}

/** A service in this process, with what it logged and the errors it reported. */
export interface TestService extends Service {
  readonly log: MemoryLog;
  readonly errors: unknown[];
}

/** Starts a service on a free port of 127.0.0.1. */
export function startTestService(
  { verbose, ...options }: ServiceOptions & { verbose?: boolean } = {},
): TestService {
  const log = new MemoryLog(verbose);
  const errors: unknown[] = [];
  const service = startService({
    port: 0,
    log,
    reportError: (error) => errors.push(error),
    ...options,
  });
  // The getters of the service have to stay getters.
  return Object.defineProperties(service, {
    log: { value: log },
    errors: { value: errors },
  }) as TestService;
}
