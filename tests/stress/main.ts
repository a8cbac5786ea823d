/**
 * Fuzz, faults and soak: starts the service as a process of its own, treats it
 * badly, and checks every answer. Seeded, and bounded in time and count.
 *
 * @module
 */

import { injectFaults } from "./faults.ts";
import { fuzzFrames } from "./frames.ts";
import { fuzzHandshakes } from "./handshakes.ts";
import {
  HELP,
  parseOptions,
  type Part,
  type StressOptions,
  UsageError,
} from "./options.ts";
import { formatReports, type PartReport } from "./report.ts";
import { soak } from "./soak.ts";

const RUN: Record<Part, (options: StressOptions) => Promise<PartReport>> = {
  handshakes: ({ seed, count }) => fuzzHandshakes(seed, count),
  frames: ({ seed, count }) => fuzzFrames(seed, count),
  faults: ({ seed, count }) => injectFaults(seed, count),
  soak: ({ seed, count, minutes }) => soak(seed, count, minutes),
};

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs the program; gives its exit code. */
async function main(args: string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options) return await run(options);
    console.log(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`stress: ${error.message}`);
    return 2;
  }
}

async function run(options: StressOptions): Promise<number> {
  const { seed, count, minutes, parts } = options;
  console.log(`seed ${seed}`);
  const reports: PartReport[] = [];
  for (const part of parts) {
    const start = performance.now();
    try {
      const report = await RUN[part](options);
      report.seconds = (performance.now() - start) / 1_000;
      reports.push(report);
    } catch (error) {
      console.error(`${part}: ${(error as Error).message}`);
      console.error(
        `repeat with: deno task stress --seed ${seed} --count ${count} --minutes ${minutes} --only ${part}`,
      );
      return 1;
    }
  }
  console.log(formatReports(reports));
  return 0;
}
