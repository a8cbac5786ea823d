/** Waiting with a deadline, so that a test fails instead of hanging. */

/** How long a test waits before it fails. */
const TIMEOUT_MS = 30_000;

/** Fails, naming what was waited for, when a promise takes too long. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Cannot wait any longer for ${what}`)),
    TIMEOUT_MS,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits, looking every 10 ms, until something holds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
) {
  const deadline = Date.now() + TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`Cannot wait any longer until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
