/**
 * The load generator: does the one job that its argument describes (JSON) and
 * prints the figures (JSON). A process of its own, so that its work is not the
 * server's nor the benchmark's.
 *
 * @module
 */

import process from "node:process";
import {
  cpuSeconds,
  peakMemory,
  processTree,
  residentMemory,
} from "../support/proc.ts";
import type { Options } from "./options.ts";
import type { IdleLoad, Load, TrafficLoad } from "./targets.ts";
import { connect, Traffic } from "./traffic.ts";

/** What the generator is to do. */
export interface Job extends Pick<Options, "seconds" | "warmUp"> {
  load: Load;
  port: number;
  /** The endpoint's path. */
  path: string;
  /** The server's processes. */
  pids: number[];
  /** How many cores the server can use. */
  cores: number;
}

/** How long the replies to what is in flight may take, in milliseconds. */
const DRAIN_MS = 10_000;
/** How long memory has to settle before it is read, in milliseconds. */
const SETTLE_MS = 1_500;
/** The sum of one figure of several processes. */
function sum(pids: number[], figure: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + figure(pid), 0);
}

/** Measures one server under traffic. */
function measureTraffic(job: Job, load: TrafficLoad) {
  const traffic = new Traffic(job.port, job.path, load);
  traffic.run(performance.now() + job.warmUp * 1_000);

  const pids = processTree(job.pids);
  traffic.latencies.reset();
  const before = traffic.replies;
  const serverBefore = sum(pids, cpuSeconds);
  const generatorBefore = process.cpuUsage();
  const start = performance.now();
  traffic.run(start + job.seconds * 1_000);
  const seconds = (performance.now() - start) / 1_000;
  const generator = process.cpuUsage(generatorBefore);
  const server = sum(pids, cpuSeconds) - serverBefore;
  const messages = traffic.replies - before;
  if (messages === 0) {
    throw new Error(`Cannot measure: no reply within ${job.seconds} s`);
  }
  const figures = {
    /** Replies within the time measured. */
    messages,
    messagesPerSecond: messages / seconds,
    /** The same for each core that the server can use. */
    messagesPerCore: messages / seconds / job.cores,
    /** The server's CPU time for one message, in microseconds. */
    cpuMicroseconds: server * 1e6 / messages,
    /** From the first byte sent to the last byte back, in milliseconds. */
    p50: traffic.latencies.percentile(50) / 1e6,
    p99: traffic.latencies.percentile(99) / 1e6,
    /** CPU time by time and core: how busy the server was. */
    serverShare: server / seconds / job.cores,
    /** The same for the generator, which has one core. */
    generatorShare: (generator.user + generator.system) / 1e6 / seconds,
    /** The server's largest resident memory since its start, in bytes. */
    peakBytes: sum(pids, peakMemory),
  };
  // Every message that was sent must come back, and nothing else.
  traffic.stopping = true;
  traffic.run(performance.now() + DRAIN_MS);
  if (traffic.inFlight > 0) {
    throw new Error("Cannot count replies: some messages were not answered");
  }
  /** All messages that were sent, before and after as well. */
  return { ...figures, allMessages: traffic.replies };
}

/** Opens connections; gives the bytes that each costs, by their number. */
async function measureIdle(job: Job, load: IdleLoad) {
  const pids = processTree(job.pids);
  const settled = async () => {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return sum(pids, residentMemory);
  };
  const before = await settled();
  const figures: Record<string, number> = {};
  let open = 0;
  for (const count of load.counts) {
    for (; open < count; open++) connect(job.port, job.path);
    figures[count] = (await settled() - before) / count;
  }
  return figures;
}

if (import.meta.main) {
  try {
    const job: Job = JSON.parse(Deno.args[0]!);
    const figures = "counts" in job.load
      ? await measureIdle(job, job.load)
      : measureTraffic(job, job.load);
    console.log(JSON.stringify(figures));
    // The connections are still open.
    Deno.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
