/** Buckets double in width every 128 of them, so none is wider than 0.8 %. */
const HALF = 128;
/** The smallest step: 10 ns, so that the largest value is 21 s. */
const STEPS_PER_MS = 100_000;
const LARGEST = 0x7fff_ffff;

/** Counts durations at the price of one array access each. */
export class Histogram {
  readonly #buckets = new Uint32Array(HALF * 26);
  #count = 0;

  /** Counts one duration, in milliseconds. */
  add(ms: number) {
    const scaled = ms * STEPS_PER_MS;
    const steps = scaled < LARGEST ? scaled | 0 : LARGEST;
    const shift = steps < 2 * HALF ? 0 : 24 - Math.clz32(steps);
    this.#buckets[shift * HALF + (steps >>> shift)]!++;
    this.#count++;
  }

  /** How many durations were counted. */
  get count(): number {
    return this.#count;
  }

  /**
   * The duration, in milliseconds, that a given share (0 to 1) of all does not
   * exceed; 0 when nothing was counted.
   */
  quantile(share: number): number {
    const rank = Math.ceil(share * this.#count);
    let seen = 0;
    for (let i = 0; i < this.#buckets.length; i++) {
      seen += this.#buckets[i]!;
      if (seen >= rank && seen > 0) {
        const shift = Math.max(0, Math.floor(i / HALF) - 1);
        const low = (i - shift * HALF) * 2 ** shift;
        // The middle of the bucket errs least.
        return (low + 2 ** shift / 2) / STEPS_PER_MS;
      }
    }
    return 0;
  }
}
