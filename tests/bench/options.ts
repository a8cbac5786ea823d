/** The command line of the benchmark. */

import { parseArgs } from "node:util";
import { BARE, customTarget, type Load, LOADS } from "./targets.ts";
import { type Target, TARGETS } from "./targets.ts";

/** What shall be measured, and how. */
export interface Options {
  /** How often every target has its turn at every load. */
  rounds: number;
  /** How long a load is measured, in seconds. */
  seconds: number;
  /** How long it runs before that, in seconds. */
  warmUp: number;
  loads: Load[];
  /** `bare` is always one of them. */
  targets: Target[];
  /** The file that gets all figures. Default: none. */
  json?: string | undefined;
  help?: boolean | undefined;
}

/** Says what is wrong with the command line. */
export class UsageError extends Error {}

const LOAD_IDS = LOADS.map(({ id }) => id);
const NAMES = TARGETS.map(({ name }) => name);

/** A row for each option: its kind, its placeholder and its help. */
const OPTIONS = {
  rounds: one("N", "turns of each target at each load", "5"),
  seconds: one("S", "time measured for each load", "3"),
  "warm-up": one("S", "time before it that is not measured", "1"),
  load: several("ID", `run only this load: ${LOAD_IDS.join(", ")}`),
  only: several(
    "NAME",
    `run only this target beside ${BARE}: ${NAMES.slice(1).join(", ")},`,
    "or the name of a --target",
  ),
  target: several(
    "NAME=COMMAND",
    "add a server: one command for sh that stays in the foreground and",
    "listens on port {port} of 127.0.0.1",
  ),
  path: several("NAME=/PATH", "where that server echoes (default: /)"),
  json: { type: "string", value: "FILE", help: ["write all figures to FILE"] },
  help: { type: "boolean", value: "", help: ["show this text"] },
} as const;

function one<T extends string>(value: string, help: string, initial: T) {
  const type = "string" as const;
  const text = `${help} (default: ${initial})`;
  return { type, default: initial, value, help: [text] };
}

function several(value: string, ...help: string[]) {
  const none: string[] = [];
  return {
    type: "string",
    multiple: true,
    default: none,
    value,
    help,
  } as const;
}

const ROWS = Object.entries(OPTIONS).map(([name, { value, help }]) =>
  `--${name} ${value}`.padEnd(23) + help.join(`\n${" ".repeat(25)}`)
);

export const HELP =
  `Measure wsecho against other WebSocket echo servers (Linux).

Usage: deno task bench [options]

  ${ROWS.join("\n  ")}

--load, --only, --target and --path can be repeated.
A quick look: deno task bench --rounds 1 --seconds 1
Another server: deno task bench --target "mine=./my-server --port {port}"`;

/** Reads the command line. Throws a {@linkcode UsageError} on a mistake. */
export function parseOptions(args: string[]): Options {
  const values = parse(args);
  const custom = values.target.map((text) => {
    const [, name, command] = /^([^=]+)=(.*\{port\}.*)$/s.exec(text) ?? [];
    check(name && command, "target", text, "NAME=COMMAND with a {port}");
    return customTarget(name, command);
  });
  for (const text of values.path) {
    const [, name, path] = /^([^=]+)=(\/[\x21-\x7e]*)$/.exec(text) ?? [];
    const target = custom.find((target) => target.name === name);
    check(path && target, "path", text, "/PATH with the NAME of a --target");
    target.path = path;
  }
  const targets = [...TARGETS, ...custom];
  const names = targets.map(({ name }) => name);
  for (const [i, name] of names.entries()) {
    check(names.indexOf(name) === i, "target", name, "a name of its own");
  }
  const loads = choose("load", values.load, LOAD_IDS);
  const only = choose("only", values.only, names);
  return {
    rounds: number("rounds", values.rounds, /^\d+$/, 1, 1_000),
    seconds: number("seconds", values.seconds, /^\d+(\.\d+)?$/, 0.1, 600),
    warmUp: number("warm-up", values["warm-up"], /^\d+(\.\d+)?$/, 0, 600),
    loads: LOADS.filter(({ id }) => loads.includes(id)),
    targets: targets.filter(({ name }) => name === BARE || only.includes(name)),
    json: values.json,
    help: values.help,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`Cannot read the command line: ${message}`);
  }
}

function check(
  valid: unknown,
  option: string,
  value: string,
  expected: string,
): asserts valid {
  if (valid) return;
  throw new UsageError(`Cannot use --${option} "${value}": not ${expected}`);
}

/** The values that were given, all of which must be known; else all. */
function choose(option: string, given: string[], all: string[]): string[] {
  for (const value of given) {
    check(all.includes(value), option, value, `one of ${all.join(", ")}`);
  }
  return given.length > 0 ? given : all;
}

function number(
  option: string,
  text: string,
  form: RegExp,
  min: number,
  max: number,
): number {
  const value = form.test(text) ? Number(text) : NaN;
  const kind = form.test("0.5") ? "a number" : "a whole number";
  const expected = `${kind} from ${min} to ${max}`;
  check(value >= min && value <= max, option, text, expected);
  return value;
}
