/** Medians of a run's figures, and whether they are what was promised. */

import { BARE, LOADS, PAIR, WS, WSECHO } from "./targets.ts";

/** One turn of one target at one load. */
export interface Turn {
  round: number;
  /** A load's id. */
  load: string;
  target: string;
  figures: Record<string, number>;
}

/** The middle of some numbers, or the mean of the middle two. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/**
 * The median of a figure, or nothing where it was not measured; and that of its
 * ratios to the base's, or `null` where there is none. Ratios are taken within
 * a round, as only what ran close together had the same machine.
 */
export function summarize(
  turns: readonly Turn[],
  load: string,
  target: string,
  figure: string,
  base = BARE,
) {
  const all = turns.filter((turn) => turn.load === load);
  const own = all.filter((turn) => turn.target === target);
  const value = median(own.flatMap(({ figures }) => figures[figure] ?? []));
  if (value === undefined) return undefined;
  const ratios = own.map(({ round, figures }) => {
    const turn = all.find((t) => t.target === base && t.round === round);
    return figures[figure]! / (turn?.figures[figure] ?? NaN);
  });
  return { value, ratio: median(ratios.filter(Number.isFinite)) ?? null };
}

/** All medians: by load, by target, by figure. */
export function summarizeAll(turns: readonly Turn[]) {
  type Medians = Record<string, ReturnType<typeof summarize>>;
  const all: Record<string, Record<string, Medians>> = {};
  for (const { load, target, figures } of turns) {
    const medians = (all[load] ??= {})[target] ??= {};
    for (const figure of Object.keys(figures)) {
      medians[figure] ??= summarize(turns, load, target, figure);
    }
  }
  return all;
}

/** At a load, the ratio of a target's figure to another target's has a limit. */
const GOALS = [
  ["64b", "cpuMicroseconds", "CPU/message", WSECHO, BARE, "at most", 1.05],
  ["64b-16", "cpuMicroseconds", "CPU/message", WSECHO, BARE, "at most", 1.05],
  ["16k", "p99", "p99", WSECHO, BARE, "at most", 1 / 3],
  ["16k", "messagesPerSecond", "messages/s", WSECHO, BARE, "at least", 1.25],
  ["1m", "peakBytes", "peak RSS", WSECHO, BARE, "at most", 1 / 3],
  ["idle", "1000", "at 1,000", WSECHO, BARE, "at most", 1.1],
  ["idle", "5000", "at 5,000", WSECHO, BARE, "at most", 1.1],
  ["64b", "messagesPerSecond", "messages/s", WSECHO, WS, "at least", 1],
  ["64b-16", "messagesPerSecond", "messages/s", WSECHO, WS, "at least", 1],
  ["16k", "messagesPerSecond", "messages/s", WSECHO, WS, "at least", 1],
  ["1m", "messagesPerSecond", "messages/s", WSECHO, WS, "at least", 1],
  ["64b", "cpuMicroseconds", "CPU/message", PAIR, WSECHO, "at most", 1.03],
  ["64b-16", "cpuMicroseconds", "CPU/message", PAIR, WSECHO, "at most", 1.03],
] as const;

/** Holds the service's figures against all goals that a run has figures for. */
export function judge(turns: readonly Turn[]) {
  return GOALS.flatMap(([id, figure, name, target, base, limit, bound]) => {
    const ratio = summarize(turns, id, target, figure, base)?.ratio;
    if (ratio === undefined || ratio === null) return [];
    return [{
      what: `${LOADS.find((l) => l.id === id)!.title}: ` +
        `${name} of "${target}" to that of "${base}"`,
      limit: `${limit} ${bound.toFixed(2)}`,
      ratio,
      met: limit === "at most" ? ratio <= bound : ratio >= bound,
    }];
  });
}
