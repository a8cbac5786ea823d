import type { OptionRow } from "./options.ts";

/** The text of `--help`. */
export function formatHelp(options: readonly OptionRow[]): string {
  const rows = options.map((row) =>
    [formatUsage(row), formatMeaning(row)] as const
  );
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [
    "Serves WebSocket endpoints that answer every message, and a page to try",
    "them.",
    "",
    "Usage: wsecho [OPTION]...",
    "",
    ...rows.map(([usage, meaning]) => `  ${usage.padEnd(width)}  ${meaning}`),
    "",
    "Options with ... may be given several times.",
  ].join("\n");
}

function formatUsage({ name, value, multiple }: OptionRow): string {
  return `--${name}${value ? ` ${value}` : ""}${multiple ? " ..." : ""}`;
}

function formatMeaning({ help, default: value }: OptionRow): string {
  return value === undefined ? help : `${help} [${value}]`;
}
