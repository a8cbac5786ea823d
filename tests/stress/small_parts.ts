import { readOptions } from "./main.ts";
import type { Part } from "./part.ts";
import { runPart } from "./run_part.ts";

/** Shares of the full size: a few seconds for each part. Default: 0.01. */
const SIZES: Record<string, number> = {
  ...{ handshakes: 0.1, frames: 0.1, resets: 0.1, fragments: 0.1, delays: 0.1 },
  ...{ http2: 0.2, siblings: 0.05, errors: 0.03 },
};

/** The parts that wait most of the time; the others need the machine. */
export const WAITING = ["resets", "unanswered", "log", "errors"];

/** Tests a small version of a part. */
export function testSmall(part: Part) {
  Deno.test({
    name: `stress ${part.name}: the service holds, small`,
    // Descriptors and memory of the service are read from /proc.
    ignore: Deno.build.os !== "linux",
    // fast-check's message has the seed of what failed.
    fn: async () => {
      await runPart(part, SIZES[part.name] ?? 0.01, readOptions([]).seed);
    },
  });
}
