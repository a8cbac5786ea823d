import { ENDPOINT_NAMES } from "../endpoints.ts";
import { isToken } from "../websocket/handshake.ts";
import type { Limits } from "../websocket/limits.ts";
import type { Log } from "../websocket/log.ts";
import type { Refusal } from "../websocket/refusal.ts";
import { parseAllowedOrigin } from "../websocket/origin.ts";
import { isWatchKey, WATCH_KEY_EXPECTED } from "../websocket/parameters.ts";
import { type EndpointPaths, parsePath, placeEndpoints } from "./paths.ts";
import {
  bytes,
  checkNames,
  existingFolder,
  integer,
  listOf,
  MIB,
  ofType,
  responseHeaders,
  seconds,
  type Setting,
  wrongType,
  wrongValue,
} from "./settings.ts";
import { SHARING_FAULT } from "./sharing.ts";

/** How a service differs from the default one. */
export interface ServiceOptions {
  /** Address to listen on. Default: "127.0.0.1". */
  hostname?: string | undefined;
  /** Port to listen on, 0 for any. Default: 8080. */
  port?: number | undefined;
  /** Certificate chain and private key, in PEM. Default: none, plain HTTP. */
  tls?: { cert: string; key: string } | undefined;
  /** The paths of endpoints, by name. Default: those of `ENDPOINTS`. */
  paths?: Partial<EndpointPaths> | undefined;
  /** Text before every text reply. Default: "". */
  prefix?: string | undefined;
  /**
   * Key under which connections are watched that name none: 8 to 64 characters
   * of A-Z, a-z, 0-9, _ and -. Default: "", they cannot be watched.
   */
  watchKey?: string | undefined;
  /** In order of preference. Default: the client's first offer is selected. */
  subprotocols?: readonly string[] | undefined;
  /**
   * Origins whose pages may connect: `scheme://host:port`, `self` for the
   * service's own, or a pattern such as `*.example.com`. Default: all.
   */
  origins?: readonly string[] | undefined;
  /** Headers of every 101. Default: none. */
  headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Whether other processes may listen on the port (Linux). Default: false. */
  reusePort?: boolean | undefined;
  /**
   * Resident bytes of the process, above which connections are closed. Default:
   * no limit.
   */
  maxMemory?: number | undefined;
  /**
   * Folder of a page and files of your own, which are shown in the place of the
   * console. Default: none.
   */
  static?: string | undefined;
  /** Default: those of the command line. */
  limits?: Partial<Limits> | undefined;
  /** Answers a handshake that is refused. Default: status, headers and text. */
  refuse?: ((refusal: Refusal) => Response) | undefined;
  /** Default: nothing is logged. */
  log?: Log | undefined;
  /** Receives unexpected errors. Default: `console.error`. */
  reportError?: ((error: unknown) => void) | undefined;
  /** The version that the page shows. Default: "". */
  version?: string | undefined;
}

const NO_LOG: Log = { verbose: false, write() {} };

/** The limits. A message above 256 MiB would not fit into a string. */
export const LIMITS: { readonly [Name in keyof Limits]: Setting<number> } = {
  maxMessageSize: bytes(16 * MIB, 256 * MIB),
  maxBuffered: bytes(64 * MIB, 4_096 * MIB),
  maxConnections: integer(10_000, 1, 1_000_000),
  idleTimeout: integer(30, 0, 86_400),
};

/** Seconds that connections have to close when the service shuts down. */
export const GRACE: Setting<number> = seconds(5, 3_600);

/** The options of a service, each with its default and its check. */
export const SETTINGS = {
  hostname: ofType("string", "127.0.0.1", true),
  port: integer(8_080, 0, 65_535),
  tls: setting<ServiceOptions["tls"]>(undefined, checkTls),
  paths: setting(placeEndpoints({}, (name) => name), checkPaths),
  prefix: ofType("string", ""),
  watchKey: setting("", checkWatchKey),
  subprotocols: listOf(
    "a token, such as chat or v1.chat",
    (text) => isToken(text) ? text : undefined,
  ),
  origins: listOf(
    "scheme://host, scheme://host:port, self or *.host",
    parseAllowedOrigin,
  ),
  headers: responseHeaders,
  reusePort: setting(false, checkReusePort),
  maxMemory: setting<number | undefined>(
    undefined,
    bytes(0, 16_777_216 * MIB).check,
  ),
  static: existingFolder,
  limits: setting<Limits>(
    withDefaults(LIMITS, {}, "limits", "limits."),
    (name, value) =>
      withDefaults(LIMITS, asObject(name, value), name, `${name}.`),
  ),
  refuse: ofType<((refusal: Refusal) => Response) | undefined>(
    "function",
    undefined,
  ),
  log: setting(NO_LOG, checkLog),
  reportError: setting<(error: unknown) => void>(console.error, checkReporter),
  version: ofType("string", ""),
} as const satisfies Record<keyof ServiceOptions, Setting<unknown>>;

