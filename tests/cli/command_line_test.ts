import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseCommand, UsageError } from "../../handlers/cli/command_line.ts";
import {
  defaultOptions,
  OPTIONS,
  type ProgramOptions,
} from "../../handlers/cli/options.ts";
import { ENDPOINT_NAMES, ENDPOINTS } from "../../handlers/endpoints.ts";
import type { ServiceOptions } from "../../main.ts";

type Environment = { HOST?: string; PORT?: string };

function parse(args: string[], environment: Environment = {}): ProgramOptions {
  const command = parseCommand(args, (name) => environment[name]);
  if (command.kind !== "serve") throw new Error(`Cannot use ${command.kind}`);
  return command.options;
}

/** The message of a wrong command line, always one sentence on one line. */
function usageError(args: string[], environment: Environment = {}): string {
  const { message } = assertThrows(() => parse(args, environment), UsageError);
  assertMatch(message, /^Cannot [^\r\n]*[^.\r\n]$/);
  return message;
}

/** An argument or several, and what they change of the service's options. */
// deno-fmt-ignore
const SERVICE: [args: string | string[], ServiceOptions][] = [
  [[], {}],
  ["--host=localhost", { hostname: "localhost" }],
  ["--host=[::1]", { hostname: "::1" }],
  [["--host", "::1"], { hostname: "::1" }],
  ["--port=0", { port: 0 }],
  [["--port", "1", "--port", "2"], { port: 2 }],
  ["--prefix=", { prefix: "" }],
  ["--prefix=--port", { prefix: "--port" }],
  [["--prefix", "-"], { prefix: "-" }],
  [["--prefix", "我  Received:  "], { prefix: "我  Received:  " }],
  [["--subprotocol", "b", "--subprotocol", "a"], { subprotocols: ["b", "a"] }],
  [["--allow-origin", "HTTP://A:80/", "--allow-origin", "self"], { origins: ["http://a", "self"] }],
  [["--header", "A: b", "--header", "A:c=d ; e:f\t"], { headers: [["A", "b"], ["A", "c=d ; e:f"]] }],
  ["--header=X-Empty:", { headers: [["X-Empty", ""]] }],
  ["--max-message-size=1", { limits: { maxMessageSize: 1 } }],
  ["--max-message-size=64KiB", { limits: { maxMessageSize: 65_536 } }],
  ["--max-message-size=256MiB", { limits: { maxMessageSize: 2 ** 28 } }],
  ["--max-buffered=4096MiB", { limits: { maxBuffered: 2 ** 32 } }],
  ["--max-connections=1000000", { limits: { maxConnections: 1_000_000 } }],
  ["--idle-timeout=86400", { limits: { idleTimeout: 86_400 } }],
  [["--static", "."], { static: Deno.cwd() }],
  ["--watch-key=a_Key-0123", { watchKey: "a_Key-0123" }],
  [["--no-watch", "--watch=/w"], { paths: { watch: [] } }],
  [["--max-memory=1", "--max-memory=512MiB"], { maxMemory: 2 ** 29 }],
  ...ENDPOINT_NAMES.map((name): [string[], ServiceOptions] =>
    [[`--${name}`, "/a/", `--${name}`, "/回"], { paths: { [name]: ["/a", "/%E5%9B%9E"] } }]),
];
if (Deno.build.os === "linux") {
  SERVICE.push(["--reuse-port", { reusePort: true }]);
}

/** Arguments, and what they change of the program's options. */
const PROGRAM: [args: string[], Partial<ProgramOptions>][] = [
  [["--cert", "a", "--key", "b"], { cert: "a", key: "b" }],
  [["--grace", "0"], { grace: 0 }],
  [["--grace", "3600"], { grace: 3_600 }],
  [["--workers", "1"], { workers: 1 }],
  [["--workers", "1", "--workers", "auto"], {}],
  [["--log", "json"], { log: "json" }],
  [["--log", "off", "--verbose"], { log: "off", verbose: true }],
  ...SERVICE.map(([args, changes]): [string[], Partial<ProgramOptions>] => [
    [args].flat(),
    { service: { ...defaultOptions().service, ...changes as object } },
  ]),
];

if (Deno.build.os === "linux") {
  PROGRAM.push([["--workers", "64"], { workers: 64 }]);
}

for (const [args, changes] of PROGRAM) {
  Deno.test(`parseCommand() accepts ${Deno.inspect(args)}`, () => {
    assertEquals(parse(args), { ...defaultOptions(), ...changes });
  });
}

const SIZE = "bytes, or KiB or MiB as in 64KiB";

/** An option, values that it refuses, and what it expects instead. */
// deno-fmt-ignore
const REFUSED: [option: string, values: string[], expected: string][] = [
  ["host", [""], "a string that is not empty"],
  ["cert", [""], "a string that is not empty"],
  ["port", ["", "65536", "-1", "1.5", "1e3", "0x50", " 80", "http", "8\n0"], "a whole number from 0 to 65535"],
  ["static", ["./no-such", "deno.json"], "an existing folder"],
  ["echo", ["", "echo", "//a"], "a path that begins with one slash"],
  ["watch-key", ["", "1234567", "blank in it", "x".repeat(65)], "8 to 64 characters of A-Z, a-z, 0-9, _ and -"],
  ["subprotocol", ["", "a,b"], "a token, such as chat or v1.chat"],
  ["allow-origin", ["", "a.example"], "scheme://host, scheme://host:port, self or *.host"],
  ["header", ["", "a", "a : b", "ä: b"], '"Name: value"'],
  ["max-message-size", ["", "KiB", "80%", "-1", "1.5MiB", "1 MiB", "1mib", "1GiB", "1MB"], SIZE],
  ["max-message-size", ["0", "268435457"], "a whole number of bytes from 1 to 268435456 (256MiB)"],
  ["max-buffered", ["0", "4294967297"], "a whole number of bytes from 1 to 4294967296 (4096MiB)"],
  ["max-memory", ["0"], "a whole number of bytes from 1 to 17592186044416 (16777216MiB)"],
  ["max-connections", ["0", "1000001", "x"], "a whole number from 1 to 1000000"],
  ["idle-timeout", ["-1", "86401", "30s"], "a whole number from 0 to 86400"],
  ["grace", ["-1", "3601", "1e3", "5s"], "seconds from 0 to 3600"],
  ["workers", ["", "0", "65", "1.5", "-1", "x", "Auto"], "auto or a whole number from 1 to 64"],
  ["log", ["", "yaml", "JSON", "text|json"], "text, json or off"],
];

