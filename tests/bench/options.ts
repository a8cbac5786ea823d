/** The command line of the benchmark. */

import { parseArgs } from "node:util";
import { IDLE_ID, LOADS } from "./loads.ts";

/** What shall be measured, and how. */
export interface Options {
  /** How often every target has its turn at every load. Default: 5. */
  rounds: number;
  /** How long a load is measured, in seconds. Default: 3. */
  seconds: number;
  /** How long it runs before that, in seconds. Default: 1. */
  warmUp: number;
  /** Ids of the loads to run. Default: all. */
  loads: string[];
  /** Names of the targets to run, "bare" apart. Default: all. */
  only: string[];
  /** More targets. Default: none. */
  custom: CustomTarget[];
  /** The file that gets all figures. Default: none. */
  json: string | undefined;
  help: boolean;
}

/** A server that the user names. */
export interface CustomTarget {
  name: string;
  /** A line for `sh`, in which `{port}` stands for the port. */
  command: string;
  /** The path of the echo endpoint. */
  path: string;
}

/** The names of the targets that are always known. */
export const TARGET = {
  bare: "bare",
  wsecho: "wsecho",
  pair: "wsecho x2",
  ws: "ws on Node",
} as const;

/** Says what is wrong with the command line. */
export class UsageError extends Error {
  override name = "UsageError";
}

const LOAD_IDS = [...LOADS.map(({ id }) => id), IDLE_ID];

export const HELP = `Measure wsecho against other WebSocket echo servers.

Usage: deno task bench [options]

  --rounds N              turns of each target at each load (default: 5)
  --seconds S             time measured for each load (default: 3)
  --warm-up S             time before it that is not measured (default: 1)
  --load ID               run only this load; repeatable:
                          ${LOAD_IDS.join(", ")}
  --only NAME             run only this target beside "${TARGET.bare}"; repeatable:
                          ${
  Object.values(TARGET).slice(1).map((name) => `"${name}"`).join(", ")
},
                          or the name of a --target
  --target NAME=COMMAND   add a server: one command for sh that stays in the
                          foreground and listens on 127.0.0.1; {port} stands
                          for the port; repeatable
  --path NAME=/PATH       where that server echoes (default: /); repeatable
  --json FILE             write all figures to FILE
  --help                  show this text

A quick look: deno task bench --rounds 1 --seconds 1
Another server: deno task bench --target "mine=./my-server --port {port}"
`;

/** Reads the command line. Throws a {@linkcode UsageError} on a mistake. */
export function parseOptions(args: string[]): Options {
  const values = parse(args);
  const custom = (values.target ?? []).map((text) => {
    const [name, command] = pair("target", text);
    return { name, command, path: "/" };
  });
  const names: string[] = [
    ...Object.values(TARGET),
    ...custom.map(({ name }) => name),
  ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) fail("target", twice, "the name is taken");
  for (const { name, command } of custom) {
    if (!command.includes("{port}")) {
      fail("target", `${name}=${command}`, "it has no {port}");
    }
  }
  for (const text of values.path ?? []) {
    const [name, path] = pair("path", text);
    const target = custom.find((target) => target.name === name);
    if (!target) fail("path", text, "no --target has this name");
    if (!/^\/[\x21-\x7e]*$/.test(path)) {
      fail("path", text, "a path starts with / and has no spaces");
    }
    target.path = path;
  }
  for (const name of values.only ?? []) {
    if (!names.includes(name)) {
      fail("only", name, `it must be one of ${names.join(", ")}`);
    }
  }
  for (const id of values.load ?? []) {
    if (!LOAD_IDS.includes(id)) {
      fail("load", id, `it must be one of ${LOAD_IDS.join(", ")}`);
    }
  }
  const rounds = number("rounds", values.rounds ?? "5", 1, 1_000);
  if (!Number.isInteger(rounds)) {
    fail("rounds", values.rounds!, "it must be a whole number");
  }
  return {
    rounds,
    seconds: number("seconds", values.seconds ?? "3", 0.1, 600),
    warmUp: number("warm-up", values["warm-up"] ?? "1", 0, 600),
    loads: values.load ?? LOAD_IDS,
    only: values.only ?? names,
    custom,
    json: values.json,
    help: values.help ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        rounds: { type: "string" },
        seconds: { type: "string" },
        "warm-up": { type: "string" },
        load: { type: "string", multiple: true },
        only: { type: "string", multiple: true },
        target: { type: "string", multiple: true },
        path: { type: "string", multiple: true },
        json: { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(
      `Cannot read the command line: ${(error as Error).message}`,
    );
  }
}

function fail(option: string, value: string, reason: string): never {
  throw new UsageError(`Cannot use --${option} "${value}": ${reason}`);
}

function pair(option: string, text: string): [string, string] {
  const at = text.indexOf("=");
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  if (at < 0 || !name || !value) {
    fail(option, text, "it must read NAME=VALUE");
  }
  return [name, value];
}

function number(option: string, text: string, min: number, max: number) {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    fail(option, text, `it must be a number from ${min} to ${max}`);
  }
  return value;
}
