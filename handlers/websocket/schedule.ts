import type { ParameterValues } from "./parameters.ts";
import { createRandom } from "./random.ts";

/** When replies leave that are delayed, jittered or slowed down, in order. */
export class Schedule {
  readonly #delay: number;
  readonly #jitter: number;
  /** In bytes per millisecond; 0: no limit. */
  readonly #rate: number;
  readonly #random: () => number;
  /** When the last reply leaves. */
  #last = 0;

  /** Creates the schedule of a connection; undefined when nothing waits. */
  static of(parameters: ParameterValues): Schedule | undefined {
    const { delay, jitter, rate, repeat } = parameters;
    // Repetitions wait for their turn: all those of the messages that arrive in
    // one turn of the event loop would stop it for many seconds.
    return delay > 0 || jitter > 0 || rate > 0 || repeat > 1
      ? new Schedule(parameters)
      : undefined;
  }

  private constructor(
    { delay, jitter, rate, seed }: Pick<
      ParameterValues,
      "delay" | "jitter" | "rate" | "seed"
    >,
  ) {
    this.#delay = delay;
    this.#jitter = jitter;
    this.#rate = rate / 1_000;
    this.#random = createRandom(seed, "jitter");
  }

  /**
   * When a reply leaves: after the delay, not before the one before it, and when
   * all of it has passed at the rate.
   *
   * @param now in milliseconds, as the result
   * @param bytes the size of the reply
   */
  next(now: number, bytes: number): number {
    const jitter = this.#jitter > 0 ? this.#random() * this.#jitter : 0;
    const start = Math.max(now + this.#delay + jitter, this.#last);
    this.#last = this.#rate > 0 ? start + bytes / this.#rate : start;
    return this.#last;
  }
}
