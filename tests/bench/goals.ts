/** What the service has promised, and whether a run shows it. */

import { IDLE_COUNTS, IDLE_ID, LOADS } from "./loads.ts";
import { TARGET } from "./options.ts";
import type { Results } from "./results.ts";

interface Goal {
  what: string;
  load: string;
  figure: string;
  base: string;
  /** The ratio to the base may be at most this, or must be at least this. */
  limit: { most: number } | { least: number };
}

/** A goal and the ratio that was measured. */
export interface Verdict {
  what: string;
  limit: string;
  ratio: number;
  met: boolean;
}

const GOALS: readonly Goal[] = [
  ...["64b", "64b-16"].map((load) => ({
    what: `CPU per message to bare's, ${title(load)}`,
    load,
    figure: "cpuMicroseconds",
    base: TARGET.bare,
    limit: { most: 1.05 },
  })),
  {
    what: "p99 to bare's, 16 KiB",
    load: "16k",
    figure: "p99",
    base: TARGET.bare,
    limit: { most: 1 / 3 },
  },
  {
    what: "messages/s to bare's, 16 KiB",
    load: "16k",
    figure: "messagesPerSecond",
    base: TARGET.bare,
    limit: { least: 1.25 },
  },
  {
    what: "peak RSS to bare's, 1 MiB",
    load: "1m",
    figure: "peakBytes",
    base: TARGET.bare,
    limit: { most: 1 / 3 },
  },
  ...IDLE_COUNTS.map((count) => ({
    what: `RSS per idle connection to bare's, at ${count.toLocaleString("en")}`,
    load: IDLE_ID,
    figure: String(count),
    base: TARGET.bare,
    limit: { most: 1.1 },
  })),
  ...LOADS.map(({ id }) => ({
    what: `messages/s to ws's, ${title(id)}`,
    load: id,
    figure: "messagesPerSecond",
    base: TARGET.ws,
    limit: { least: 1 },
  })),
];

function title(id: string): string {
  return LOADS.find((load) => load.id === id)!.title.replace(/,[^,]*$/, "");
}

/** Holds the service's figures against all goals that a run has figures for. */
export function judge(results: Results): Verdict[] {
  return GOALS.flatMap(({ what, load, figure, base, limit }) => {
    const ratio = results.median(load, TARGET.wsecho, figure, base)?.ratio;
    if (ratio === undefined || ratio === null) return [];
    return "most" in limit
      ? [{
        what,
        limit: `at most ${limit.most.toFixed(2)}`,
        ratio,
        met: ratio <= limit.most,
      }]
      : [{
        what,
        limit: `at least ${limit.least.toFixed(2)}`,
        ratio,
        met: ratio >= limit.least,
      }];
  });
}
