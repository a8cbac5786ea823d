/** A log entry: the event's name and its fields. */
export interface LogEntry {
  /** What happened. */
  event: string;
  /** The fields; `undefined` stands for a value that is not there. */
  [field: string]: string | number | undefined;
}

/** Receives what happens in the service. */
export interface Log {
  /** Whether messages are logged as well. */
  readonly verbose: boolean;
  /** Logs an entry. */
  write(entry: LogEntry): void;
}
