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
  const { failed, report, text } = options.page
    ? await measurePage(options)
    : await measureServers(options, folder);
  console.log(text);
  if (options.json) {
    Deno.writeTextFileSync(options.json, JSON.stringify(report, null, 2));
  }
  return failed ? 1 : 0;
}

async function measureServers(options: Options, folder: string) {
  const pinning = await findPinning();
  const outcome = await run(options, pinning, folder);
  const report = await describeRun(options, pinning, outcome);
  const failed = Object.keys(outcome.failed).length > 0;
  return { failed, report, text: formatReport(report) };
}

async function measurePage({ rounds, seconds }: Options) {
  // Playwright is loaded only where it is needed.
  const page = await import("./page.ts");
  const load = { ...page.PAGE_LOAD, rounds, seconds };
  const report = await page.describePage(load, await page.measurePage(load));
  return { failed: false, report, text: page.formatPage(report) };
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
