import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseCommand, UsageError } from "../../handlers/cli/command_line.ts";
import { formatHelp } from "../../handlers/cli/help.ts";
import {
  defaultOptions,
  OPTIONS,
  type ProgramOptions,
} from "../../handlers/cli/options.ts";
import { ENDPOINT_NAMES, ENDPOINTS } from "../../handlers/endpoints.ts";
import type { Limits } from "../../main.ts";

type Environment = { HOST?: string; PORT?: string };
/** What arguments change of the options, those of the service apart. */
type Changes = Omit<Partial<ProgramOptions>, "service">;
type ServiceChanges = Partial<ProgramOptions["service"]>;

function parse(args: string[], environment: Environment = {}): ProgramOptions {
  const command = parseCommand(args, (name) => environment[name]);
  if (command.kind !== "serve") throw new Error(`Cannot use ${command.kind}`);
  return command.options;
}

/** The message of a refusal, always one sentence on one line. */
function usageError(args: string[], environment: Environment = {}): string {
  const { message } = assertThrows(() => parse(args, environment), UsageError);
  assertMatch(message, /^Cannot [^\r\n]*[^.\r\n]$/);
  return message;
}

function limits(changes: Partial<Limits>): ServiceChanges {
  return { limits: changes };
}

/** Arguments, and what they change. */
const ACCEPTED: [args: string[], ServiceChanges, Changes?][] = [
  [[], {}],
  [["--host", "0.0.0.0"], { hostname: "0.0.0.0" }],
  [["--host=localhost"], { hostname: "localhost" }],
  [["--host", "::1"], { hostname: "::1" }],
  [["--host", "[::1]"], { hostname: "::1" }],
  [["--port", "0"], { port: 0 }],
  [["--port", "65535"], { port: 65_535 }],
  [["--port", "1", "--port", "2"], { port: 2 }],
  [["--cert", "a", "--key", "b"], {}, { cert: "a", key: "b" }],
  [["--prefix", "我  Received:  "], { prefix: "我  Received:  " }],
  [["--prefix="], { prefix: "" }],
  [["--prefix", "-"], { prefix: "-" }],
  [["--prefix=-> "], { prefix: "-> " }],
  [["--prefix=--port"], { prefix: "--port" }],
  [["--subprotocol", "b", "--subprotocol", "a"], { subprotocols: ["b", "a"] }],
  [["--allow-origin", "HTTP://A.example:80/", "--allow-origin", "self"], {
    origins: ["http://a.example", "self"],
  }],
  [["--header", "Set-Cookie: a=b", "--header", "Set-Cookie:c=d ; e:f\t"], {
    headers: [["Set-Cookie", "a=b"], ["Set-Cookie", "c=d ; e:f"]],
  }],
  [["--header", "X-Empty:"], { headers: [["X-Empty", ""]] }],
  [["--max-message-size", "1"], limits({ maxMessageSize: 1 })],
  [["--max-message-size", "64KiB"], limits({ maxMessageSize: 65_536 })],
  [["--max-message-size", "256MiB"], limits({ maxMessageSize: 2 ** 28 })],
  [["--max-message-size", "268435456"], limits({ maxMessageSize: 2 ** 28 })],
  [["--max-buffered", "1KiB"], limits({ maxBuffered: 1_024 })],
  [["--max-buffered", "4096MiB"], limits({ maxBuffered: 2 ** 32 })],
  [["--max-connections", "1000000"], limits({ maxConnections: 1_000_000 })],
  [["--idle-timeout", "0"], limits({ idleTimeout: 0 })],
  [["--idle-timeout", "86400"], limits({ idleTimeout: 86_400 })],
  [["--max-memory", "512MiB"], { maxMemory: 2 ** 29 }],
  [["--grace", "0"], {}, { grace: 0 }],
  [["--grace", "3600"], {}, { grace: 3_600 }],
  [["--log", "json"], {}, { log: "json" }],
  [["--log", "off"], {}, { log: "off" }],
  [["--log", "text", "--verbose"], {}, { log: "text", verbose: true }],
  ...ENDPOINT_NAMES.map((name): [string[], ServiceChanges] => [
    [`--${name}`, "/a/", `--${name}`, "/回"],
    { paths: { [name]: ["/a", "/%E5%9B%9E"] } },
  ]),
];
if (Deno.build.os === "linux") {
  ACCEPTED.push([["--reuse-port"], { reusePort: true }]);
}

