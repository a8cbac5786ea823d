import { setTimeout as pause } from "node:timers/promises";
import { assertEquals } from "@std/assert";
import { ServiceProcess } from "../support/process.ts";
import { timesAsleep } from "../support/proc.ts";
import { until } from "../support/wait.ts";
import { SteadyClient } from "./clients.ts";
import type { Part, Stage } from "./part.ts";
import { noTotals, ServiceLog, type Totals } from "./service_log.ts";

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
  const log = new ServiceLog(service);
  const totals = noTotals();
  const echo = (isOver = () => true) => echoUntil(isOver, service.port, totals);
  // The first connection makes the runtime open what it keeps open.
  await echo();
  await until(() => log.open() === 0 && log.closed === 1, "it is closed");

  let isOver = false;
  const bystander = echo(() => isOver);
  bystander.catch(() => {}); // Thrown below, unless the part itself fails.
  await until(() => log.open() === 1, "the bystander is connected");
  const stage: Stage = {
    ...{ service, log, spawn, totals, seed, maxLeaked: 0 },
    descriptors: service.descriptors(),
  };
  const notes = await part.run(stage, size).finally(async () => {
    isOver = true;
    await Promise.allSettled([bystander]);
  });
  const slowest = await bystander;
  await echo();
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
    `${log.opened} connections, the bystander waited ${slowest} ms at most`,
    ...leaked > 0 ? [`${leaked} descriptors lost by the platform`] : [],
  ];
}

/**
 * Connects, and echoes a text every 50 ms until it is over.
 *
 * @returns the longest time that a reply took, in milliseconds
 */
async function echoUntil(isOver: () => boolean, port: number, totals: Totals) {
  using client = await SteadyClient.connect(port, "/echo", totals);
  let slowest = 0;
  do {
    const start = performance.now();
    await client.exchange(["still here"]);
    slowest = Math.max(slowest, performance.now() - start);
    await pause(50);
  } while (!isOver());
  await client.close();
  return Math.ceil(slowest);
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
    // A timer of 10 ms would wake it up 50 times; idle, it is a few times.
    return timesAsleep(service.pid) - before <= 25;
  }, "no timer is left");
  return leaked();
}
