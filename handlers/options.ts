import { parseArgs } from "node:util";
import { isToken, parseOrigin } from "./handshake.ts";
import type { Limits } from "./limits.ts";
import { LOG_FORMATS, type LogFormat } from "./log.ts";
import type { EndpointPaths, OptionSpec } from "./option_specs.ts";

/** All that can be set from outside. */
export interface Options {
  hostname: string;
  /** 0: any that is free. */
  port: number;
  /** The files of `--cert` and `--key`. */
  tls: { certFile: string; keyFile: string } | undefined;
  /** The paths of every endpoint, by its name. */
  paths: Record<string, readonly string[]>;
  prefix: string;
  subprotocols: readonly string[];
  /** In the form of `parseOrigin`; empty: all. */
  origins: readonly string[];
  /** Headers of every 101. */
  headers: readonly (readonly [name: string, value: string])[];
  limits: Limits;
  /** Resident bytes of the process; undefined: what is usual. */
  maxMemory: number | undefined;
  /** Whether other processes may listen on the port, too. */
  reusePort: boolean;
  /** Seconds that open connections have to close when the service ends. */
  grace: number;
  log: LogFormat;
  verbose: boolean;
}

/** What a command line asks for. */
export type Command =
  | { kind: "help" | "version" }
  | { kind: "serve"; options: Options };

/** A setting that is wrong; the message is one sentence that names it. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Header names that belong to the handshake itself. */
const HANDSHAKE_HEADER =
  /^(connection|upgrade|sec-websocket-.*|content-length|transfer-encoding)$/i;

const MIB = 1_048_576;
/** A larger message would not fit into the runtime's strings. */
const MAX_MESSAGE_SIZE_MIB = 256;
const MAX_BUFFERED_MIB = 4_096;
const MAX_MEMORY_MIB = 16_777_216;

/**
 * Reads the command line; where it is silent, the environment's `HOST` and
 * `PORT`, then the defaults.
 *
 * @param environment gives a variable's value, undefined where it is not set
 * @param endpoints each has an option that replaces its paths
 * @param os the operating system, as of `Deno.build.os`
 * @throws {UsageError} naming the option or variable, and the value
 */
export function parseCommand(
  args: string[],
  environment: (name: "HOST" | "PORT") => string | undefined,
  specs: readonly OptionSpec[],
  endpoints: readonly EndpointPaths[],
  os: string = Deno.build.os,
): Command {
  const given = parseFlags(args, specs);
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };

  const last = (name: string) => given.get(name)?.at(-1);
  const all = <T>(name: string, parse: (value: string) => T) =>
    (given.get(name) ?? []).map(parse);
  const orDefault = (name: string) =>
    last(name) ?? specs.find((spec) => spec.name === name)?.default ?? "";
  const whole = (name: string, min: number, max: number) =>
    parseWhole(`--${name}`, orDefault(name), min, max);
  const size = (name: string, maxMib: number) =>
    parseSize(`--${name}`, orDefault(name), maxMib);

  if (given.has("reuse-port") && os !== "linux") {
    throw new UsageError(
      `Cannot use --reuse-port on ${os}: only Linux spreads connections over the processes of a port`,
    );
  }
  // An empty variable is, by the shell's custom, one that is not set.
  const hostVariable = environment("HOST") || undefined;
  const portVariable = environment("PORT") || undefined;
  const hostname = last("host") ?? hostVariable ?? orDefault("host");
  if (hostname === "") throw invalid("--host", hostname, "an address");

  const log = LOG_FORMATS.find((format) => format === orDefault("log"));
  if (!log) throw invalid("--log", orDefault("log"), LOG_FORMATS.join(" or "));

  return {
    kind: "serve",
    options: {
      // An IPv6 address may be given as it stands in a URL.
      hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: last("port") === undefined && portVariable !== undefined
        ? parseWhole("environment variable PORT", portVariable, 0, 65_535)
        : whole("port", 0, 65_535),
      tls: pairTls(last("cert"), last("key")),
      paths: parsePaths(given, endpoints),
      prefix: orDefault("prefix"),
      subprotocols: all("subprotocol", parseSubprotocol),
      origins: all("allow-origin", parseAllowedOrigin),
      headers: all("header", parseHeader),
      limits: {
        maxMessageSize: size("max-message-size", MAX_MESSAGE_SIZE_MIB),
        maxBuffered: size("max-buffered", MAX_BUFFERED_MIB),
        maxConnections: whole("max-connections", 1, 1_000_000),
        idleTimeout: whole("idle-timeout", 0, 86_400),
      },
      maxMemory: given.has("max-memory")
        ? size("max-memory", MAX_MEMORY_MIB)
        : undefined,
      reusePort: given.has("reuse-port"),
      grace: whole("grace", 0, 3_600),
      log,
      verbose: given.has("verbose"),
    },
  };
}

