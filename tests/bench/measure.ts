/** Runs the load generator, a process of its own, and reads its figures. */

import { fileURLToPath } from "node:url";
import { pinned, type Pinning } from "./pinning.ts";

/** What the generator is to do; it gets this as JSON. */
export interface Job {
  /** A load's id, or that of the idle connections. */
  load: string;
  port: number;
  /** The endpoint's path. */
  path: string;
  /** The server's processes. */
  pids: number[];
  seconds: number;
  warmUp: number;
  /**
   * Whether to use Deno's own sockets even where there is a faster way.
   * Default: false.
   */
  portable?: boolean;
}

/** What one turn at a load gave; `null` where the system does not tell. */
export interface LoadFigures {
  /** Replies within the time measured. */
  messages: number;
  /** Replies in all: every message that was sent, before and after as well. */
  allMessages: number;
  /** The time measured, in seconds. */
  seconds: number;
  messagesPerSecond: number;
  /** The server's CPU time for one message, in microseconds. */
  cpuMicroseconds: number | null;
  /** From the first byte sent to the last byte back, in milliseconds. */
  p50: number;
  p99: number;
  /** The server's largest resident memory since its start, in bytes. */
  peakBytes: number | null;
  /** CPU time by time: how busy the server was. */
  serverShare: number | null;
  /** The same for the generator. */
  generatorShare: number;
  /** Bytes of replies that were compared with what was sent. */
  checkedBytes: number;
  /** What moved the bytes. */
  engine: string;
}

/** What one turn with idle connections gave. */
export interface IdleFigures {
  /** Resident memory per connection, in bytes, for each number of them. */
  bytesPerConnection: Record<string, number | null>;
}

/** How long a turn may take beyond its own time, in milliseconds. */
const SPARE_MS = 60_000;

/**
 * Runs one job to its end. Fails with the generator's own words when the target
 * does not echo as it must.
 */
export async function runJob<Figures extends LoadFigures | IdleFigures>(
  job: Job,
  pinning: Pinning,
  signal?: AbortSignal,
): Promise<Figures> {
  const [command, ...args] = pinned(pinning.generator, [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-config",
    "--allow-all",
    fileURLToPath(new URL("load.ts", import.meta.url)),
    JSON.stringify(job),
  ]);
  const limit = AbortSignal.timeout(
    (job.seconds + job.warmUp) * 1_000 + SPARE_MS,
  );
  const { success, stdout, stderr } = await new Deno.Command(command!, {
    args,
    stdin: "null",
    signal: signal ? AbortSignal.any([limit, signal]) : limit,
  }).output();
  signal?.throwIfAborted();
  const decoder = new TextDecoder();
  if (success) return JSON.parse(decoder.decode(stdout));
  throw new Error(
    decoder.decode(stderr).trim() ||
      "Cannot measure: the generator ended without a word",
  );
}
