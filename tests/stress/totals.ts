import type { Totals } from "./service_log.ts";

/**
 * Compares what the service has logged with what its clients have seen.
 *
 * @returns the messages that were lost: none, or an error is thrown
 */
export function checkTotals(logged: Totals, seen: Totals): number {
  // What the service received is what its clients sent: one side's view.
  for (const name of Object.keys(seen) as (keyof Totals)[]) {
    if (logged[name] !== seen[name]) {
      throw new Error(
        `Cannot accept the log: ${name} is ${logged[name]} for the service, ${
          seen[name]
        } for its clients`,
      );
    }
  }
  return 0;
}