for (const [option, values, expected] of REFUSED) {
  Deno.test(`parseCommand() --${option} expects ${expected}`, () => {
    for (const value of values) {
      const shown = `--${option} ${JSON.stringify(value)}`;
      assertEquals(
        usageError([`--${option}=${value}`]),
        `Cannot use ${shown}: expected ${expected}`,
      );
    }
  });
}

const [FIRST, SECOND] = ENDPOINT_NAMES;

/** Command lines that are wrong, and the message after "Cannot use ". */
// deno-fmt-ignore
const WRONG: [args: string[], message: string][] = [
  [["--colour=red"], "--colour: there is no such option, see --help"],
  [["-p", "80"], "-p: there is no such option, see --help"],
  [["--no-verbose"], "--no-verbose: there is no such option, see --help"],
  [["8080"], 'the argument "8080": expected an option, see --help'],
  [["--", "--port"], 'the argument "--port": expected an option, see --help'],
  [["--verbose=yes"], '--verbose "yes": it takes no value'],
  [["--verbose", "--port"], "--port: its value PORT is missing"],
  [["--prefix", "--port=80"], "--prefix: its value TEXT is missing before --port=80"],
  [["--port", "-1"], '--port "-1": expected a whole number from 0 to 65535'],
  [["--prefix", "-> "], '--prefix "-> ": a value that begins with "-" is written --prefix="-> "'],
  [["--cert", "a"], '--cert "a": it needs --key'],
  [["--key", "b"], '--key "b": it needs --cert'],
  [["--check-health", "--cert", "a", "--key", "b"], "--check-health with --cert: it asks by http alone"],
  [["--check-health", "--port", "0"], "--check-health with port 0: it needs the one that the service listens on"],
  [["--header", "Upgrade: x"], '--header "Upgrade: x": Upgrade belongs to the handshake itself'],
  [[`--${SECOND}`, "/a/", `--${FIRST}`, "/b", `--${FIRST}`, "/a"],
    `--${SECOND} "/a": the path belongs to --${FIRST}`],
];

for (const [args, message] of WRONG) {
  Deno.test(`parseCommand() refuses ${Deno.inspect(args)}`, () => {
    assertEquals(usageError(args), `Cannot use ${message}`);
  });
}

/** The environment, arguments beside it, and what they change. */
const ENVIRONMENTS: [Environment, args: string[], ServiceOptions][] = [
  [{ HOST: "::1", PORT: "9000" }, [], { hostname: "::1", port: 9_000 }],
  [{ HOST: "[::1]", PORT: "0" }, [], { hostname: "::1", port: 0 }],
  [{ HOST: "", PORT: "" }, [], {}],
  [{ HOST: "::1" }, ["--host", "::"], { hostname: "::" }],
  // A wrong value that is not used does not matter.
  [{ HOST: "::1", PORT: "x" }, ["--port", "8"], { hostname: "::1", port: 8 }],
];

Deno.test("parseCommand() uses HOST and PORT where the options are not given", () => {
  for (const [environment, args, changes] of ENVIRONMENTS) {
    const { service } = parse(args, environment);
    const defaults = defaultOptions().service;
    assertEquals(service, { ...defaults, ...changes as object });
  }
  for (const PORT of ["http", "65536", "-1", " ", "80\n"]) {
    const shown = `environment variable PORT ${JSON.stringify(PORT)}`;
    assertEquals(
      usageError([], { PORT }),
      `Cannot use ${shown}: expected a whole number from 0 to 65535`,
    );
  }
});

Deno.test("parseCommand() prefers --help, then --version", () => {
  const kind = (...args: string[]) => parseCommand(args, () => "x").kind;
  assertEquals([kind("--help"), kind("-h")], ["help", "help"]);
  assertEquals(kind("--version"), "version");
  assertEquals(kind("--version", "--help"), "help");
  assertEquals(kind("--port", "x", "--help"), "help");
  assertThrows(() => kind("--help", "--colour"), UsageError);
});

Deno.test("OPTIONS has every option once, with defaults that it accepts", () => {
  const names = OPTIONS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { name, value, default: initial, multiple, help } of OPTIONS) {
    assertMatch(name, /^[a-z]+(-[a-z]+)*$/);
    assertMatch(help, /^[a-z].*[^.]$/);
    if (value === undefined) {
      assertEquals([initial, multiple], [undefined, undefined]);
    }
    // Defaults in words, and those of several values, are no arguments.
    const isWords = multiple || initial?.includes(" ");
    if (initial !== undefined && !isWords) parse([`--${name}=${initial}`]);
  }
  for (const name of ENDPOINT_NAMES) {
    const row = OPTIONS.find((row) => row.name === name);
    assertEquals(row?.default, ENDPOINTS[name].paths.join(", "));
  }
});