for (const [args, service, changes] of ACCEPTED) {
  Deno.test(`parseCommand() accepts ${Deno.inspect(args)}`, () => {
    const defaults = defaultOptions();
    assertEquals(parse(args), {
      ...defaults,
      ...changes,
      service: { ...defaults.service, ...service },
    });
  });
}

const SIZE = "bytes, or KiB or MiB as in 64KiB";
const SIZES = (max: number) =>
  `a whole number of bytes from 1 to ${max * 2 ** 20} (${max}MiB)`;
const NOT_EMPTY = "a string that is not empty";

/** An option, values that it refuses, and what it expects instead. */
const REFUSED: [option: string, values: string[], expected: string][] = [
  ["host", [""], NOT_EMPTY],
  ["cert", [""], NOT_EMPTY],
  ["key", [""], NOT_EMPTY],
  [
    "port",
    ["", "65536", "-1", "1.5", "1e3", "0x50", " 80", "http", "8\n0"],
    "a whole number from 0 to 65535",
  ],
  ["echo", ["/x?y=1"], 'a path without "?"'],
  ["echo", ["", "echo", "//a"], "a path that begins with one slash"],
  ["subprotocol", ["", "a,b"], "a token, such as chat or v1.chat"],
  [
    "allow-origin",
    ["", "a.example"],
    "scheme://host, scheme://host:port, self or *.host",
  ],
  ["header", ["", "a", "a : b", "ä: b"], '"Name: value"'],
  [
    "header",
    ["a: b\nc: d", "A: \x01"],
    "a value of printable Latin-1 characters",
  ],
  ["max-message-size", ["", "-1", "1.5MiB", "1 MiB", "1mib", "1GiB"], SIZE],
  ["max-message-size", ["0", "268435457"], SIZES(256)],
  ["max-buffered", ["KiB", "1e6"], SIZE],
  ["max-buffered", ["0", "4294967297"], SIZES(4_096)],
  ["max-memory", ["", "80%"], SIZE],
  ["max-memory", ["0"], SIZES(16_777_216)],
  [
    "max-connections",
    ["0", "1000001", "x"],
    "a whole number from 1 to 1000000",
  ],
  ["idle-timeout", ["-1", "86401", "30s"], "a whole number from 0 to 86400"],
  ["grace", ["-1", "3601", "1e3", "5s"], "seconds from 0 to 3600"],
  ["log", ["", "yaml", "JSON", "text|json"], "text or json or off"],
];

for (const [option, values, expected] of REFUSED) {
  Deno.test(`parseCommand() --${option} expects ${expected}`, () => {
    for (const value of values) {
      assertEquals(
        assertThrows(() => parse([`--${option}=${value}`]), UsageError).message,
        `Cannot use --${option} ${JSON.stringify(value)}: expected ${expected}`,
      );
    }
  });
}

/** Command lines that are wrong, and the message. */
const WRONG: Record<string, [args: string[], message: string]> = {
  "an unknown option": [
    ["--colour=red"],
    "Cannot use --colour: there is no such option, see --help",
  ],
  "an unknown short option": [
    ["-p", "80"],
    "Cannot use -p: there is no such option, see --help",
  ],
  "a switch that is negated": [
    ["--no-verbose"],
    "Cannot use --no-verbose: there is no such option, see --help",
  ],
  "a positional argument": [
    ["8080"],
    'Cannot use the argument "8080": expected an option, see --help',
  ],
  "arguments after --": [
    ["--", "--port"],
    'Cannot use the argument "--port": expected an option, see --help',
  ],
  "a switch with a value": [
    ["--verbose=yes"],
    'Cannot use --verbose "yes": it takes no value',
  ],
  "a value that is missing at the end": [
    ["--verbose", "--port"],
    "Cannot use --port: its value PORT is missing",
  ],
  "a value that is missing before an option": [
    ["--prefix", "--port=80"],
    "Cannot use --prefix: its value TEXT is missing before --port=80",
  ],
  "a number below zero": [
    ["--port", "-1"],
    'Cannot use --port "-1": expected a whole number from 0 to 65535',
  ],
  "a text that begins with a hyphen": [
    ["--prefix", "-> "],
    'Cannot use --prefix "-> ": a value that begins with "-" is written --prefix="-> "',
  ],
  "--cert alone": [["--cert", "a"], 'Cannot use --cert "a": it needs --key'],
  "--key alone": [["--key", "b"], 'Cannot use --key "b": it needs --cert'],
  "a header of the handshake": [
    ["--header", "Upgrade: x"],
    'Cannot use --header "Upgrade: x": Upgrade belongs to the handshake itself',
  ],
};

