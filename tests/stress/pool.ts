/**
 * Runs numbered cases, some at a time, and stops at the first that fails.
 *
 * @param count how many cases; they get 0 to `count - 1`
 * @param width how many at a time
 */
export async function runCases(
  count: number,
  width: number,
  run: (index: number) => Promise<void>,
) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      try {
        await run(index);
      } catch (cause) {
        next = count;
        throw new Error(`case ${index}: ${(cause as Error).message}`, {
          cause,
        });
      }
    }
  };
  const results = await Promise.allSettled(
    Array.from({ length: Math.min(width, count) }, work),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
