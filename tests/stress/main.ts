import { parseArgs } from "node:util";
import { errors } from "./errors.ts";
import { faults } from "./faults.ts";
import { delays, fragments, pipelining } from "./floods.ts";
import { frames } from "./frames.ts";
import { handshakes } from "./handshakes.ts";
import { http2 } from "./http2.ts";
import { log } from "./log.ts";
import type { Part } from "./part.ts";
import { resets } from "./resets.ts";
import { runPart } from "./run_part.ts";
import { siblings } from "./siblings.ts";
import { sigterm } from "./sigterm.ts";
import { soak } from "./soak.ts";
import { unanswered } from "./unanswered.ts";

/** All parts, in the order in which they run. */
export const PARTS: readonly Part[] = [
  ...[handshakes, frames, faults, soak],
  ...[resets, fragments, delays, http2, unanswered],
  ...[sigterm, pipelining, siblings, log, errors],
];

const HELP = `Attacks the service, and shows that it holds.

Usage: deno task stress [OPTION]...

  --only PART   run this part; may be given several times [all]
  --size SHARE  share of the full size, from 0.001 to 100 [1]
  --seed N      chooses what is random [random]
  --help        show this help

Parts, at full size:
${PARTS.map(({ name, summary }) => `  ${name.padEnd(14)}${summary}`).join("\n")}

Exit codes: 0 all held, 1 something did not, 2 wrong usage.`;

if (import.meta.main) Deno.exit(await main(Deno.args));

/** Runs the program; returns its exit code, and throws what did not hold. */
async function main(args: string[]): Promise<number> {
  let options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`stress: ${(error as Error).message}`);
    return 2;
  }
  const { help, parts, size, seed } = options;
  if (help) console.log(HELP);
  for (const part of help ? [] : parts) {
    console.log(`${part.name}: --size ${size} --seed ${seed}`);
    const notes = await runPart(part, size, seed);
    for (const note of notes) console.log(`  ${note}`);
  }
  return 0;
}

/** Reads the command line; throws an error that names the option. */
export function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      size: { type: "string", default: "1" },
      seed: { type: "string", default: `${Math.random()}`.slice(2, 11) },
      help: { type: "boolean", default: false },
    },
  });
  const { only, help } = values;
  const names = PARTS.map(({ name }) => name);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new Error(`Cannot run --only "${unknown}": expected ${names}`);
  }
  const [size, seed] = [Number(values.size), Number(values.seed)];
  if (!(size >= 0.001 && size <= 100)) {
    throw new Error(
      `Cannot use --size "${values.size}": expected 0.001 to 100`,
    );
  }
  if (!/^\d{1,9}$/.test(values.seed)) {
    throw new Error(
      `Cannot use --seed "${values.seed}": expected 1 to 9 digits`,
    );
  }
  const parts = PARTS.filter(({ name }) => only?.includes(name) ?? true);
  return { help, parts, size, seed };
}
