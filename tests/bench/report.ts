/** What a run says, as text and as JSON. */

import { judge, type Verdict } from "./goals.ts";
import { LOADS } from "./loads.ts";
import { formatMachine, type Machine } from "./machine.ts";
import { type Options, TARGET } from "./options.ts";
import type { Pinning } from "./pinning.ts";
import type { Run } from "./run.ts";
import { formatResults, formatVerdicts } from "./table.ts";
import type { TargetList } from "./targets.ts";

/** Above this share of its core, the generator may be what is measured. */
const GENERATOR_LIMIT = 0.9;
/** Where server and generator are both below this, something else was busy. */
const IDLE_LIMIT = 0.85;

/** All there is to say about a run. */
export interface Report {
  machine: Machine;
  options: Options;
  pinning: Pinning;
  list: TargetList;
  run: Run;
}

/** The report for people: Markdown. */
export function formatReport(report: Report): string {
  const { machine, options, list, run: { results, failures } } = report;
  const measured = list.targets.map(({ name }) => {
    const failure = failures.get(name);
    return failure ? { name, instead: `failed: ${failure}` } : { name };
  });
  const skipped = list.skipped.map(({ name, reason }) => ({
    name,
    instead: `skipped: ${reason}`,
  }));
  const verdicts = judge(results);
  return [
    formatMachine(machine),
    formatMethod(report),
    formatResults(results, [...measured, ...skipped], options.loads),
    ...(verdicts.length > 0 ? [formatVerdicts(verdicts)] : []),
    ...formatNotes(report),
  ].join("\n\n");
}

function formatMethod({ options, pinning }: Report): string {
  const { rounds, seconds, warmUp } = options;
  const cores = pinning.generator === undefined
    ? ""
    : `; servers on core ${
      pinning.servers.join(" and ")
    }, generator on core ${pinning.generator}`;
  return `Medians of ${rounds} ${rounds === 1 ? "round" : "rounds"}, ` +
    `${seconds} s per load after ${warmUp} s of warm-up${cores}. In brackets: ` +
    `the median of the ratios to ${TARGET.bare} within each round.`;
}

/** What a reader could take the figures for, and should not. */
function formatNotes({ pinning, list, run: { results } }: Report): string[] {
  const notes: string[] = [];
  if (pinning.generator === undefined) {
    notes.push("Note: nothing was pinned; this needs taskset and two cores.");
  }
  const cores = pinning.servers.length;
  if (cores === 1 && list.targets.some(({ processes }) => processes > 1)) {
    notes.push(
      `Note: this machine has no third core, so the processes of ` +
        `"${TARGET.pair}" share one: the row shows what sharing costs, not ` +
        `what a second core gains.`,
    );
  }
  const limited: string[] = [];
  const disturbed: string[] = [];
  for (const { id } of LOADS) {
    for (const { name } of list.targets) {
      const share = (figure: string) =>
        results.median(id, name, figure)?.value ?? NaN;
      const generator = share("generatorShare");
      const where = `"${name}" at ${id}`;
      if (generator > GENERATOR_LIMIT) limited.push(where);
      else if (generator < IDLE_LIMIT && share("serverShare") < IDLE_LIMIT) {
        disturbed.push(where);
      }
    }
  }
  if (limited.length > 0) {
    notes.push(
      `Warning: the generator used more than ${GENERATOR_LIMIT * 100} % of a ` +
        `core, so messages/s may be its limit, not the server's: ` +
        `${limited.join(", ")}.`,
    );
  }
  if (disturbed.length > 0) {
    notes.push(
      `Warning: neither server nor generator was busy; if something else on ` +
        `this machine was, these figures are not to be trusted: ` +
        `${disturbed.join(", ")}.`,
    );
  }
  return notes;
}

/** The report for programs: every turn, all medians, the goals. */
export function toJson(report: Report): string {
  const { machine, options, pinning, list, run: { results, failures } } =
    report;
  const goals: Verdict[] = judge(results);
  return JSON.stringify(
    {
      machine,
      options,
      pinning,
      targets: list.targets.map(({ name }) => name),
      skipped: list.skipped,
      failed: Object.fromEntries(failures),
      medians: results.summary(),
      goals,
      turns: results.turns,
    },
    null,
    2,
  );
}
