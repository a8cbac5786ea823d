/**
 * Measures the service against a bare handler and other servers (Linux).
 *
 *     deno task bench --help
 *
 * @module
 */

import { processTree } from "../support/proc.ts";
import { HELP, parseOptions, UsageError } from "./options.ts";
import { describeMachine, formatReport, toJson } from "./report.ts";
import { findPinning, killAll, run } from "./run.ts";

/** Runs the benchmark; gives the exit code. */
async function main(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (Deno.build.os !== "linux") {
    throw new Error("Cannot measure: the benchmark needs Linux");
  }
  // That a file cannot be written is better known before than after.
  if (options.json) Deno.writeTextFileSync(options.json, "");
  const folder = Deno.makeTempDirSync({ prefix: "wsecho-bench-" });
  addEventListener("unload", () => {
    killAll(processTree([Deno.pid]).slice(1), "SIGKILL");
    Deno.removeSync(folder, { recursive: true });
  });
  const machine = await describeMachine();
  const pinning = await findPinning();
  const outcome = await run(options, pinning, folder);
  const report = { machine, options, pinning, outcome };
  console.log(formatReport(report));
  if (options.json) Deno.writeTextFileSync(options.json, toJson(report));
  return Object.keys(outcome.failed).length > 0 ? 1 : 0;
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => Deno.exit(130));
  }
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}
