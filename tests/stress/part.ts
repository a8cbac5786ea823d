import type { ServiceProcess, SpawnOptions } from "../support/process.ts";
import type { ServiceLog } from "./service_log.ts";

/**
 * One part of the stress program: an attack or a load. It is declared here and
 * named in parts.ts; run_part.ts starts the service for it, keeps a bystander
 * connected, and checks afterwards that nothing is left.
 */
export interface Part {
  /** The name for `--only`. */
  name: string;
  /** What it does at full size, in one line of the help. */
  summary: string;
  /** How its service is started; `--log json` is added. */
  service?: SpawnOptions;
  /** Fails, naming the fault, when the service does not hold. */
  run(stage: Stage, options: PartOptions): Promise<Outcome>;
}

/** What is there while a part runs. */
export interface Stage {
  readonly service: ServiceProcess;
  readonly log: ServiceLog;
  /** How the service was started, for a part that needs another one. */
  readonly spawn: SpawnOptions;
  /** Descriptors of the service while only the bystander is connected. */
  readonly descriptors: number;
}

export interface PartOptions {
  /** Share of the full size. */
  size: number;
  /** Chooses what is random. */
  seed: number;
  /** Repeats the one case of fast-check that this leads to. */
  path?: string;
}

/** What a part that held has to tell. */
export interface Outcome {
  /** Figures, one per line. */
  notes: string[];
  /** Descriptors that the platform may have lost. Default: none. */
  maxLeaked?: number;
  /**
   * Messages of all connections that the part opened. Where given, they must be
   * the same as in the service's log.
   */
  totals?: Totals;
}

/** Messages and payload bytes, each way, as the service sees them. */
export interface Totals {
  received: number;
  receivedBytes: number;
  sent: number;
  sentBytes: number;
}

/** A count at this size: its share of the full one, at least `min`. */
export function scale(full: number, size: number, min = 1): number {
  return Math.max(min, Math.round(full * size));
}
