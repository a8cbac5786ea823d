/**
 * Attacks the service, as a process of its own, and checks every answer.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { faults } from "./faults.ts";
import { frames } from "./frames.ts";
import { handshakes } from "./handshakes.ts";
import type { Part } from "./part.ts";
import { runPart } from "./run_part.ts";
import { soak } from "./soak.ts";

/** All parts, in the order in which they run. */
export const PARTS: readonly Part[] = [handshakes, frames, faults, soak];

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

/** Runs the program; returns its exit code. */
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
    try {
      for (const note of await runPart(part, size, seed)) {
        console.log(`  ${note}`);
      }
    } catch (error) {
      console.error(`${part.name}: ${(error as Error).stack}`);
      return 1;
    }
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
  const size = toNumber("size", values.size, 0.001, 100);
  const seed = toNumber("seed", values.seed, 0, 2 ** 31 - 1);
  const parts = PARTS.filter(({ name }) => only?.includes(name) ?? true);
  return { help, parts, size, seed };
}

function toNumber(name: string, text: string, min: number, max: number) {
  const number = /^[\d.]+$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`Cannot use --${name} "${text}": expected ${min} to ${max}`);
}
