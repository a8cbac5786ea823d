import type { ServiceProcess, SpawnOptions } from "../support/process.ts";
import type { ServiceLog, Totals } from "./service_log.ts";

/** One part of the stress program: an attack or a load. See parts.ts. */
export interface Part {
  /** The name for `--only`. */
  name: string;
  /** What it does at full size, in one line of the help. */
  summary: string;
  /** How its service is started; `--log json` is added. */
  service?: SpawnOptions;
  /**
   * Whether `stage.totals` gets all messages of the part, so that they are
   * compared with those in the log.
   */
  countsAll?: true;
  /**
   * Attacks the service; throws, naming the fault, when it does not hold.
   *
   * @param size share of the full size
   */
  run(stage: Stage, size: number): Promise<Outcome>;
}

/** What is there while a part runs. */
export interface Stage {
  readonly service: ServiceProcess;
  readonly log: ServiceLog;
  /** How the service was started, for a part that needs another one. */
  readonly spawn: SpawnOptions;
  /** Descriptors of the service while only the bystander is connected. */
  readonly descriptors: number;
  /** What the clients have sent and received. */
  readonly totals: Totals;
  readonly random: RandomOptions;
}

/** What fast-check needs to repeat what was random. */
export interface RandomOptions {
  seed: number;
  /** Leads to one case of the run with that seed. */
  path?: string;
}

/** What a part that held has to tell. */
export interface Outcome {
  /** Figures, one per line. */
  notes: string[];
  /** Descriptors that the platform may have lost. Default: none. */
  maxLeaked?: number;
}

/** A count at a size; at least `min`. */
export function scale(full: number, size: number, min = 1): number {
  return Math.max(min, Math.round(full * size));
}
