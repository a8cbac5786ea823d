/** Lets all targets take turns at all loads. */

import { fileURLToPath } from "node:url";
import { allowedCores, listenersOn, processTree } from "../support/proc.ts";
import { RawClient } from "../support/raw_client.ts";
import { until, within } from "../support/wait.ts";
import type { Turn } from "./figures.ts";
import type { Job } from "./load.ts";
import type { Options } from "./options.ts";
import { BARE, type Target, versionOf } from "./targets.ts";

const ROOT = new URL("../../", import.meta.url);
/** How long a server may take to end when asked, in milliseconds. */
const STOP_MS = 2_000;
/** How long a turn may take beyond its own time, in milliseconds. */
const SPARE_MS = 60_000;

/** Which cores the servers and the load generator run on; none: any. */
export interface Pinning {
  servers: number[];
  generator: number[];
}

/** Gives the second core to the generator and all others to the servers. */
export function planPinning([first, second, ...others]: number[]): Pinning {
  return first === undefined || second === undefined
    ? { servers: [], generator: [] }
    : { servers: [first, ...others], generator: [second] };
}

/** The plan for this machine; nothing is pinned without `taskset`. */
export async function findPinning(): Promise<Pinning> {
  return planPinning(await versionOf("taskset") ? allowedCores() : []);
}

/** A command on the given cores; the process is the command's, not taskset's. */
function pinned(
  cores: readonly number[],
  command: readonly string[],
  options?: Deno.CommandOptions,
): Deno.Command {
  const prefix = cores.length > 0 ? ["taskset", "-c", cores.join()] : [];
  const [program, ...args] = [...prefix, ...command];
  const env = { NO_COLOR: "1" };
  return new Deno.Command(program!, { args, env, stdin: "null", ...options });
}

/** Sends a signal to those processes that have not ended. */
export function killAll(pids: readonly number[], signal: Deno.Signal) {
  for (const pid of pids) {
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/**
 * Starts a target and waits until all its sockets listen and it accepts
 * upgrades. Fails, with the target's own words, when it ends.
 */
export async function startServer(
  target: Target,
  { servers }: Pinning,
  folder: string,
) {
  const { name, path = "/", listeners = 1 } = target;
  const port = freePort();
  const command = target.command.map((word) =>
    word.replaceAll("{port}", `${port}`).replaceAll("{folder}", folder)
  );
  const output = { stderr: "piped", stdout: "null" } as const;
  const { pid, status, stderr } = pinned(
    servers.slice(0, listeners),
    command,
    { ...output, cwd: ROOT },
  ).spawn();
  const ended = new Response(stderr).text().then(async (text) => {
    const said = text.trim();
    return `it ended with code ${(await status).code}${said && `: ${said}`}`;
  });
  const stop = async () => {
    const tree = processTree([pid]);
    const force = setTimeout(() => killAll(tree, "SIGKILL"), STOP_MS);
    killAll([pid], "SIGTERM");
    await ended;
    clearTimeout(force);
    killAll(tree, "SIGKILL");
  };
  try {
    let problem: string | undefined;
    ended.then((reason) => problem = reason);
    // Twice: before its workers listen, the service looks if the port is free.
    let times = 0;
    await until(() => {
      if (problem) throw new Error(`Cannot start ${name}: ${problem}`);
      times = listenersOn(port) >= listeners ? times + 1 : 0;
      return times === 2;
    }, `${name} listens`);
    const upgrade = RawClient.connect(port, path);
    (await within(upgrade, `${name} to upgrade`))[Symbol.dispose]();
  } catch (error) {
    await stop();
    throw error;
  }
  const cores = servers.length || navigator.hardwareConcurrency;
  return {
    port,
    pid,
    /** How many cores it can use. */
    cores: Math.min(listeners, cores),
    [Symbol.asyncDispose]: stop,
  };
}

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Runs the load generator, a process of its own, to the end of one job. Fails
 * with the generator's own words when the target does not echo as it must.
 */
export async function runJob(
  job: Job,
  { generator }: Pinning,
): Promise<Record<string, number>> {
  const program = fileURLToPath(new URL("load.ts", import.meta.url));
  const limit = (job.seconds + job.warmUp) * 1_000 + SPARE_MS;
  const { success, stdout, stderr } = await pinned(generator, [
    ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all"],
    ...[program, JSON.stringify(job)],
  ], { signal: AbortSignal.timeout(limit) }).output();
  const decoder = new TextDecoder();
  if (success) return JSON.parse(decoder.decode(stdout));
  const reason = decoder.decode(stderr).trim();
  throw new Error(reason || `Cannot measure within ${limit / 1_000} s`);
}

/** What a run gave. */
export interface Outcome {
  turns: Turn[];
  /** Why targets could not be had, by name. */
  skipped: Record<string, string>;
  /** Why targets dropped out, by name. */
  failed: Record<string, string>;
}

/**
 * Runs every load in every round, with a fresh server for each turn, so that
 * the largest memory is that load's own and no turn inherits another's garbage.
 * A target that fails drops out; that the bare handler fails is an error.
 */
export async function run(
  { rounds, loads, targets, seconds, warmUp }: Options,
  pinning: Pinning,
  folder: string,
): Promise<Outcome> {
  const outcome: Outcome = { turns: [], skipped: {}, failed: {} };
  const { turns, skipped, failed } = outcome;
  for (const { name, prepare } of targets) {
    await prepare?.(folder).catch((error) => skipped[name] = firstLine(error));
  }
  const turnsInAll = rounds * loads.length * targets.length;
  for (let turn = 0; turn < turnsInAll; turn++) {
    const step = Math.floor(turn / targets.length);
    const load = loads[step % loads.length]!;
    const round = 1 + Math.floor(step / loads.length);
    // Another target is first each time.
    const shift = round + step % loads.length;
    const target = targets[(turn + shift - 1) % targets.length]!;
    const { name, path = "/" } = target;
    if (name in skipped || name in failed) continue;
    if (Deno.stderr.isTerminal()) {
      console.error(`[${turn + 1}/${turnsInAll}] ${name}: ${load.title}`);
    }
    try {
      await using server = await startServer(target, pinning, folder);
      const { port, pid, cores } = server;
      const job = { load, port, path, pids: [pid], cores, seconds, warmUp };
      const figures = await runJob(job, pinning);
      turns.push({ round, load: load.id, target: name, figures });
    } catch (error) {
      if (name === BARE) throw error;
      failed[name] = `${firstLine(error as Error)} (load ${load.id})`;
    }
  }
  return outcome;
}

/** What fits a table: the rest may be a page that a server answered. */
function firstLine({ message }: Error): string {
  return message.split("\n", 1)[0]!.slice(0, 200).replaceAll("|", "/");
}
