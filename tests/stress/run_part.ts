import { ServiceProcess } from "../support/process.ts";
import { timesAsleep } from "../support/proc.ts";
import { until } from "../support/wait.ts";
import { Bystander, greet, pause } from "./clients.ts";
import type { Outcome, Part, RandomOptions, Stage } from "./part.ts";
import { noTotals, ServiceLog } from "./service_log.ts";

/** How long the idle service is observed, in milliseconds. */
const QUIET_MS = 500;
/** An idle service wakes up a few times in it; a timer of 10 ms, 50 times. */
const MAX_WAKEUPS = 25;

/**
 * Runs a part against a service of its own, with a bystander connected, and
 * checks that afterwards a newcomer is served, no connection, timer or
 * descriptor is left, and the service ends in good order.
 *
 * @param size share of the full size
 * @returns what the part has to tell, one note per line
 * @throws {Error} naming what did not hold
 */
export async function runPart(
  part: Part,
  size: number,
  random: RandomOptions,
): Promise<string[]> {
  const spawn = {
    ...part.service,
    args: ["--log", "json", ...part.service?.args ?? []],
  };
  await using service = await ServiceProcess.start(spawn);
  const log = new ServiceLog(service);
  const totals = noTotals();
  // The first connection makes the runtime open what it keeps open.
  await greet(service.port, totals);
  await until(
    () => log.open() === 0 && log.closed === 1,
    "the first connection is closed",
  );
  const bystander = new Bystander(service.port, totals);
  await until(() => log.open() === 1, "the bystander is connected");
  const descriptors = service.descriptors();
  const stage = { service, log, spawn, descriptors, totals, random };
  let outcome: Outcome;
  try {
    outcome = await part.run(stage, size);
  } catch (error) {
    // What the part found says more than what the bystander may have felt.
    await bystander.leave().catch(() => {});
    throw error;
  }
  await bystander.leave();
  await greet(service.port, totals);
  const leaked = await settle(stage, outcome);
  await endWell(stage);
  if (part.countsAll) checkTotals(stage);
  return [
    ...outcome.notes,
    `${log.opened} connections, the bystander waited ${
      Math.ceil(bystander.slowest)
    } ms at most`,
    ...leaked > 0 ? [`${leaked} descriptors lost by the platform`] : [],
  ];
}

/**
 * Waits until nothing is left of the connections.
 *
 * @returns how many descriptors are left all the same, where that is allowed
 */
async function settle(
  { service, log, descriptors }: Stage,
  { maxLeaked = 0 }: Outcome,
): Promise<number> {
  await until(() => log.open() === 0, "all connections are closed");
  const leaked = () => service.descriptors() - (descriptors - 1);
  await until(
    () => leaked() <= maxLeaked,
    `at most ${maxLeaked} descriptors are left`,
  );
  await until(async () => {
    const before = timesAsleep(service.pid);
    await pause(QUIET_MS);
    return timesAsleep(service.pid) - before <= MAX_WAKEUPS;
  }, "no timer is left");
  return leaked();
}

/** Ends the service with SIGTERM, and checks how it ended and its log. */
async function endWell({ service, log }: Stage) {
  const code = await service.stop("SIGTERM");
  const open = log.open();
  const faults = [
    ...code === 0 ? [] : [`it ended with ${code}`],
    ...service.errorLines.slice(0, 20),
    ...log.unexpected.slice(0, 3),
    ...open === 0 ? [] : [`it logged ${open} opens without a close`],
  ];
  if (faults.length > 0) {
    throw new Error(`The service did not end well: ${faults.join("; ")}`);
  }
}

/** Compares what the service has logged with what its clients have counted. */
function checkTotals({ log, totals }: Stage) {
  const [logged, counted] = [log.totals, totals].map((t) => JSON.stringify(t));
  if (logged !== counted) {
    throw new Error(`The log has ${logged}, its clients counted ${counted}`);
  }
}
