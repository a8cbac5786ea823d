import { parseArgs } from "node:util";

/** The parts of a run, in order. */
export const PARTS = ["handshakes", "frames", "faults", "soak"] as const;
export type Part = typeof PARTS[number];

export interface StressOptions {
  /** Chooses all that is random. */
  seed: number;
  /** How long the soak lasts. */
  minutes: number;
  /** Requests and connections of the fuzzing; scales all else. */
  count: number;
  parts: readonly Part[];
}

/** A mistake in the command line. */
export class UsageError extends Error {}

export const HELP = `Tries to break the service, and shows that it holds.

Usage: deno task stress [OPTION]...

  --seed N       chooses all that is random [random]
  --count N      requests, and connections, of the fuzzing; scales faults and
                 the soak's connections, too [10000]
  --minutes N    how long the soak lasts [1]
  --only PART    ${PARTS.join(", ")}; may be given several times [all]
  --help         show this help

Exit codes: 0 all held, 1 something did not, 2 wrong usage.
`;

const MAX_SEED = 0xffff_ffff;
const MAX_COUNT = 1_000_000;
const MAX_MINUTES = 1_440;

/**
 * Reads the command line.
 *
 * @returns nothing when help is asked for
 * @throws {UsageError} naming the option
 */
export function parseOptions(args: string[]): StressOptions | undefined {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        seed: { type: "string" },
        count: { type: "string", default: "10000" },
        minutes: { type: "string", default: "1" },
        only: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (cause) {
    throw new UsageError(
      `Cannot read the options: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (values.help) return undefined;
  const unknown = values.only.find((part) => !PARTS.includes(part as Part));
  if (unknown !== undefined) {
    throw new UsageError(
      `Cannot use --only "${unknown}": expected ${PARTS.join(", ")}`,
    );
  }
  return {
    seed: values.seed === undefined
      ? crypto.getRandomValues(new Uint32Array(1))[0]!
      : parseNumber("seed", values.seed, /^\d+$/, 0, MAX_SEED),
    count: parseNumber("count", values.count, /^\d+$/, 1, MAX_COUNT),
    minutes: parseNumber(
      "minutes",
      values.minutes,
      /^\d+(?:\.\d+)?$/,
      0.01,
      MAX_MINUTES,
    ),
    parts: values.only.length === 0
      ? PARTS
      : PARTS.filter((part) => values.only.includes(part)),
  };
}

function parseNumber(
  name: string,
  value: string,
  form: RegExp,
  min: number,
  max: number,
): number {
  if (form.test(value) && Number(value) >= min && Number(value) <= max) {
    return Number(value);
  }
  throw new UsageError(
    `Cannot use --${name} "${value}": expected a number from ${min} to ${max}`,
  );
}
