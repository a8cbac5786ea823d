/**
 * A service of two workers that have faults on demand, see faulty_worker.ts. It
 * logs as main.ts does with `--log json`, and ends by SIGTERM.
 *
 * @module
 */

import { createLog } from "../../main.ts";
import { Supervisor } from "../../handlers/workers/supervisor.ts";

const logOptions = { format: "json", verbose: false } as const;
const log = createLog(logOptions, console.log);
const supervisor = await Supervisor.start({
  workers: 2,
  service: { port: 0 },
  logOptions,
  log,
  writeLines: console.log,
  writeError: console.error,
  module: new URL("faulty_worker.ts", import.meta.url),
});
log.write({ event: "listening", page: supervisor.urls.page });
Deno.addSignalListener("SIGTERM", async () => {
  await supervisor.shutdown(5);
  Deno.exit();
});
