/** Runs numbered cases, `width` at a time, and throws the first error. */
export async function inParallel(
  count: number,
  width: number,
  run: (index: number) => Promise<void>,
) {
  let next = 0;
  const work = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: width }, work));
}
