import { parseArgs } from "node:util";
import { placeEndpoints } from "../server/paths.ts";
import {
  defaultOptions,
  type OptionRow,
  OPTIONS,
  type ProgramOptions,
} from "./options.ts";

/** What a command line asks for. */
export type Command =
  | { kind: "help" | "version" }
  | { kind: "serve" | "check-health"; options: ProgramOptions };

/** A mistake on the command line; the message is one sentence that names it. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Reads the command line. Where an option is not given, its environment
 * variable is used, if it has one that is set and not empty.
 *
 * @param environment gives a variable's value, undefined where it is not set
 * @throws {UsageError} naming the option or variable, and the value
 */
export function parseCommand(
  args: string[],
  environment: (name: "HOST" | "PORT") => string | undefined,
): Command {
  const given = parseFlags(args);
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };

  const options = defaultOptions();
  for (const row of OPTIONS) {
    const values = given.get(row.name);
    const variable = row.env && environment(row.env);
    if (values) {
      asUsage(() => row.set?.(options, `--${row.name}`, values));
    } else if (variable) {
      const name = `environment variable ${row.env}`;
      asUsage(() => row.set?.(options, name, [variable]));
    }
  }
  checkPair(options);
  asUsage(() => placeEndpoints(options.service.paths, (name) => `--${name}`));
  if (!given.has("check-health")) return { kind: "serve", options };
  if (options.cert !== undefined) {
    throw new UsageError(
      "Cannot use --check-health with --cert: it asks by http alone",
    );
  }
  if (options.service.port === 0) {
    throw new UsageError(
      "Cannot use --check-health with port 0: it needs the one that the service listens on",
    );
  }
  return { kind: "check-health", options };
}

/** Reports what a setting's check throws as a mistake on the command line. */
function asUsage(action: () => void) {
  try {
    action();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) {
      throw error;
    }
    throw new UsageError(error.message, { cause: error });
  }
}

function checkPair({ cert, key }: ProgramOptions) {
  if ((cert === undefined) === (key === undefined)) return;
  const [given, missing] = key === undefined
    ? ["--cert", "--key"]
    : ["--key", "--cert"];
  throw new UsageError(
    `Cannot use ${given} ${JSON.stringify(cert ?? key)}: it needs ${missing}`,
  );
}

/** The values of the options that are given; those of switches are empty. */
function parseFlags(args: string[]): Map<string, string[]> {
  const { tokens } = parseArgs({
    args,
    // parseArgs' own errors are written for programmers: it only splits.
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      OPTIONS.map(({ name, value }) => [name, {
        type: value === undefined ? "boolean" : "string",
        ...(name === "help" && { short: "h" }),
      }]),
    ),
  });
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new UsageError(
        `Cannot use the argument ${
          JSON.stringify(token.value)
        }: expected an option, see --help`,
      );
    }
    if (token.kind !== "option") continue;
    const row = OPTIONS.find(({ name }) => name === token.name);
    if (!row) {
      throw new UsageError(
        `Cannot use ${token.rawName}: there is no such option, see --help`,
      );
    }
    const values = given.get(row.name) ?? [];
    given.set(row.name, values);
    if (row.value === undefined) checkSwitch(row, token.value);
    else values.push(checkValue(row, token));
  }
  return given;
}

function checkSwitch({ name }: OptionRow, value: string | undefined) {
  if (value === undefined) return;
  throw new UsageError(
    `Cannot use --${name} ${JSON.stringify(value)}: it takes no value`,
  );
}

/** A value that follows as an argument of its own may be the next option. */
function checkValue(
  { name, value: placeholder, set }: OptionRow,
  { value, inlineValue }: {
    value: string | undefined;
    inlineValue: boolean | undefined;
  },
): string {
  if (value === undefined) {
    throw new UsageError(
      `Cannot use --${name}: its value ${placeholder} is missing`,
    );
  }
  if (!inlineValue && value.startsWith("-") && value !== "-") {
    const isOption = OPTIONS.some((row) =>
      value === `--${row.name}` || value.startsWith(`--${row.name}=`)
    );
    if (isOption) {
      throw new UsageError(
        `Cannot use --${name}: its value ${placeholder} is missing before ${value}`,
      );
    }
    // What the option could not take in any case says so itself.
    asUsage(() => set?.(defaultOptions(), `--${name}`, [value]));
    throw new UsageError(
      `Cannot use --${name} ${
        JSON.stringify(value)
      }: a value that begins with "-" is written --${name}=${
        JSON.stringify(value)
      }`,
    );
  }
  return value;
}
