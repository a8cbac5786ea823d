/** The command line of the benchmark. */

import { parseArgs } from "node:util";
import { BARE, customTarget, LOADS, TARGETS } from "./targets.ts";

/** What shall be measured, and how; `bare` is always one of the targets. */
export type Options = ReturnType<typeof parseOptions>;

const LOAD_IDS = LOADS.map(({ id }) => id);
const NAMES = TARGETS.map(({ name }) => name);

const several = { type: "string", multiple: true } as const;

const OPTIONS = {
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "3" },
  "warm-up": { type: "string", default: "1" },
  load: several,
  only: several,
  target: several,
  path: several,
  page: { type: "boolean" },
  json: { type: "string" },
  help: { type: "boolean" },
} as const;

/** The options that measuring the page knows. */
const WITH_PAGE = ["page", "rounds", "seconds", "json", "help"];

const { rounds, seconds, "warm-up": warmUp } = OPTIONS;

export const HELP =
  `Measure wsecho against other WebSocket echo servers, on Linux.

Usage: deno task bench [options]

  --rounds N             turns of each target at each load (${rounds.default})
  --seconds S            time measured for each load (${seconds.default})
  --warm-up S            time before it that is not measured (${warmUp.default})
  --load ID              run only this load: ${LOAD_IDS.join(", ")}
  --only NAME            run only this target beside ${BARE}:
                         ${quoted(NAMES)}
                         or the name of a --target
  --target NAME=COMMAND  add a server: one command for sh that stays in the
                         foreground and listens on port {port} of 127.0.0.1
  --path NAME=/PATH      where that server echoes (/)
  --page                 measure the page in Chromium instead of the servers
  --json FILE            write all figures to FILE
  --help                 show this text

In brackets: the default. --load, --only, --target and --path can be repeated.
--page goes with --rounds, --seconds and --json alone.
A quick look: deno task bench --rounds 1 --seconds 1
Another server: deno task bench --target "mine=./my-server --port {port}"`;

/** Reads the command line. Throws a TypeError that names what is wrong. */
export function parseOptions(args: string[]) {
  const { values, tokens } = parseArgs({
    args,
    options: OPTIONS,
    tokens: true,
  });
  for (const token of values.page ? tokens : []) {
    if (token.kind === "option" && !WITH_PAGE.includes(token.name)) {
      throw new TypeError(`--page does not go with --${token.name}`);
    }
  }
  const custom = (values.target ?? []).map((text) => {
    const [, name, command] = /^([^=]+)=(.*\{port\}.*)$/s.exec(text) ?? [];
    check(name && command, "target", text, "NAME=COMMAND with a {port}");
    return customTarget(name, command);
  });
  for (const text of values.path ?? []) {
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
  const loads = choose("load", LOAD_IDS, values.load);
  const only = choose("only", names, values.only);
  const rounds = number("rounds", values.rounds, 1, 1_000);
  const whole = Number.isInteger(rounds);
  check(whole, "rounds", values.rounds, "a whole number");
  return {
    rounds,
    seconds: number("seconds", values.seconds, 0.1, 600),
    warmUp: number("warm-up", values["warm-up"], 0, 600),
    loads: LOADS.filter(({ id }) => loads.includes(id)),
    targets: targets.filter(({ name }) => name === BARE || only.includes(name)),
    page: values.page,
    json: values.json,
    help: values.help,
  };
}

function check(
  valid: unknown,
  option: string,
  value: string,
  expected: string,
): asserts valid {
  if (valid) return;
  throw new TypeError(`--${option} "${value}" is not ${expected}`);
}

/** A list of names, which may have commas. */
function quoted(names: string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/** The values that were given, all of which must be known; else all. */
function choose(option: string, all: string[], given = all): string[] {
  const expected = `one of ${quoted(all)}`;
  for (const value of given) {
    check(all.includes(value), option, value, expected);
  }
  return given;
}

function number(option: string, text: string, min: number, max: number) {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  const expected = `a number from ${min} to ${max}`;
  check(value >= min && value <= max, option, text, expected);
  return value;
}
