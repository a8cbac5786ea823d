import { ServiceProcess } from "../support/process.ts";
import { timesAsleep } from "../support/proc.ts";
import { until } from "../support/wait.ts";
import { Bystander, greet, pause } from "./clients.ts";
import type { Part, PartOptions, Totals } from "./part.ts";
import { addTotals, noTotals, ServiceLog } from "./service_log.ts";

/** How long the idle service is observed, in milliseconds. */
const QUIET_MS = 500;
/** An idle service wakes up a few times in it; a timer of 10 ms, 50 times. */
const MAX_WAKEUPS = 25;

/**
 * Runs a part against a service of its own, with a bystander connected, and
 * checks that afterwards a newcomer is served, no connection, timer or
 * descriptor is left, and the service ends in good order.
 *
 * @returns what the part has to tell, one note per line
 * @throws {Error} naming what did not hold
 */
export async function runPart(
  part: Part,
  options: PartOptions,
): Promise<string[]> {
  const spawn = {
    ...part.service,
    args: ["--log", "json", ...part.service?.args ?? []],
  };
  await using service = await ServiceProcess.start(spawn);
  const log = new ServiceLog(service);
  const totals = noTotals();
  // The first connection makes the runtime open what it keeps open.
  addTotals(totals, await greet(service.port));
  await until(() => log.open === 0, "the first connection is closed");

  const bystander = await Bystander.connect(service.port);
  await until(() => log.open === 1, "the bystander is connected");
  const descriptors = service.descriptors();
  const run = part.run({ service, log, spawn, descriptors }, options);
  const outcome = await run.catch(async (error) => {
    // Closed, so that it does not outlive the part; the part's error counts.
    await bystander.close().catch(() => {});
    throw error;
  });
  addTotals(totals, await bystander.close());
  addTotals(totals, await greet(service.port));

  await until(() => log.open === 0, "all connections are closed");
  const allowed = descriptors - 1 + (outcome.maxLeaked ?? 0);
  await until(
    () => service.descriptors() <= allowed,
    `at most ${allowed} descriptors are open`,
  );
  await becomesQuiet(service.pid);
  const leaked = service.descriptors() - (descriptors - 1);
  await endsWell(service, log);
  if (outcome.totals) {
    addTotals(totals, outcome.totals);
    checkTotals(log.totals, totals);
  }
  return [
    ...outcome.notes,
    `${log.opened} connections, the bystander waited at most ${
      Math.round(bystander.slowest)
    } ms`,
    ...leaked > 0 ? [`${leaked} descriptors lost by the platform`] : [],
  ];
}

/** Waits until the idle service sleeps: never while a short timer is left. */
async function becomesQuiet(pid: number) {
  await until(async () => {
    const before = timesAsleep(pid);
    await pause(QUIET_MS);
    return timesAsleep(pid) - before <= MAX_WAKEUPS;
  }, "no timer is left");
}

/** Ends the service with SIGTERM and checks how it ended, and its log. */
async function endsWell(service: ServiceProcess, log: ServiceLog) {
  const code = await service.stop("SIGTERM");
  const faults = [
    ...code === 0 ? [] : [`it ended with ${code}`],
    ...service.errorLines.slice(0, 20),
    ...log.unexpected.slice(0, 3),
    ...log.open === 0 ? [] : [`it logged ${log.open} opens without a close`],
  ];
  if (faults.length > 0) {
    throw new Error(`The service did not end well: ${faults.join("; ")}`);
  }
}

/** Compares what the service has logged with what its clients have seen. */
function checkTotals(logged: Totals, seen: Totals) {
  const [log, clients] = [logged, seen].map((totals) => JSON.stringify(totals));
  if (log !== clients) {
    throw new Error(`The service logged ${log}, its clients saw ${clients}`);
  }
}
