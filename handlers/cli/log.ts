import type { Log, LogEntry } from "../websocket/log.ts";
import { escapeUnits } from "../websocket/text.ts";

/** A format of the log; "off" writes nothing. */
export type LogFormat = "text" | "json" | "off";

/** The formats of the log. */
export const LOG_FORMATS: readonly LogFormat[] = ["text", "json", "off"];

/** Settings of {@link createLog}. */
export interface LogOptions {
  /** How entries are written. */
  format: LogFormat;
  /** Whether messages are logged as well. */
  verbose: boolean;
}

/**
 * Creates a log that writes each entry as one line, without the line break.
 * Text from a client is escaped, so that it cannot forge a line.
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
 * Formats an error with its stack. Lines after the first are indented, so that
 * text from a client cannot pass for a log entry.
 */
export function formatError(error: unknown, time: Date): string {
  const text = error instanceof Error
    ? error.stack ?? `${error}`
    : typeof error === "string"
    ? error
    // Symbols and objects without a prototype cannot become a string.
    : Deno.inspect(error);
  const lines = text.split(/\r\n|[\r\n]/).map(escapeInvisible);
  return `${time.toISOString()} error ${lines.join("\n    ")}`;
}

function formatValue(value: string | number | undefined): string {
  if (value === undefined) return "-";
  const text = `${value}`;
  // A plain word needs no quotes; "-" alone stands for no value.
  return /^[\w./:%?&@~+*,;!()[\]#$-]+$/.test(text) && text !== "-"
    ? text
    : escapeInvisible(JSON.stringify(text));
}

/**
 * Escapes what JSON leaves as it is but a terminal obeys: control characters,
 * line separators and marks that change the direction of text.
 */
function escapeInvisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits);
}
