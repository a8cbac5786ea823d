/**
 * Measures the service against a bare handler and other servers (Linux).
 *
 *     deno task bench --help
 *
 * @module
 */

import { processTree } from "../support/proc.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { describeRun, formatReport } from "./report.ts";
import { findPinning, killAll, run } from "./run.ts";

/** Measures what the options ask for; gives the exit code. */
async function main(options: Options): Promise<number> {
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (Deno.build.os !== "linux") throw new Error("it needs Linux");
  // That a file cannot be written is better known before than after.
  if (options.json) Deno.writeTextFileSync(options.json, "");
  const folder = Deno.makeTempDirSync({ prefix: "wsecho-bench-" });
  addEventListener("unload", () => {
    killAll(processTree([Deno.pid]).slice(1), "SIGKILL");
    Deno.removeSync(folder, { recursive: true });
  });
  const pinning = await findPinning();
  const outcome = await run(options, pinning, folder);
  const report = await describeRun(options, pinning, outcome);
  console.log(formatReport(report));
  if (options.json) {
    Deno.writeTextFileSync(options.json, JSON.stringify(report, null, 2));
  }
  return Object.keys(outcome.failed).length > 0 ? 1 : 0;
}

if (import.meta.main) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => Deno.exit(130));
  }
  let mistake = 2;
  try {
    const options = parseOptions(Deno.args);
    mistake = 1;
    Deno.exit(await main(options));
  } catch (error) {
    console.error(`Cannot measure: ${(error as Error).message}`);
    Deno.exit(mistake);
  }
}