/** The values of the options that are given; those of switches are empty. */
function parseFlags(
  args: string[],
  specs: readonly OptionSpec[],
): Map<string, string[]> {
  const options = Object.fromEntries(
    specs.map(({ name, value }) => [
      name,
      value === undefined
        ? { type: "boolean" as const, ...(name === "help" && { short: "h" }) }
        : { type: "string" as const, multiple: true },
    ]),
  );
  try {
    const { values } = parseArgs({ args, options });
    return new Map(
      Object.entries(values).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(String) : [],
      ]),
    );
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What follows the first sentence are hints for other programs.
    const [sentence = ""] = error.message.split(/\.(?:\s|$)|\n/);
    throw new UsageError(`Cannot read the command line: ${sentence}`);
  }
}

/** A path that is given to one endpoint is taken from another's defaults. */
function parsePaths(
  given: Map<string, string[]>,
  endpoints: readonly EndpointPaths[],
): Record<string, readonly string[]> {
  const owners = new Map<string, string>();
  for (const { name } of endpoints) {
    for (const value of given.get(name) ?? []) {
      const path = parsePath(`--${name}`, value);
      const owner = owners.get(path) ?? name;
      if (owner !== name) {
        throw new UsageError(
          `Cannot use --${name} ${
            JSON.stringify(value)
          }: the path belongs to --${owner}`,
        );
      }
      owners.set(path, name);
    }
  }
  for (const { name, paths } of endpoints) {
    if (given.has(name)) continue;
    for (const path of paths) if (!owners.has(path)) owners.set(path, name);
  }
  return Object.fromEntries(
    endpoints.map(({ name }) => [
      name,
      [...owners].flatMap(([path, owner]) => owner === name ? [path] : []),
    ]),
  );
}

/** A path in the form in which it stands in a request. */
function parsePath(setting: string, value: string): string {
  const url = URL.parse(value, "http://localhost");
  // A second slash, also a backslash, would make the path a host.
  if (!/^\/[^?#]*$/.test(value) || url?.host !== "localhost") {
    throw invalid(setting, value, "a path that begins with one slash");
  }
  // As in requests, one trailing slash is ignored.
  return url.pathname.replace(/(.)\/$/, "$1");
}

function parseSubprotocol(value: string): string {
  if (!isToken(value)) {
    throw invalid("--subprotocol", value, "a token, such as chat or v1.chat");
  }
  return value;
}

function parseAllowedOrigin(value: string): string {
  const origin = parseOrigin(value);
  if (origin === undefined || origin.includes("*")) {
    throw invalid(
      "--allow-origin",
      value,
      "scheme://host or scheme://host:port",
    );
  }
  return origin;
}

function parseHeader(line: string): readonly [string, string] {
  const [, name, value] = /^([^:]*):(.*)$/s.exec(line) ?? [];
  if (name === undefined || value === undefined || !isToken(name)) {
    throw invalid("--header", line, '"Name: value"');
  }
  if (HANDSHAKE_HEADER.test(name)) {
    throw new UsageError(
      `Cannot use --header ${
        JSON.stringify(line)
      }: ${name} belongs to the handshake itself`,
    );
  }
  const trimmed = value.trim();
  // Headers takes control characters, and then the platform panics.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(trimmed)) {
    throw invalid("--header", line, "a value of printable Latin-1 characters");
  }
  return [name, trimmed];
}

function pairTls(
  certFile: string | undefined,
  keyFile: string | undefined,
): Options["tls"] {
  if (certFile !== undefined && keyFile !== undefined) {
    return { certFile, keyFile };
  }
  if (certFile === keyFile) return undefined;
  const [given, missing] = keyFile === undefined
    ? ["--cert", "--key"]
    : ["--key", "--cert"];
  throw new UsageError(
    `Cannot use ${given} ${
      JSON.stringify(certFile ?? keyFile)
    }: it needs ${missing}, too`,
  );
}

function parseWhole(
  setting: string,
  value: string,
  min: number,
  max: number,
): number {
  const number = Number(value);
  // Digits alone: Number() would also take "", "1e3", "0x10" and " 5".
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw invalid(setting, value, `a whole number from ${min} to ${max}`);
  }
  return number;
}

function parseSize(setting: string, value: string, maxMib: number): number {
  const [, digits, unit] = /^(\d+)(KiB|MiB)?$/.exec(value) ?? [];
  const bytes = Number(digits) *
    (unit === "MiB" ? MIB : unit === "KiB" ? 1_024 : 1);
  if (!(bytes >= 1 && bytes <= maxMib * MIB)) {
    throw invalid(
      setting,
      value,
      `bytes, or KiB or MiB as in 64KiB, from 1 to ${maxMib}MiB`,
    );
  }
  return bytes;
}

function invalid(setting: string, value: string, expected: string) {
  return new UsageError(
    `Cannot use ${setting} ${JSON.stringify(value)}: expected ${expected}`,
  );
}
