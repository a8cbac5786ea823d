/** One target's processes, from start to end. */

import { RawClient } from "../support/raw_client.ts";
import { pinned, type Pinning } from "./pinning.ts";
import { processTree } from "./processes.ts";
import type { Target } from "./targets.ts";

/** How long a server may take to accept its first upgrade, in milliseconds. */
const START_MS = 10_000;
/** How long it may take to end when asked, in milliseconds. */
const STOP_MS = 2_000;
const POLL_MS = 20;
/** How much of what it wrote to stderr is kept, in characters. */
const STDERR_KEPT = 2_000;

/** Waits; resolves early, with `false`, when `stop` settles first. */
async function pause(ms: number, stop: Promise<unknown>): Promise<boolean> {
  const timer = Promise.withResolvers<boolean>();
  const id = setTimeout(timer.resolve, ms, true);
  const slept = await Promise.race([timer.promise, stop.then(() => false)]);
  clearTimeout(id);
  return slept;
}

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A running target. */
export class Server implements AsyncDisposable {
  readonly port = freePort();
  readonly #children: Deno.ChildProcess[] = [];
  readonly #target: Target;
  #stderr = "";

  private constructor(target: Target) {
    this.#target = target;
  }

  /** Starts all processes and waits until they accept upgrades. */
  static async start(
    target: Target,
    pinning: Pinning,
    signal?: AbortSignal,
  ): Promise<Server> {
    const server = new Server(target);
    try {
      for (let i = 0; i < target.processes; i++) {
        const cores = pinning.servers;
        server.#spawn(cores[i % Math.max(cores.length, 1)]);
      }
      await server.#ready(signal);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The ids of the processes that were started. */
  get pids(): number[] {
    return this.#children.map(({ pid }) => pid);
  }

  #spawn(core: number | undefined) {
    const [command, ...args] = pinned(core, this.#target.command(this.port));
    const child = new Deno.Command(command!, {
      args,
      ...(this.#target.folder && { cwd: this.#target.folder }),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#children.push(child);
    this.#keepErrors(child.stderr);
  }

  async #keepErrors(stderr: ReadableStream<Uint8Array>) {
    const text = stderr.pipeThrough(
      new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
    );
    for await (const part of text) {
      this.#stderr = (this.#stderr + part).slice(-STDERR_KEPT);
    }
  }

  async #ready(signal: AbortSignal | undefined) {
    const { name, path, processes } = this.#target;
    const ended = Promise.race(this.#children.map(({ status }) => status));
    const deadline = performance.now() + START_MS;
    let problem = "no process listens";
    while (performance.now() < deadline) {
      signal?.throwIfAborted();
      if (listenersOn(this.port) >= processes) {
        problem = await upgradeProblem(this.port, path, ended);
        if (problem === "") return;
      }
      if (!await pause(POLL_MS, ended)) {
        // What it wrote last may still be in the pipe.
        await pause(POLL_MS, new Promise(() => {}));
        const { code } = await ended;
        // deno-lint-ignore no-control-regex
        const said = this.#stderr.replaceAll(/\x1b\[[\d;]*m/g, "").trim();
        throw new Error(
          `Cannot start ${name}: it ended with code ${code}${
            said && `: ${said}`
          }`,
        );
      }
    }
    throw new Error(
      `Cannot start ${name} within ${START_MS / 1_000} s: ${problem}`,
    );
  }

  /** Ends all processes and what they have started. */
  async [Symbol.asyncDispose]() {
    const all = processTree(this.pids);
    const ended = Promise.all(this.#children.map(({ status }) => status));
    for (const pid of this.pids) kill(pid, "SIGTERM");
    await pause(STOP_MS, ended);
    for (const pid of all) kill(pid, "SIGKILL");
    await ended;
  }
}

function kill(pid: number, signal: Deno.Signal) {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

/**
 * How many sockets listen on a port, so that a second process on it is waited
 * for as well; where the system does not tell, enough.
 */
export function listenersOn(port: number): number {
  if (Deno.build.os !== "linux") return Infinity;
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => {
    try {
      return Deno.readTextFileSync(file).split("\n");
    } catch {
      return [];
    }
  }).filter((line) => {
    const [, address, , state] = line.trim().split(/\s+/);
    return state === "0A" && address?.endsWith(local);
  }).length;
}

/** Tries one upgrade; gives what is wrong, or "". */
async function upgradeProblem(
  port: number,
  path: string,
  ended: Promise<unknown>,
): Promise<string> {
  const attempt = RawClient.connect(port, path);
  // An attempt that is given up may still fail later, or succeed.
  const outcome = attempt.then((client) => {
    client[Symbol.dispose]();
    return "";
  }, (error: Error) => error.message);
  const timeout = Promise.withResolvers<string>();
  const id = setTimeout(timeout.resolve, STOP_MS, "no response to an upgrade");
  const problem = await Promise.race([
    outcome,
    timeout.promise,
    ended.then(() => "it ended"),
  ]);
  clearTimeout(id);
  return problem;
}
