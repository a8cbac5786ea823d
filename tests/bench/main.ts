/**
 * Measures the service against a bare handler and other servers.
 *
 *     deno task bench --help
 *
 * @module
 */

import { describeMachine } from "./machine.ts";
import {
  HELP,
  type Options,
  parseOptions,
  TARGET,
  UsageError,
} from "./options.ts";
import { findPinning } from "./pinning.ts";
import { Progress } from "./progress.ts";
import { formatReport, type Report, toJson } from "./report.ts";
import { run } from "./run.ts";
import { listTargets } from "./targets.ts";
import { installWs } from "./ws_package.ts";

/** Measures all that the options ask for. */
async function measure(
  options: Options,
  signal: AbortSignal,
): Promise<Report> {
  const folder = await Deno.makeTempDir({ prefix: "wsecho-bench-" });
  try {
    const ws = options.only.includes(TARGET.ws)
      ? await installWs(folder)
      : undefined;
    const list = listTargets(options, ws);
    const pinning = await findPinning();
    const turns = options.rounds * options.loads.length * list.targets.length;
    using progress = new Progress(turns);
    return {
      machine: describeMachine(ws && "folder" in ws ? ws : undefined),
      options,
      pinning,
      list,
      run: await run({
        ...options,
        targets: list.targets,
        pinning,
        progress,
        signal,
      }),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the benchmark; gives the exit code. */
async function main(args: string[], signal: AbortSignal): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options.help) {
      console.log(HELP);
      return 0;
    }
    // That a file cannot be written is better known before than after.
    if (options.json) await Deno.writeTextFile(options.json, "");
    const report = await measure(options, signal);
    console.log(formatReport(report));
    if (options.json) {
      await Deno.writeTextFile(options.json, `${toJson(report)}\n`);
    }
    return report.run.failures.size > 0 ? 1 : 0;
  } catch (error) {
    if (signal.aborted) return 130;
    console.error(error instanceof Error ? error.message : error);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
  Deno.exit(await main(Deno.args, controller.signal));
}
