/** Prints figures as Markdown tables, which read well on a terminal, too. */

import { IDLE_COUNTS, IDLE_ID, LOADS } from "./loads.ts";
import type { Verdict } from "./goals.ts";
import { TARGET } from "./options.ts";
import type { Median, Results } from "./results.ts";

interface Column {
  title: string;
  figure: string;
  format(value: number): string;
  /** Whether a ratio to the bare handler says something here. */
  compared: boolean;
}

const KIB = 1_024;
const MIB = KIB * KIB;

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Three significant digits, but never fewer than the whole number has. */
function digits(value: number): string {
  const decimals = value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toFixed(decimals);
}

const LOAD_COLUMNS: readonly Column[] = [
  {
    title: "messages/s",
    figure: "messagesPerSecond",
    format: (value) => Math.round(value).toLocaleString("en"),
    compared: true,
  },
  {
    title: "CPU/message",
    figure: "cpuMicroseconds",
    format: (value) => `${digits(value)} µs`,
    compared: true,
  },
  {
    title: "p50",
    figure: "p50",
    format: (value) => `${digits(value)} ms`,
    compared: true,
  },
  {
    title: "p99",
    figure: "p99",
    format: (value) => `${digits(value)} ms`,
    compared: true,
  },
  {
    title: "peak RSS",
    figure: "peakBytes",
    format: (value) => `${Math.round(value / MIB)} MiB`,
    compared: true,
  },
  {
    title: "server busy",
    figure: "serverShare",
    format: percent,
    compared: false,
  },
  {
    title: "generator busy",
    figure: "generatorShare",
    format: percent,
    compared: false,
  },
];

const IDLE_COLUMNS: readonly Column[] = IDLE_COUNTS.map((count) => ({
  title: `at ${count.toLocaleString("en")}`,
  figure: String(count),
  format: (value) => `${digits(value / KIB)} KiB`,
  compared: true,
}));

/** A target and, where it has no figures, why. */
export interface TableTarget {
  name: string;
  /** Such as "skipped: Node.js is not present". */
  instead?: string;
}

/** One row of cells, or one text in place of all but the first. */
type Line = string[] | { first: string; instead: string };

/** Lines up cells: the first column to the left, figures to the right. */
export function formatTable(head: string[], lines: readonly Line[]): string {
  const rows = [head, ...lines.filter(Array.isArray)];
  const widths = head.map((_, i) =>
    Math.max(3, ...rows.map((row) => row[i]?.length ?? 0))
  );
  for (const line of lines) {
    const first = Array.isArray(line) ? line[0] : line.first;
    widths[0] = Math.max(widths[0]!, first?.length ?? 0);
  }
  const cell = (text: string, i: number) =>
    i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
  const print = (row: string[]) => `| ${row.map(cell).join(" | ")} |`;
  return [
    print(head),
    `| ${
      widths.map((width, i) =>
        i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
      ).join(" | ")
    } |`,
    ...lines.map((line) =>
      Array.isArray(line)
        ? print(line)
        : `| ${cell(line.first, 0)} | ${line.instead} |`
    ),
  ].join("\n");
}

function formatMedian(
  median: Median | undefined,
  column: Column,
  target: string,
): string {
  if (!median) return "-";
  const text = column.format(median.value);
  if (!column.compared || target === TARGET.bare || median.ratio === null) {
    return text;
  }
  return `${text} (${median.ratio.toFixed(2)}x)`;
}

/** All loads' tables, for the targets in the given order. */
export function formatResults(
  results: Results,
  targets: readonly TableTarget[],
  loads: readonly string[],
): string {
  const parts = loads.map((load) => {
    const idle = load === IDLE_ID;
    const title = idle
      ? "RSS per idle connection"
      : LOADS.find(({ id }) => id === load)!.title;
    const columns = idle ? IDLE_COLUMNS : LOAD_COLUMNS;
    const lines = targets.map(({ name, instead }): Line =>
      instead ? { first: name, instead } : [
        name,
        ...columns.map((column) =>
          formatMedian(results.median(load, name, column.figure), column, name)
        ),
      ]
    );
    const head = ["target", ...columns.map((column) => column.title)];
    return `${title}:\n\n${formatTable(head, lines)}`;
  });
  return parts.join("\n\n");
}

/** The goals' table. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  return formatTable(
    ["goal, as a ratio", "limit", "measured", ""],
    verdicts.map(({ what, limit, ratio, met }) => [
      what,
      limit,
      ratio.toFixed(ratio < 0.1 ? 3 : 2),
      met ? "met" : "missed",
    ]),
  );
}
