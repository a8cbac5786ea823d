import { setTimeout as pause } from "node:timers/promises";
import { busiestWorker } from "../support/proc.ts";
import type { ServiceProcess } from "../support/process.ts";
import { within } from "../support/wait.ts";
import { SteadyClient } from "./clients.ts";
import { noTotals, type Totals } from "./service_log.ts";

/** How often a bystander sends, in milliseconds. */
export const INTERVAL_MS = 50;
/** How soon a client that was not served tries again, in milliseconds. */
const RETRY_MS = 100;
/** When it gives up, in milliseconds. */
const GIVE_UP_MS = 30_000;
/** Enough work for the worker that serves a connection to stand out. */
const BURST = Array<string>(500).fill("which worker is it?");

/** Bystanders, and how many may be needed until two workers have some. */
const BYSTANDERS = 8;
const MOST_BYSTANDERS = 32;

/** The end of a bystander's connection, before it wanted to leave. */
export interface Loss {
  /** The worker that served it. */
  worker: number;
  error: Error;
}

/** A client that echoes a text every 50 ms, and comes again when it is cut. */
export class Bystander {
  /** The worker thread that serves it; 0 while that was not found out. */
  worker = 0;
  /** How long each reply took, in milliseconds. */
  readonly waits: number[] = [];
  readonly losses: Loss[] = [];
  readonly #service: ServiceProcess;
  readonly #totals: Totals;
  /** Resolves what waits for the worker to be found out. */
  #onFound: (() => void) | undefined;
  #echoing: Promise<void> | undefined;
  #isOver = false;

  private constructor(service: ServiceProcess, totals: Totals) {
    this.#service = service;
    this.#totals = totals;
  }

  /** Connects, and begins; `totals` counts what it sends and receives. */
  static async connect(
    service: ServiceProcess,
    totals: Totals = noTotals(),
  ): Promise<Bystander> {
    const bystander = new Bystander(service, totals);
    bystander.#echoing = bystander.#echo(await bystander.#connect());
    // Thrown by end(), unless the part itself fails.
    bystander.#echoing.catch(() => {});
    return bystander;
  }

  /** Finds out which worker serves it, while others do not. */
  async findWorker() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onFound = resolve;
    await within(promise, "a bystander's worker");
  }

  /** Closes the connection; throws what a reply was, if it was wrong. */
  async end() {
    this.#isOver = true;
    await this.#echoing;
  }

  #connect(): Promise<SteadyClient> {
    return SteadyClient.connect(this.#service.port, "/echo", this.#totals);
  }

  async #echo(client: SteadyClient) {
    for (;;) {
      try {
        while (!this.#isOver) {
          const start = performance.now();
          await client.exchange(["still here"]);
          this.waits.push(performance.now() - start);
          if (this.#onFound) {
            this.worker = await findWorker(this.#service.pid, client);
            this.#onFound();
            this.#onFound = undefined;
          }
          await pause(INTERVAL_MS);
        }
        return await client.close();
      } catch (error) {
        client[Symbol.dispose]();
        if (!isEnd(error)) throw error;
        this.losses.push({ worker: this.worker, error });
        this.worker = 0;
        if (this.#isOver) return;
        client = await retry(() => this.#connect());
      }
    }
  }
}

/** Connects bystanders, until at least two workers have some. */
export async function connectBystanders(
  service: ServiceProcess,
): Promise<Bystander[]> {
  const bystanders: Bystander[] = [];
  const workers = () => new Set(bystanders.map(({ worker }) => worker)).size;
  while (bystanders.length < BYSTANDERS || workers() < 2) {
    if (bystanders.length === MOST_BYSTANDERS) {
      throw new Error("All clients are served by the same worker");
    }
    const bystander = await Bystander.connect(service);
    await bystander.findWorker();
    bystanders.push(bystander);
  }
  return bystanders;
}

/**
 * Finds out which worker of a process serves a client: the one that works when
 * the client sends a burst. A new worker may work as well: it has to be told
 * twice.
 */
export async function findWorker(
  pid: number,
  client: SteadyClient,
): Promise<number> {
  let worker = 0;
  for (let last = -1; worker !== last;) {
    last = worker;
    worker = await busiestWorker(pid, () => client.exchange(BURST));
  }
  return worker;
}

/** Whether an error says that the connection ended, and not what came on it. */
function isEnd(error: unknown): error is Error {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    (error instanceof Error && error.message.includes("Cannot read: "));
}

/**
 * Has a newcomer try every 100 ms, until it is connected and has its echo.
 *
 * @returns how long that took, in milliseconds
 * @throws {Error} what was wrong with the last try, after 30 s
 */
export async function untilServed(
  port: number,
  totals = noTotals(),
): Promise<number> {
  const start = performance.now();
  await retry(async () => {
    using client = await SteadyClient.connect(port, "/", totals);
    await client.exchange(["new here"]);
    await client.close();
  });
  return performance.now() - start;
}

/**
 * Has newcomers come all the time, one after the other.
 *
 * @returns ends that, and gives the longest time until one was served, in
 * milliseconds
 */
export function watchNewcomers(port: number): () => Promise<number> {
  let isOver = false;
  let longest = 0;
  const visits = (async () => {
    while (!isOver) {
      longest = Math.max(longest, await untilServed(port));
      await pause(RETRY_MS);
    }
  })();
  visits.catch(() => {});
  return async () => {
    isOver = true;
    await visits;
    return longest;
  };
}

/** Tries every 100 ms, until it works or 30 s are over. */
export async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(RETRY_MS);
    }
  }
}
