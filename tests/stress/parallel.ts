/**
 * Runs numbered cases, some at a time, and stops at the first that fails.
 *
 * @param count how many cases; they get 0 to `count - 1`
 * @param width how many at a time
 */
export async function inParallel(
  count: number,
  width: number,
  run: (index: number) => Promise<void>,
) {
  let next = 0;
  const work = async () => {
    while (next < count) await run(next++);
  };
  const lanes = Array.from({ length: width }, work);
  // The first error stops the others; it is thrown when all have ended.
  await Promise.all(lanes).catch(() => next = count);
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}
