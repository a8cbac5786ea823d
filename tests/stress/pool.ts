/**
 * Bounded waiting and bounded repetition.
 *
 * @module
 */

/** How long anything on loopback may take on a busy machine, in milliseconds. */
export const PATIENCE_MS = 60_000;

/** Resolves after some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits for a promise, but not forever.
 *
 * @param what what is awaited, for the error
 * @param giveUp called when the time is over, to free what was used
 * @throws {Error} when the time is over
 */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  giveUp: () => void = () => {},
  ms: number = PATIENCE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp();
      reject(new Error(`Cannot wait longer for ${what}: ${ms} ms have passed`));
    }, ms);
  });
  // Giving up makes the promise fail too, when nobody listens any more.
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks again and again until the answer is yes: for what tells no event, such
 * as another process's descriptors.
 *
 * @returns whether it became true in time
 */
export async function eventually(
  isTrue: () => boolean,
  ms: number = PATIENCE_MS,
): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!isTrue()) {
    if (performance.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

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
  const worker = async () => {
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
    Array.from({ length: Math.min(width, count) }, worker),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
