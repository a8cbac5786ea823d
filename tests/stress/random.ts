import type { Bytes } from "../support/frames.ts";

/** Code points of every UTF-8 length and of every special kind. */
const CODE_POINTS = [
  [0x00, 0x1f],
  [0x20, 0x7e],
  [0x7f, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, 0x10ffff],
] as const;

/**
 * A pseudo-random source that gives the same values for the same seed and
 * labels. Each case has a source of its own, so that the order in which cases
 * run, which the network decides, does not change what they do.
 */
export class Random {
  #state: number;

  /** @param labels what the values are for: a part's name, a case's number */
  constructor(seed: number, ...labels: (string | number)[]) {
    // FNV-1a.
    let hash = 0x811c9dc5;
    for (const character of [seed, ...labels].join("/")) {
      hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
    }
    this.#state = hash | 0;
    // Neighbouring seeds give neighbouring states: the first values mix them.
    for (let i = 0; i < 4; i++) this.#next();
  }

  /** The next 32 bits, by mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `max - 1`. */
  below(max: number): number {
    return Math.floor(this.#next() / 0x1_0000_0000 * max);
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Bytes, as random as the rest. */
  bytes(length: number): Bytes {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#next();
    return bytes;
  }

  /** Text of so many code points, of one to four bytes each. */
  text(length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) {
      const [from, to] = this.pick(CODE_POINTS);
      text += String.fromCodePoint(this.between(from, to));
    }
    return text;
  }

  /** A length: often at one of the frame format's limits, mostly short. */
  length(): number {
    if (this.once(3)) return this.pick([0, 1, 125, 126, 127]);
    if (this.once(200)) return this.pick([65_535, 65_536, 200_000]);
    return this.below(this.once(10) ? 4_000 : 60);
  }
}