/** Options that were checked: every one has a value. */
export type CheckedOptions = {
  readonly [Name in keyof typeof SETTINGS]: ReturnType<
    (typeof SETTINGS)[Name]["check"]
  >;
};

/**
 * Checks the options of a service and fills in the defaults.
 *
 * @throws {TypeError} naming an option of an unknown name or a wrong type
 * @throws {RangeError} naming an option with a value that it cannot have
 */
export function checkOptions(options: ServiceOptions): CheckedOptions {
  const values = asObject("options", options);
  return withDefaults<CheckedOptions>(SETTINGS, values, "option", "");
}

/**
 * Checks the values of a table's settings; undefined stands for the default.
 *
 * @param what names such a value in an error
 * @param prefix goes before its name in an error
 */
function withDefaults<T>(
  table: { readonly [Name in keyof T]: Setting<T[Name]> },
  values: object,
  what: string,
  prefix: string,
): T {
  checkNames(what, values, Object.keys(table));
  const given = new Map(Object.entries(values));
  return Object.fromEntries(
    Object.entries<Setting<unknown>>(table).map(([name, row]) => {
      const value = given.get(name);
      return [
        name,
        value === undefined
          ? row.default
          : row.check(`${prefix}${name}`, value),
      ];
    }),
  ) as T;
}

function setting<T>(
  initial: T,
  check: (name: string, value: unknown) => T,
): Setting<T> {
  return { default: initial, check };
}

function asObject(name: string, value: unknown): Record<string, unknown> {
  return ofType<Record<string, unknown>>("object", {}).check(name, value);
}

function checkTls(name: string, value: unknown) {
  const pem = asObject(name, value);
  checkNames(name, pem, ["cert", "key"]);
  const text = ofType("string", "", true);
  return {
    cert: text.check(`${name}.cert`, pem.cert),
    key: text.check(`${name}.key`, pem.key),
  };
}

function checkPaths(name: string, value: unknown): EndpointPaths {
  const given = asObject(name, value);
  checkNames(name, given, ENDPOINT_NAMES);
  const paths: Partial<EndpointPaths> = {};
  for (const endpoint of ENDPOINT_NAMES) {
    const list = given[endpoint];
    if (list === undefined) continue;
    const setting = `${name}.${endpoint}`;
    if (!Array.isArray(list)) throw wrongType(setting, list, "a list of paths");
    paths[endpoint] = list.map((path) => parsePath(setting, path));
  }
  return placeEndpoints(paths, (endpoint) => `${name}.${endpoint}`);
}

/**
 * Checks the key of watched connections.
 *
 * @param name names it in the error
 * @throws {TypeError} when it is not a string
 * @throws {RangeError} when it is not a key
 */
export function checkWatchKey(name: string, value: unknown): string {
  const key = ofType("string", "").check(name, value);
  if (!isWatchKey(key)) throw wrongValue(name, key, WATCH_KEY_EXPECTED);
  return key;
}

function checkLog(name: string, value: unknown): Log {
  const log = asObject(name, value);
  ofType("function", undefined).check(`${name}.write`, log.write);
  ofType("boolean", false).check(`${name}.verbose`, log.verbose);
  return log as unknown as Log;
}

/** An error that leaves an event listener would end the process. */
function checkReporter(name: string, value: unknown) {
  const report = ofType<(error: unknown) => void>("function", console.error)
    .check(name, value);
  return (error: unknown) => {
    try {
      report(error);
    } catch (failure) {
      console.error(error, failure);
    }
  };
}

function checkReusePort(name: string, value: unknown): boolean {
  const isOn = ofType("boolean", false).check(name, value);
  if (isOn && SHARING_FAULT) {
    throw new RangeError(`Cannot use ${name}: ${SHARING_FAULT}`);
  }
  return isOn;
}
