import { Worker } from "node:worker_threads";
import type { EndOptions } from "../server/running_service.ts";
import { type Counts, Tally } from "../server/tally.ts";
import { pause } from "../server/wait.ts";
import type { WatchHub } from "../watch/hub.ts";
import { CLOSE_CODE } from "../websocket/close_codes.ts";
import type { Command, Report } from "./protocol.ts";
import { MemberLink } from "./watch_link.ts";

/** How a {@link SupervisedWorker} is started. */
export interface WorkerOptions {
  /** The module that the thread runs. */
  module: URL;
  /** Its place among the workers, from 1: a replacement takes it over. */
  place: number;
  command: Command & { kind: "start" };
  /** What its connections and watchers join. */
  hub: WatchHub;
  /** Called with what it reports; not after it was terminated. */
  onReport(worker: SupervisedWorker, report: Report): void;
  /** Called when the thread has ended by an error. */
  onCrash(worker: SupervisedWorker, error: unknown): void;
}

/**
 * The memory in which a worker creates objects, in MB. By default it grows to
 * several times as much under a flood of small messages, and stays so. The
 * platform's own `Worker` has no such limit.
 */
const YOUNG_GENERATION_MB = 4;
/** How many readings tell how busy a worker is. */
const READINGS = 4;
/** What the platform's types do not have yet: Node.js has it since 24.6. */
interface MeasuredWorker extends Worker {
  /** Processor time of the thread, in microseconds; it need not answer. */
  cpuUsage(): Promise<{ user: number; system: number }>;
}
/** A terminated thread runs on for a moment, and may count meanwhile. */
const TERMINATION_MS = 150;

/** A worker thread, as the supervisor sees it. */
export class SupervisedWorker {
  readonly #worker: MeasuredWorker;
  readonly #tally: Tally;
  readonly #member: MemberLink;
  readonly place: number;
  /** Its slot of the tally. */
  readonly slot: number;
  /** Starting until it listens; ending since it was told to. */
  state: "starting" | "serving" | "ending" | "gone" = "starting";
  /** The counts of the newest reading. */
  counts: Counts;
  #end: Promise<void> | undefined;
  #cpuTimes: number[] = [];
  #turnedAt = performance.now();

  /** Starts the thread. */
  constructor(
    { module, place, command, hub, onReport, onCrash }: WorkerOptions,
  ) {
    this.place = place;
    this.slot = command.slot;
    this.#tally = new Tally(command.tally, command.slot);
    this.counts = this.#tally.read();
    this.#worker = new Worker(toFile(module), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    }) as MeasuredWorker;
    this.#member = new MemberLink(hub, (message) => this.post(message));
    this.#worker.on("message", (report: Report) => {
      if (this.state === "gone") return;
      if (report.kind === "watch" || report.kind === "watched") {
        this.#member.receive(report);
      } else onReport(this, report);
    });
    this.#worker.on("error", (error) => {
      if (this.state !== "gone") onCrash(this, error);
    });
    this.post(command);
  }

  /** Its open connections, now. */
  get connections(): number {
    return this.#tally.read().open;
  }

  /** Descriptors that it may have lost, now. */
  get suspects(): number {
    const { leaked, opening } = this.#tally.read();
    return leaked + opening;
  }

  /** The processor time that it used between the last readings. */
  get busyness(): number {
    const times = this.#cpuTimes;
    return (times.at(-1) ?? 0) - (times[0] ?? 0);
  }

  /** Reads its counts; `isOnTime` tells whether readings come regularly. */
  read(isOnTime: boolean) {
    const now = performance.now();
    const { beats } = this.counts;
    this.counts = this.#tally.read();
    if (this.counts.beats !== beats || !isOnTime) this.#turnedAt = now;
    // To start costs much, and tells nothing about its clients.
    if (this.state === "serving") this.#readCpuTime();
  }

  async #readCpuTime() {
    try {
      const { user, system } = await this.#worker.cpuUsage();
      this.#cpuTimes.push(user + system);
    } catch {
      // It has just ended.
    }
    if (this.#cpuTimes.length > READINGS) this.#cpuTimes.shift();
  }

  /** For how many milliseconds its event loop has not turned. */
  stillFor(now: number): number {
    return now - this.#turnedAt;
  }

  /** Tells it something. */
  post(command: Command) {
    this.#worker.postMessage(command);
  }

  /** Has it close its connections and stop listening. */
  end(options: EndOptions) {
    this.state = "ending";
    this.post({ kind: "end", options });
  }

  /**
   * Ends the thread, with all its sockets.
   *
   * @returns when its descriptors and memory are free, and its counts taken back
   */
  terminate(): Promise<void> {
    return this.#end ??= this.#terminate();
  }

  async #terminate() {
    this.state = "gone";
    this.#member.leave();
    this.#worker.terminate();
    await pause(TERMINATION_MS);
    // Its connections have ended without a close frame.
    this.#tally.counters.closed(CLOSE_CODE.abnormal, this.connections);
    this.#tally.clear();
  }
}

/**
 * The platform takes files and data alone, so that a module from elsewhere is
 * imported by such data (denoland/deno#31612).
 */
function toFile(module: URL): URL {
  return /^(file|data):$/.test(module.protocol)
    ? module
    : new URL(`data:text/javascript,import ${JSON.stringify(module.href)}`);
}
