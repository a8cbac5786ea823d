/** Lets all targets take turns at all loads. */

import { LOADS } from "./loads.ts";
import { type IdleFigures, type LoadFigures, runJob } from "./measure.ts";
import { type Options, TARGET } from "./options.ts";
import type { Pinning } from "./pinning.ts";
import type { Progress } from "./progress.ts";
import { Results } from "./results.ts";
import { Server } from "./server.ts";
import type { Target } from "./targets.ts";

/** What a run gave. */
export interface Run {
  results: Results;
  /** Why targets dropped out, by name. */
  failures: Map<string, string>;
}

export interface RunOptions
  extends Pick<Options, "rounds" | "seconds" | "warmUp" | "loads"> {
  targets: readonly Target[];
  pinning: Pinning;
  progress?: Progress;
  /** Ends the run early, with the signal's reason. */
  signal?: AbortSignal;
}

/** The same targets, another one first each time. */
function rotate<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * Runs every load in every round, with a fresh server for each turn, so that
 * the largest memory is that load's own and no turn inherits another's garbage.
 * A target that fails drops out; that the bare handler fails is an error.
 */
export async function run(options: RunOptions): Promise<Run> {
  const { targets, progress } = options;
  const results = new Results();
  const failures = new Map<string, string>();
  for (let round = 1; round <= options.rounds; round++) {
    for (const [index, load] of options.loads.entries()) {
      const title = LOADS.find(({ id }) => id === load)?.title ??
        "idle connections";
      for (const target of rotate(targets, round - 1 + index)) {
        if (!failures.has(target.name)) {
          progress?.show(`round ${round}, ${target.name}: ${title}`);
          try {
            const figures = await takeTurn(target, load, options);
            results.add({ round, load, target: target.name, figures });
          } catch (error) {
            options.signal?.throwIfAborted();
            if (target.name === TARGET.bare) throw error;
            const reason = firstLine((error as Error).message);
            failures.set(target.name, `${reason} (load ${load})`);
          }
        }
        progress?.advance();
      }
    }
  }
  return { results, failures };
}

/** What fits a table's row: the rest may be a page that a server answered. */
function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.slice(0, 200).replaceAll("|", "/");
}

async function takeTurn(
  target: Target,
  load: string,
  { pinning, seconds, warmUp, signal }: RunOptions,
): Promise<LoadFigures | IdleFigures> {
  await using server = await Server.start(target, pinning, signal);
  const { port, pids } = server;
  const { path } = target;
  return await runJob(
    { load, port, path, pids, seconds, warmUp },
    pinning,
    signal,
  );
}
