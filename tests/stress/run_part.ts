import { setTimeout as pause } from "node:timers/promises";
import { assertEquals } from "@std/assert";
import { ServiceProcess } from "../support/process.ts";
import { growth, timesAsleep } from "../support/proc.ts";
import { until } from "../support/wait.ts";
import { Bystander, untilServed } from "./bystander.ts";
import { atMost, type Part, type Stage } from "./part.ts";
import { noTotals, ServiceLog } from "./service_log.ts";

/**
 * Runs a part against a service of its own, with a bystander connected, and
 * checks that afterwards a new client is served, no connection, timer or
 * descriptor is left, and the service ends in good order.
 *
 * @returns figures, one per line
 * @throws {Error} naming what did not hold
 */
export async function runPart(
  part: Part,
  size: number,
  seed: number,
): Promise<string[]> {
  const args = ["--log", "json", ...part.service?.args ?? []];
  const spawn = { ...part.service, args };
  await using service = await ServiceProcess.start(spawn);
  const log = new ServiceLog(service, part.expects);
  const totals = noTotals();
  // The first connection makes the runtime open what it keeps open.
  await untilServed(service.port, totals);
  await until(() => log.open() === 0 && log.closed === 1, "it is closed");

  const bystander = await Bystander.connect(service, totals);
  await until(() => log.open() === 1, "the bystander is connected");
  const stage: Stage = {
    ...{ service, log, spawn, totals, seed, maxLeaked: 0 },
    descriptors: service.descriptors(),
  };
  const notes = await part.run(stage, size)
    .finally(() => bystander.end().catch(() => {}));
  await bystander.end();
  const { losses, waits } = bystander;
  if (!part.expects?.includes("recycled")) assertEquals(losses, []);
  const wait = await untilServed(service.port, totals);
  const newcomer = atMost(2_000, wait, "a newcomer afterwards waited, ms");
  const leaked = await settle(stage);
  const code = await service.stop("SIGTERM");
  const { errorLines } = service;
  assertEquals(
    { open: log.open(), code, errorLines, unexpected: log.unexpected },
    { open: 0, code: 0, errorLines: [], unexpected: [] },
  );
  if (part.countsAll) assertEquals(log.totals, totals);
  return [
    ...notes,
    `${log.opened} connections`,
    newcomer,
    `the bystander waited ${Math.ceil(Math.max(...waits))} ms at most` +
    (losses.length > 0 ? ` and was cut ${losses.length} times` : ""),
    ...leaked > 0 ? [`${leaked} descriptors lost by the platform`] : [],
  ];
}

/** Waits until nothing is left but what may be; returns what that is. */
async function settle({ service, log, descriptors, maxLeaked }: Stage) {
  await until(() => log.open() === 0, "all connections are closed");
  const leaked = () => service.descriptors() - (descriptors - 1);
  await until(
    () => leaked() <= maxLeaked,
    `at most ${maxLeaked} descriptors are left`,
  );
  await until(async () => {
    const before = timesAsleep(service.pid);
    await pause(500);
    const times = growth(before, timesAsleep(service.pid)).values();
    // A worker's own timer wakes it up 25 times, one of 10 ms would 50 times
    // more.
    return Math.max(...times) <= 50;
  }, "no timer is left");
  return leaked();
}
