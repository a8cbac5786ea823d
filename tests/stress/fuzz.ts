import fc from "fast-check";
import { ServiceProcess } from "../support/process.ts";
import type { PartOptions, Stage } from "./part.ts";

/**
 * Tries generated cases one after the other. A case that fails is made smaller
 * by fast-check for as long as it fails.
 *
 * @param runs how many cases
 * @throws {Error} with the smallest failing case, and how to repeat it
 */
export async function fuzz<Case>(
  name: string,
  cases: fc.Arbitrary<Case>,
  runs: number,
  stage: Stage,
  { seed, path }: PartOptions,
  run: (port: number, value: Case) => Promise<void>,
) {
  await using replacements = new AsyncDisposableStack();
  let { service } = stage;
  const property = fc.asyncProperty(cases, async (value) => {
    // A case that ends the service has failed; smaller ones need another.
    if (service.hasEnded) {
      service = replacements.use(await ServiceProcess.start(stage.spawn));
    }
    await run(service.port, value);
    if (service.hasEnded) throw new Error("The service has ended");
  });
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    includeErrorInReport: true,
    ...path === undefined ? {} : { path },
  });
  if (!details.failed) return;
  throw new Error(
    `${fc.defaultReportMessage(details)}\n` +
      `Repeat it with: deno task stress --only ${name} --seed ${details.seed} --path ${details.counterexamplePath}`,
  );
}
