import type { ServiceProcess, SpawnOptions } from "../support/process.ts";
import type { ServiceLog, Totals } from "./service_log.ts";

/** One part of the stress program: an attack or a load. See main.ts. */
export interface Part {
  /** The name for `--only`. */
  name: string;
  /** What it does at full size, in one line of the help. */
  summary: string;
  /** How its service is started; `--log json` is added. */
  service?: SpawnOptions;
  /**
   * Log entries, beyond the usual ones, that the attack may bring about. With
   * "recycled", the bystander's worker may be replaced and the bystander cut.
   */
  expects?: readonly string[];
  /** Whether `stage.totals` gets all its messages, to be those of the log. */
  countsAll?: true;
  /**
   * Attacks the service; throws, naming the fault, when it does not hold.
   *
   * @param size share of the full size
   * @returns figures, one per line
   */
  run(stage: Stage, size: number): Promise<string[]>;
}

/** What is there while a part runs. */
export interface Stage {
  readonly service: ServiceProcess;
  readonly log: ServiceLog;
  /** How the service was started, for a part that needs another one. */
  readonly spawn: SpawnOptions;
  /** Descriptors of the service while only the bystander is connected. */
  readonly descriptors: number;
  /** Descriptors that the platform may lose. Default: none. */
  maxLeaked: number;
  /** What the clients have sent and received. */
  readonly totals: Totals;
  /** Chooses what is random. */
  readonly seed: number;
}

/**
 * Checks a figure against its bound.
 *
 * @returns both, as a note
 */
export function atMost(bound: number, figure: number, what: string): string {
  const note = `${what}: ${Math.ceil(figure)} (at most ${bound})`;
  if (!(figure <= bound)) throw new Error(`It did not hold: ${note}`);
  return note;
}

/** Checks the most memory that the service has had, in MiB. */
export function checkPeak({ service }: Stage, bound: number): string {
  return atMost(bound, service.memory("peak") / 1_048_576, "peak memory, MiB");
}

/** A count at a size; at least `min`. */
export function scale(full: number, size: number, min = 1): number {
  return Math.max(min, Math.round(full * size));
}
