/**
 * The load generator: does the one job that its argument describes (JSON) and
 * prints the figures (JSON). A process of its own, so that its work is not the
 * server's nor the benchmark's.
 *
 * @module
 */

import process from "node:process";
import { openEngine } from "./engine.ts";
import { Histogram } from "./histogram.ts";
import { measureIdle } from "./idle.ts";
import { Lane, Meter } from "./lane.ts";
import { buildWire, IDLE_ID, type Load, LOADS } from "./loads.ts";
import type { Job, LoadFigures } from "./measure.ts";
import {
  canMeasureProcesses,
  cpuSeconds,
  peakResidentBytes,
  processTree,
} from "./processes.ts";

/** How long the replies to what is under way may take, in milliseconds. */
const DRAIN_MS = 10_000;

/** Runs one load against one server. */
async function measureLoad(job: Job, load: Load): Promise<LoadFigures> {
  const meter = new Meter();
  const wire = buildWire(load);
  const lanes = Array.from(
    { length: load.connections },
    () => new Lane(wire, load.window, meter),
  );
  const { port, path, portable = false } = job;
  const engine = await openEngine({ port, path, lanes, meter }, portable);
  await engine.run(performance.now() + job.warmUp * 1_000);

  const pids = processTree(job.pids);
  const histogram = meter.histogram = new Histogram();
  const before = meter.replies;
  const serverBefore = cpuSeconds(pids);
  const generatorBefore = process.cpuUsage();
  const start = performance.now();
  await engine.run(start + job.seconds * 1_000);
  const seconds = (performance.now() - start) / 1_000;
  const generator = process.cpuUsage(generatorBefore);
  const server = cpuSeconds(pids) - serverBefore;
  const messages = meter.replies - before;
  meter.histogram = undefined;

  // Every message that was sent must come back, and nothing else.
  meter.stopping = true;
  await engine.run(performance.now() + DRAIN_MS);
  if (!lanes.every((lane) => lane.idle)) {
    throw new Error("Cannot count replies: some messages were not answered");
  }
  const known = canMeasureProcesses();
  const peakBytes = known ? peakResidentBytes(pids) : null;
  engine.close();
  if (messages === 0) {
    throw new Error(`Cannot measure: no reply within ${job.seconds} s`);
  }
  return {
    messages,
    allMessages: meter.replies,
    seconds,
    messagesPerSecond: messages / seconds,
    cpuMicroseconds: known ? server * 1e6 / messages : null,
    p50: histogram.quantile(0.5),
    p99: histogram.quantile(0.99),
    peakBytes,
    serverShare: known ? server / seconds : null,
    generatorShare: (generator.user + generator.system) / 1e6 / seconds,
    checkedBytes: meter.checked,
    engine: engine.name,
  };
}

if (import.meta.main) {
  try {
    const job: Job = JSON.parse(Deno.args[0]!);
    const load = LOADS.find(({ id }) => id === job.load);
    if (!load && job.load !== IDLE_ID) {
      throw new Error(`Cannot run load "${job.load}": there is none such`);
    }
    console.log(
      JSON.stringify(await (load ? measureLoad(job, load) : measureIdle(job))),
    );
    Deno.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
