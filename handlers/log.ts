/** The forms in which events are logged. */
export const LOG_FORMATS = ["text", "json", "off"] as const;
export type LogFormat = typeof LOG_FORMATS[number];

/** Something that happened, with whatever tells more about it. */
export interface LogEntry {
  event: string;
  [field: string]: string | number | undefined;
}

/** Where the service tells what happens. */
export interface Log {
  /** Whether every message is to be logged, too. */
  readonly verbose: boolean;
  write(entry: LogEntry): void;
}

export interface LogOptions {
  format: LogFormat;
  verbose: boolean;
}

/**
 * Creates a log that formats entries and hands them over a line at a time,
 * without line breaks: whatever a client sent stays within its line.
 */
export function createLog(
  { format, verbose }: LogOptions,
  writeLine: (line: string) => void,
): Log {
  if (format === "off") return { verbose: false, write() {} };
  const formatEntry = format === "json" ? formatJson : formatText;
  return {
    verbose,
    write: (entry) => writeLine(formatEntry(entry, new Date())),
  };
}

/** Formats an entry as `TIME EVENT NAME=VALUE …`. */
export function formatText(entry: LogEntry, time: Date): string {
  let line = `${time.toISOString()} ${entry.event}`;
  for (const name in entry) {
    if (name !== "event") line += ` ${name}=${formatValue(entry[name])}`;
  }
  return line;
}

/** Formats an entry as one JSON object. */
export function formatJson(entry: LogEntry, time: Date): string {
  return escapeInvisible(
    JSON.stringify(
      { time: time.toISOString(), ...entry },
      (_, value) => value === undefined ? null : value,
    ),
  );
}

/**
 * Formats an error with its stack over several lines. Those after the first are
 * indented, so that a client's text within cannot pass for an entry.
 */
export function formatError(error: unknown, time: Date): string {
  const text = error instanceof Error
    ? error.stack ?? `${error}`
    : typeof error === "string"
    ? error
    // Not every value can become a string: symbols, objects of no prototype.
    : Deno.inspect(error);
  const lines = text.split(/\r\n|[\r\n]/).map(escapeInvisible);
  return `${time.toISOString()} error ${lines.join("\n    ")}`;
}

function formatValue(value: string | number | undefined): string {
  if (value === undefined) return "-";
  const text = `${value}`;
  // What is plainly one word needs no quotes; "-" alone stands for no value.
  return /^[\w./:%?&@~+*,;!()[\]#$-]+$/.test(text) && text !== "-"
    ? text
    : escapeInvisible(JSON.stringify(text));
}

/**
 * Escapes, as JSON does, what JSON leaves as it is but a terminal or a viewer
 * obeys: controls, line separators and marks that turn the direction of text.
 */
function escapeInvisible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) =>
      character.split("").map((unit) =>
        `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
      ).join(""),
  );
}
