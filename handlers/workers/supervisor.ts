import { formatError, type LogOptions } from "../cli/log.ts";
import { findAddress } from "../server/listener.ts";
import { residentMemory } from "../server/memory.ts";
import { MemoryGuard } from "../server/memory_guard.ts";
import { READING_MS } from "../server/memory_policy.ts";
import { exportMetrics } from "../server/metrics.ts";
import {
  type EndOptions,
  heldLimit,
  SERVICE_ENDS,
} from "../server/running_service.ts";
import {
  checkOptions,
  type ServiceOptions,
} from "../server/service_options.ts";
import { SHARING_FAULT } from "../server/sharing.ts";
import { Tally, type TallyMemory } from "../server/tally.ts";
import { listUrls, type ServiceUrls } from "../server/urls.ts";
import { pause } from "../server/wait.ts";
import { WatchHub } from "../watch/hub.ts";
import { CLOSE_CODE } from "../websocket/close_codes.ts";
import type { Log } from "../websocket/log.ts";
import { DescriptorReserve } from "./descriptor_reserve.ts";
import type { Report } from "./protocol.ts";
import { SupervisedWorker } from "./supervised_worker.ts";

/** What a {@link Supervisor} runs. */
export interface SupervisorOptions {
  /** How many workers serve, from 1 to 64. */
  workers: number;
  /** How each serves; without functions, which do not reach a worker. */
  service: ServiceOptions;
  /** How the workers' log is formatted. */
  logOptions: LogOptions;
  /** Where the supervisor's own entries go. */
  log: Log;
  /** Receives lines of the workers' logs. */
  writeLines(lines: string): void;
  /** Receives unexpected errors, formatted. */
  writeError(text: string): void;
  /** The module that a worker runs. Default: `worker.ts`. */
  module?: URL;
}

/** Descriptors that all workers together may have lost. */
const MAX_LEAKED = 64;
/**
 * When none is free, a worker is recycled that has lost so many, or more than it
 * has connections.
 */
const MIN_LEAKED = 16;
/** How long a worker's event loop may stand still. */
const STUCK_MS = 10_000;
/** How long a worker may take to start; up to 64 start side by side. */
const START_MS = 60_000;
/** Readings that come later than this tell nothing about the workers. */
const LATE_READING_MS = 1_000;
/** How long the connections of a recycled worker have to close. */
const GRACE_MS = 5_000;
/** The same, while no client can connect. */
const SHORT_GRACE_MS = 200;
/** How much longer than the grace period a worker may take. */
const LATE_MS = 1_000;
/**
 * The least memory limit, as a multiple of what the idle workers take: below it,
 * to start replacements would exceed it again and again.
 */
const IDLE_MARGIN = 1.25;
/** How long the next try waits after a worker has failed to start. */
const RETRY_MS = 500;

/** Where a port is not shared, a replacement has to wait for it. */
const CAN_SHARE = SHARING_FAULT === undefined;

