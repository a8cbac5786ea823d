/** What is drawn for: each has a sequence of its own, so that none shifts another. */
const STREAMS = { odds: 0x6f647364, drop: 0x64726f70, jitter: 0x6a697474 };

/**
 * Draws numbers from 0 up to 1.
 *
 * @param seed makes them repeat exactly (mulberry32); without it they do not
 */
export function createRandom(
  seed: number | undefined,
  stream: keyof typeof STREAMS,
): () => number {
  if (seed === undefined) return Math.random;
  let state = seed ^ STREAMS[stream];
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let bits = Math.imul(state ^ state >>> 15, state | 1);
    bits ^= bits + Math.imul(bits ^ bits >>> 7, bits | 61);
    return ((bits ^ bits >>> 14) >>> 0) / 2 ** 32;
  };
}
