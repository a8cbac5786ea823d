/** What a run says, for people and for programs. */

import os from "node:os";
import { judge, summarizeAll } from "./figures.ts";
import type { Options } from "./options.ts";
import type { Outcome, Pinning } from "./run.ts";
import { BARE, type Load, versionOf, WS_VERSION } from "./targets.ts";

/** Above this share of its core, the generator may be what is measured. */
const GENERATOR_MOST = 0.9;
/** Below this share of its cores, the server is not what is measured. */
const SERVER_LEAST = 0.85;

/** All there is to say about a run; it can be written as JSON. */
export type Report = Awaited<ReturnType<typeof describeRun>>;

/** Adds to a run's figures what was measured, where, and what it means. */
export async function describeRun(
  { rounds, seconds, warmUp, loads, targets }: Options,
  pinning: Pinning,
  { turns, skipped, failed }: Outcome,
) {
  return {
    machine: await describeMachine(),
    options: { rounds, seconds, warmUp },
    pinning,
    loads,
    targets: targets.map(({ name }) => name),
    skipped,
    failed,
    medians: summarizeAll(turns),
    goals: judge(turns),
    turns,
  };
}

/** The machine and the programs of a run. */
export async function describeMachine() {
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
export function digits(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

type Column = [title: string, figure: string, format: (x: number) => string];

const TRAFFIC_COLUMNS: readonly Column[] = [
  ["messages/s", "messagesPerSecond", whole],
  ["per core", "messagesPerCore", whole],
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

/** A Markdown table: the first column to the left, figures to the right. */
export function formatTable([head = [], ...rows]: string[][]): string {
  const widths = head.map((title, i) =>
    Math.max(3, title.length, ...rows.map((row) => row[i]!.length))
  );
  const rule = widths.map((width, i) =>
    "-".repeat(width - 1) + (i ? ":" : "-")
  );
  return [head, rule, ...rows].map((row) => {
    const cells = row.map((cell, i) =>
      i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)
    );
    return `| ${cells.join(" | ")} |`;
  }).join("\n");
}

/** One load's table. */
function formatLoad(load: Load, { medians, targets }: Report): string {
  const columns = columnsOf(load);
  const rows = targets.flatMap((name) => {
    const figures = medians[load.id]?.[name];
    if (!figures) return [];
    const cells = columns.map(([, figure, format]) => {
      const { value, ratio } = figures[figure]!;
      const compared = ratio !== null && name !== BARE &&
        !figure.endsWith("Share");
      return format(value) + (compared ? ` (${ratio.toFixed(2)}x)` : "");
    });
    return [[name, ...cells]];
  });
  const head = ["target", ...columns.map(([title]) => title)];
  return `${load.title}:\n\n${formatTable([head, ...rows])}`;
}

/** What is missing, and what a reader could take for more than it is. */
function formatNotes({ failed, skipped, medians }: Report): string[] {
  const doubtful = Object.entries(medians).flatMap(([load, targets]) =>
    Object.entries(targets).filter(([, { serverShare, generatorShare }]) =>
      generatorShare && serverShare &&
      (generatorShare.value > GENERATOR_MOST ||
        serverShare.value < SERVER_LEAST)
    ).map(([name]) => `"${name}" at ${load}`)
  );
  return [
    ...Object.entries(skipped).map(([name, why]) => `${name}: skipped: ${why}`),
    ...Object.entries(failed).map(([name, why]) => `${name}: failed: ${why}`),
    ...(doubtful.length > 0
      ? [
        `Warning: the generator was nearly at its limit, or the server was ` +
        `not busy, as something else was; do not trust ${doubtful.join(", ")}.`,
      ]
      : []),
  ];
}

/** The report for people: Markdown, which reads well on a terminal as well. */
export function formatReport(report: Report): string {
  const { machine, options, pinning, loads, goals } = report;
  const { rounds, seconds, warmUp } = options;
  const cores = pinning.generator.length > 0
    ? `servers on core ${pinning.servers}, generator on ${pinning.generator}`
    : "nothing pinned, which needs taskset and two cores";
  const verdicts = goals.map(({ what, limit, ratio, met }) => [
    ...[what, limit, ratio.toFixed(ratio < 0.1 ? 3 : 2)],
    met ? "met" : "missed",
  ]);
  const head = ["goal, as a ratio", "limit", "measured", "verdict"];
  return [
    Object.values(machine).join("; "),
    `Medians of ${rounds} round${rounds === 1 ? "" : "s"}, ${seconds} s per ` +
    `load after ${warmUp} s of warm-up; ${cores}. In brackets: the median of the ratios to ${BARE} ` +
    `within each round.`,
    ...loads.map((load) => formatLoad(load, report)),
    ...(goals.length > 0 ? [formatTable([head, ...verdicts])] : []),
    ...formatNotes(report),
  ].join("\n\n");
}
