/** What a run says, for people and for programs. */

import os from "node:os";
import { judge, summarize, summarizeAll } from "./figures.ts";
import type { Options } from "./options.ts";
import type { Outcome, Pinning } from "./run.ts";
import { BARE, type Load, versionOf, WS_VERSION } from "./targets.ts";

/** Above this share of its core, the generator may be what is measured. */
const GENERATOR_LIMIT = 0.9;
/** Where server and generator are both below this, something else was busy. */
const IDLE_LIMIT = 0.85;

/** All there is to say about a run. */
export interface Report {
  machine: Record<string, string>;
  options: Options;
  pinning: Pinning;
  outcome: Outcome;
}

/** What a reader must know of this machine to judge the figures. */
export async function describeMachine(): Promise<Record<string, string>> {
  const cpus = os.cpus();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  return {
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    processor: `${cpus[0]?.model.trim()}, ${cpus.length} cores, ${memory}`,
    system: `${os.type()} ${os.release()}`,
    deno: `Deno ${Deno.version.deno}`,
    node: `Node.js ${await versionOf("node") ?? "-"}, ws ${WS_VERSION}`,
  };
}

/** Three significant digits, but never fewer than the whole number has. */
function digits(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0);
}

type Column = [title: string, figure: string, format: (x: number) => string];

const TRAFFIC_COLUMNS: readonly Column[] = [
  [
    "messages/s",
    "messagesPerSecond",
    (x) => Math.round(x).toLocaleString("en"),
  ],
  ["CPU/message", "cpuMicroseconds", (x) => `${digits(x)} µs`],
  ["p50", "p50", (x) => `${digits(x)} ms`],
  ["p99", "p99", (x) => `${digits(x)} ms`],
  ["peak RSS", "peakBytes", (x) => `${Math.round(x / 2 ** 20)} MiB`],
  ["server busy", "serverShare", (x) => `${Math.round(x * 100)} %`],
  ["generator busy", "generatorShare", (x) => `${Math.round(x * 100)} %`],
];

/** The figures of a load, in the table's order. */
function columnsOf(load: Load): readonly Column[] {
  if (!("counts" in load)) return TRAFFIC_COLUMNS;
  return load.counts.map((count) => [
    `at ${count.toLocaleString("en")}`,
    `${count}`,
    (x) => `${digits(x / 1_024)} KiB`,
  ]);
}

/**
 * A Markdown table: the first column to the left, figures to the right. A row
 * of two cells in a wider table has a text instead of figures.
 */
export function formatTable(head: string[], rows: string[][]): string {
  const widths = head.map((title, i) => {
    const cells = rows.filter((row) => i === 0 || row.length === head.length)
      .map((row) => row[i]!.length);
    return Math.max(3, title.length, ...cells);
  });
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [head, rule, ...rows].map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    );
    return `| ${cells.join(" | ")} |`;
  }).join("\n");
}

/** One load's table. */
function formatLoad(load: Load, { targets }: Options, outcome: Outcome) {
  const { turns, skipped, failed } = outcome;
  const columns = columnsOf(load);
  const rows = targets.map(({ name }) => {
    if (name in skipped) return [name, `skipped: ${skipped[name]}`];
    if (name in failed) return [name, `failed: ${failed[name]}`];
    const cells = columns.map(([, figure, format]) => {
      const { value, ratio } = summarize(turns, load.id, name, figure)!;
      const compared = ratio !== null && name !== BARE &&
        !figure.endsWith("Share");
      return format(value) + (compared ? ` (${ratio.toFixed(2)}x)` : "");
    });
    return [name, ...cells];
  });
  const head = ["target", ...columns.map(([title]) => title)];
  return `${load.title}:\n\n${formatTable(head, rows)}`;
}

/** What a reader could take the figures for, and should not. */
function formatNotes({ options, pinning, outcome }: Report): string[] {
  const cores = pinning.servers.length;
  return options.targets.flatMap(({ name, processes = 1, listeners }) => {
    const notes: string[] = [];
    if (cores > 0 && cores < (listeners ?? processes)) {
      notes.push(
        `Note: "${name}" has fewer cores than listeners: it shows what sharing ` +
          `a port costs, not what another core gains.`,
      );
    }
    for (const { id } of options.loads) {
      const [server, generator] = ["serverShare", "generatorShare"].map((x) =>
        summarize(outcome.turns, id, name, x)?.value ?? NaN
      );
      if (generator! > GENERATOR_LIMIT) {
        notes.push(
          `Warning: "${name}" at ${id}: the generator needed nearly all of its ` +
            `core, so messages/s may be its limit, not the server's.`,
        );
      } else if (generator! < IDLE_LIMIT && server! < IDLE_LIMIT) {
        notes.push(
          `Warning: "${name}" at ${id}: neither server nor generator was busy; ` +
            `if something else was, these figures are not to be trusted.`,
        );
      }
    }
    return notes;
  });
}

/** The report for people: Markdown, which reads well on a terminal as well. */
export function formatReport(report: Report): string {
  const { machine, options, pinning, outcome } = report;
  const { rounds, seconds, warmUp, loads } = options;
  const cores = pinning.generator.length > 0
    ? `servers on core ${pinning.servers}, generator on ${pinning.generator}`
    : "nothing pinned, which needs taskset and two cores";
  const verdicts = judge(outcome.turns).map(({ what, limit, ratio, met }) => [
    ...[what, limit, ratio.toFixed(ratio < 0.1 ? 3 : 2)],
    met ? "met" : "missed",
  ]);
  return [
    Object.values(machine).join("; "),
    `Medians of ${rounds} rounds, ${seconds} s per load after ${warmUp} s of ` +
    `warm-up; ${cores}. In brackets: the median of the ratios to ${BARE} ` +
    `within each round.`,
    ...loads.map((load) => formatLoad(load, options, outcome)),
    ...(verdicts.length > 0
      ? [formatTable(["goal, as a ratio", "limit", "measured", ""], verdicts)]
      : []),
    ...formatNotes(report),
  ].join("\n\n");
}

/** The report for programs, JSON: every turn, all medians, the goals. */
export function toJson({ machine, options, pinning, outcome }: Report): string {
  const { rounds, seconds, warmUp, loads, targets } = options;
  const { turns, skipped, failed } = outcome;
  const report = {
    machine,
    options: { rounds, seconds, warmUp, loads: loads.map(({ id }) => id) },
    pinning,
    targets: targets.map(({ name }) => name),
    skipped,
    failed,
    medians: summarizeAll(turns),
    goals: judge(turns),
    turns,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
