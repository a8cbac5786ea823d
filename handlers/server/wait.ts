/** Waits for so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits for a promise, but no longer than so many milliseconds.
 *
 * @throws what the promise is rejected with until then
 */
export async function within(promise: Promise<unknown>, ms: number) {
  const late = Promise.withResolvers<void>();
  // The platform warns of a time that is over.
  const timer = setTimeout(late.resolve, Math.max(0, ms));
  try {
    await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
