import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { ServiceProcess } from "../support/process.ts";
import { SteadyClient } from "./clients.ts";
import type { Stage } from "./part.ts";
import { noTotals } from "./service_log.ts";

/** The values of an arbitrary. */
export type Value<T> = T extends fc.Arbitrary<infer Of> ? Of : never;

/**
 * Tries generated cases one after the other, with a client in good order after
 * each. A case that fails is made smaller by fast-check for as long as it fails.
 *
 * @param numRuns how many cases
 * @throws {Error} with the smallest failing case, its seed and its path
 */
export async function fuzz<Case>(
  { service, spawn, seed }: Stage,
  cases: fc.Arbitrary<Case>,
  numRuns: number,
  tryCase: (service: ServiceProcess, value: Case) => Promise<void>,
) {
  await using replacements = new AsyncDisposableStack();
  const property = fc.asyncProperty(cases, async (value) => {
    // A case that ends the service has failed; smaller ones need another.
    if (service.hasEnded) {
      service = replacements.use(await ServiceProcess.start(spawn));
    }
    try {
      await tryCase(service, value);
      // What a case does to the service, the next client feels.
      using next = await SteadyClient.connect(service.port, "/", noTotals());
      await next.exchange(["served"]);
      await next.close();
    } catch (error) {
      // If the service has ended, it takes a moment until that is known.
      await pause(100);
      throw error;
    }
  });
  await fc.assert(property, { seed, numRuns, includeErrorInReport: true });
}