for (const [name, [args, message]] of Object.entries(WRONG)) {
  Deno.test(`parseCommand() names ${name}`, () => {
    assertEquals(usageError(args), message);
  });
}

Deno.test("parseCommand() refuses a path that is given to two endpoints", () => {
  const [first, second] = ENDPOINT_NAMES;
  assertEquals(
    usageError([`--${second}`, "/a/", `--${first}`, "/b", `--${first}`, "/a"]),
    `Cannot use --${second} "/a": the path belongs to --${first}`,
  );
});

/** The environment, arguments beside it, and what they change. */
const ENVIRONMENTS: [Environment, args: string[], ServiceChanges][] = [
  [{ HOST: "::1", PORT: "9000" }, [], { hostname: "::1", port: 9_000 }],
  [{ HOST: "[::1]", PORT: "0" }, [], { hostname: "::1", port: 0 }],
  [{ HOST: "", PORT: "" }, [], {}],
  [{ HOST: "::1", PORT: "9000" }, ["--host", "::", "--port", "0"], {
    hostname: "::",
    port: 0,
  }],
  // A wrong value that is not used does not matter.
  [{ HOST: "::1", PORT: "x" }, ["--port", "8"], { hostname: "::1", port: 8 }],
];

for (const [environment, args, changes] of ENVIRONMENTS) {
  const name = `${Deno.inspect(environment)} and ${Deno.inspect(args)}`;
  Deno.test(`parseCommand() reads the environment: ${name}`, () => {
    const { service } = parse(args, environment);
    assertEquals(service, { ...defaultOptions().service, ...changes });
  });
}

Deno.test("parseCommand() refuses a wrong PORT by the variable's name", () => {
  for (const PORT of ["http", "65536", "-1", " ", "80\n"]) {
    assertEquals(
      usageError([], { PORT }),
      `Cannot use environment variable PORT ${
        JSON.stringify(PORT)
      }: expected a whole number from 0 to 65535`,
    );
  }
});

Deno.test("parseCommand() prefers --help, then --version", () => {
  const kind = (...args: string[]) => parseCommand(args, () => "x").kind;
  assertEquals(kind("--help"), "help");
  assertEquals(kind("-h"), "help");
  assertEquals(kind("--version"), "version");
  assertEquals(kind("--version", "--help"), "help");
  assertEquals(kind("--port", "x", "--help"), "help");
  assertThrows(() => kind("--help", "--colour"), UsageError);
});

Deno.test("OPTIONS has every option once, and defaults with values only", () => {
  const names = OPTIONS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { name, value, default: initial, multiple, help } of OPTIONS) {
    assertMatch(name, /^[a-z]+(-[a-z]+)*$/);
    assertMatch(help, /^[a-z].*[^.]$/);
    if (value !== undefined) continue;
    assertEquals([initial, multiple], [undefined, undefined], name);
  }
});

Deno.test("OPTIONS shows defaults that the options accept", () => {
  for (const { name, default: initial, multiple } of OPTIONS) {
    // Those of several values are described, not written as they are given.
    if (initial === undefined || multiple || initial.includes(" ")) continue;
    parse([`--${name}=${initial}`]);
  }
  const shown = OPTIONS.map((row) => [row.name, row.default]);
  for (const name of ENDPOINT_NAMES) {
    const paths = ENDPOINTS[name].paths.join(", ");
    assert(shown.some((row) => row[0] === name && row[1] === paths), name);
  }
});

Deno.test("formatHelp() shows options in a table", () => {
  const help = formatHelp([
    { name: "port", value: "PORT", default: "8080", help: "port to use" },
    { name: "header", value: "LINE", multiple: true, help: "header to add" },
    { name: "help", help: "show this help" },
  ]);
  const lines = help.split("\n");
  assertEquals(lines.filter((line) => line.startsWith("  ")), [
    "  --port PORT        port to use [8080]",
    "  --header LINE ...  header to add",
    "  --help             show this help",
  ]);
  assert(lines.includes("Usage: wsecho [OPTION]..."));
});