/**
 * Starts, watches, replaces and stops the workers, which serve. It serves
 * nothing itself, and so stays punctual whatever a client does.
 *
 * The end of a worker thread gives back what the runtime leaks: descriptors of
 * connections that were reset during the handshake, memory of unfinished
 * messages, connections whose clients do not answer.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #service: ServiceOptions;
  readonly #memory: TallyMemory;
  readonly #tally: Tally;
  readonly #freeSlots: number[];
  readonly #workers = new Set<SupervisedWorker>();
  /** What waits for a worker to listen, or for its end. */
  readonly #waiting = new Map<SupervisedWorker, PromiseWithResolvers<void>>();
  readonly #reserve = new DescriptorReserve();
  readonly #hub = new WatchHub();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #metrics: Disposable | undefined;
  #guard: MemoryGuard | undefined;
  #lastReading = performance.now();
  #isEnding = false;
  /** The address that it listens on: a name is resolved. */
  readonly hostname: string;
  /** The URLs of the page and of the endpoints. */
  readonly urls: ServiceUrls;

  private constructor(options: SupervisorOptions) {
    const { workers, service } = options;
    const checked = checkOptions(service);
    const addr = findAddress(checked);
    this.hostname = addr.hostname;
    this.urls = listUrls(addr, checked);
    this.#options = options;
    this.#service = { ...service, port: addr.port, reusePort: CAN_SHARE };
    // For each worker, its replacement, and two that have not quite ended.
    const slots = workers * 4;
    // The last one is the supervisor's own.
    this.#memory = Tally.create(slots + 1);
    this.#tally = new Tally(this.#memory, slots);
    this.#freeSlots = Array.from({ length: slots }, (_, slot) => slot);
    this.#timer = setInterval(() => this.#read(), READING_MS);
    this.#metrics = exportMetrics(this.#tally, checked.version);
  }

  /**
   * Starts the workers; resolves when all of them listen.
   *
   * @throws {CertificateError} when the certificate or key cannot be used
   * @throws {Error} when it cannot listen or has no page, in one sentence
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options);
    const others = Array.from({ length: options.workers - 1 }, (_, i) => i + 2);
    try {
      // One first: what keeps it from starting, all would report.
      await supervisor.#launch(1);
      await Promise.all(others.map((place) => supervisor.#launch(place)));
      supervisor.#guardMemory();
    } catch (error) {
      await supervisor.shutdown(0);
      throw error;
    }
    return supervisor;
  }

  /**
   * Closes all connections with 1001, and ends the workers.
   *
   * @param grace seconds until it stops waiting
   */
  async shutdown(grace: number) {
    this.#isEnding = true;
    clearInterval(this.#timer);
    this.#guard?.[Symbol.dispose]();
    await Promise.all(
      [...this.#workers].map(async (worker) => {
        if (worker.state === "serving" || worker.state === "ending") {
          await this.#end(worker, LATE_MS, {
            ...SERVICE_ENDS,
            graceMs: grace * 1_000,
            hasSiblings: this.#options.service.reusePort ?? false,
          });
        }
        await this.#terminate(worker);
      }),
    );
    this.#reserve.release();
    this.#metrics?.[Symbol.dispose]();
  }

  /** Starts a worker; resolves when it listens. */
  async #launch(place: number) {
    const { module, logOptions } = this.#options;
    const slot = this.#freeSlots.shift();
    if (slot === undefined) {
      throw new Error("Cannot start a worker: too many are ending");
    }
    this.#reserve.release();
    const worker = new SupervisedWorker({
      module: module ?? new URL("./worker.ts", import.meta.url),
      place,
      command: {
        kind: "start",
        service: this.#service,
        log: logOptions,
        tally: this.#memory,
        slot,
      },
      hub: this.#hub,
      onReport: (worker, report) => this.#onReport(worker, report),
      onCrash: (worker, error) => this.#onCrash(worker, error),
    });
    this.#workers.add(worker);
    try {
      await this.#wait(worker);
      worker.state = "serving";
    } catch (error) {
      await this.#terminate(worker);
      throw error;
    } finally {
      this.#reserve.fill();
    }
  }

  /** Keeps to the memory limit, or to what the idle workers take at least. */
  #guardMemory() {
    const { workers, service: { maxMemory }, log } = this.#options;
    if (maxMemory === undefined || this.#isEnding) return;
    const memory = residentMemory();
    const limit = Math.max(maxMemory, memory * IDLE_MARGIN);
    if (limit > maxMemory) {
      const [event, action] = ["memory", "tolerate"];
      log.write({ event, action, memory, limit: maxMemory, connections: 0 });
    }
    this.#guard = new MemoryGuard({
      limit,
      threads: workers,
      tally: this.#tally,
      log,
      closeHeaviest: () => this.#closeHeaviest(),
      recycle: () => this.#recycleBusiest(),
    });
  }

  #onReport(worker: SupervisedWorker, report: Report) {
    switch (report.kind) {
      case "lines":
        return this.#options.writeLines(report.lines);
      case "error":
        return this.#options.writeError(report.text);
      case "listening":
      case "ended":
        return this.#waiting.get(worker)?.resolve();
      case "failed":
        return this.#waiting.get(worker)?.reject(new Error(report.message));
      case "broken":
        return this.#recycle(worker, "an uncaught error", GRACE_MS);
      case "lost":
        return this.#recycleLeaking();
    }
  }

  #onCrash(worker: SupervisedWorker, error: unknown) {
    if (worker.state === "starting") {
      return this.#waiting.get(worker)?.reject(error);
    }
    this.#reportError(error);
    // Its end need not be waited for any longer.
    this.#waiting.get(worker)?.resolve();
    this.#recycle(worker, "an uncaught error", 0);
  }

  /** Reads what the workers have counted, and recycles those that are unwell. */
  #read() {
    const now = performance.now();
    const isOnTime = now - this.#lastReading < LATE_READING_MS;
    this.#lastReading = now;
    for (const worker of this.#workers) worker.read(isOnTime);
    for (const worker of this.#workers) {
      const still = worker.stillFor(now);
      if (worker.state === "serving" && still > STUCK_MS) {
        this.#recycle(worker, "its event loop stands still", 0);
      } else if (worker.state === "starting" && still > START_MS) {
        const error = new Error("Cannot start a worker: it does not answer");
        this.#waiting.get(worker)?.reject(error);
      }
    }
    const serving = this.#serving();
    const held = serving.reduce((sum, { counts }) => sum + counts.held, 0);
    // A worker closes none while another one's hold back more.
    if (held > heldLimit(this.#service.maxMemory)) this.#closeHeaviest();
    const leaked = serving.reduce((sum, { counts }) => sum + counts.leaked, 0);
    if (leaked > MAX_LEAKED) {
      const [worst] = serving.sort((a, b) => b.counts.leaked - a.counts.leaked);
      const { leaked } = worst!.counts;
      this.#recycle(worst!, `${leaked} descriptors are lost`, GRACE_MS);
    }
  }

  /** Recycles the worker that has lost most descriptors, when none is free. */
  #recycleLeaking() {
    // What is about to end gives back its own first.
    if (this.#serving().length < this.#options.workers) return;
    const [worst] = this.#serving().sort((a, b) => b.suspects - a.suspects);
    if (!worst) return;
    const { suspects, connections } = worst;
    if (suspects >= MIN_LEAKED || suspects > connections) {
      const reason = `${suspects} descriptors are lost, and none is free`;
      this.#recycle(worst, reason, SHORT_GRACE_MS);
    }
  }

  /** Recycles the worker that is to blame, or the oldest if none is. */
  #recycleBusiest() {
    const serving = this.#serving();
    const inUse = serving.filter(({ counts }) => counts.open > 0);
    const [busiest = serving[0]] = inUse.sort((a, b) =>
      b.busyness - a.busyness || b.counts.held - a.counts.held
    );
    if (busiest) this.#recycle(busiest, "memory", 0);
  }

  #closeHeaviest() {
    const [heaviest] = this.#serving().sort((a, b) =>
      b.counts.held - a.counts.held
    );
    heaviest?.post({ kind: "close the heaviest" });
  }

  /**
   * Replaces a worker.
   *
   * @param graceMs milliseconds that its connections have to close; 0: they end
   *   without a close frame
   */
  #recycle(worker: SupervisedWorker, reason: string, graceMs: number) {
    if (worker.state !== "serving" || this.#isEnding) return;
    worker.state = "ending";
    this.#tally.counters.recycled();
    this.#options.log.write({
      event: "recycled",
      worker: worker.place,
      reason,
      connections: worker.connections,
    });
    this.#replace(worker, graceMs).catch((error) => this.#reportError(error));
  }

  async #replace(worker: SupervisedWorker, graceMs: number) {
    let isReplaced = CAN_SHARE && graceMs >= GRACE_MS &&
      await this.#tryLaunch(worker.place);
    if (graceMs > 0 && worker.state !== "gone") {
      await this.#end(worker, Math.min(graceMs, LATE_MS), {
        code: CLOSE_CODE.serviceRestart,
        reason: "The service restarts a part of itself",
        graceMs,
        hasSiblings: true,
      });
    }
    await this.#terminate(worker);
    while (!isReplaced && !this.#isEnding) {
      isReplaced = await this.#tryLaunch(worker.place);
      if (!isReplaced) await pause(RETRY_MS);
    }
  }

  async #tryLaunch(place: number): Promise<boolean> {
    try {
      await this.#launch(place);
      return true;
    } catch (error) {
      this.#reportError(error);
      return false;
    }
  }

  /** Has a worker end; resolves when it has, or is too late. */
  async #end(worker: SupervisedWorker, lateMs: number, options: EndOptions) {
    worker.end(options);
    const late = setTimeout(
      () => this.#waiting.get(worker)?.resolve(),
      options.graceMs + lateMs,
    );
    await this.#wait(worker);
    clearTimeout(late);
  }

  /** Waits for a worker to listen or to end. */
  async #wait(worker: SupervisedWorker) {
    // It may be told twice to end: to be recycled, then with the service.
    const waiting = this.#waiting.get(worker) ?? Promise.withResolvers<void>();
    this.#waiting.set(worker, waiting);
    try {
      await waiting.promise;
    } finally {
      this.#waiting.delete(worker);
    }
  }

  async #terminate(worker: SupervisedWorker) {
    await worker.terminate();
    if (this.#workers.delete(worker)) this.#freeSlots.push(worker.slot);
  }

  #serving(): SupervisedWorker[] {
    return [...this.#workers].filter(({ state }) => state === "serving");
  }

  #reportError(error: unknown) {
    this.#options.writeError(formatError(error, new Date()));
  }
}
