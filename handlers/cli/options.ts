import { ENDPOINT_NAMES, type EndpointName, ENDPOINTS } from "../endpoints.ts";
import { parsePath } from "../server/paths.ts";
import {
  GRACE,
  LIMITS,
  type ServiceOptions,
  SETTINGS,
} from "../server/service_options.ts";
import { MIB, ofType, type Setting, wrongValue } from "../server/settings.ts";
import { SHARING_FAULT } from "../server/sharing.ts";
import type { Limits } from "../websocket/limits.ts";
import { listWords } from "../websocket/text.ts";
import { LOG_FORMATS, type LogFormat } from "./log.ts";

/** What a command line sets. */
export interface ProgramOptions {
  /** What is not given is left to the service's defaults. */
  service: ServiceOptions & {
    limits: Partial<Limits>;
    paths: Partial<Record<EndpointName, string[]>>;
  };
  /** The file of the certificate chain. */
  cert?: string;
  /** The file of its private key. */
  key?: string;
  /** How many threads serve. */
  workers: number;
  /** Seconds that connections have to close when the program ends. */
  grace: number;
  log: LogFormat;
  verbose: boolean;
}

/** All that is said about one option. */
export interface OptionRow {
  name: string;
  /** What stands for the value in the help; without it, it is a switch. */
  value?: string;
  /** Whether it may be given several times. */
  multiple?: true;
  /** The help's text for the value that is used without the option. */
  default?: string;
  /** The environment variable that is used without the option. */
  env?: "HOST" | "PORT";
  help: string;
  /**
   * Reads the given values, one or more; a switch has none.
   *
   * @param name names the option in an error
   * @throws {RangeError | TypeError} naming option, value and what is expected
   */
  set?(options: ProgramOptions, name: string, values: string[]): void;
}

/** How a value is written on the command line. */
interface Notation<T> {
  parse(name: string, text: string): unknown;
  format(value: T): string | undefined;
}

const TEXT: Notation<string> = {
  parse: (_, text) => text,
  format: (value) => value || undefined,
};

/** Text that is no number stays text, for the setting's check to refuse. */
const NUMBER: Notation<number> = {
  parse: (_, text) => /^\d+(\.\d+)?$/.test(text) ? Number(text) : text,
  format: String,
};

const SIZE: Notation<number> = {
  parse(name, text) {
    const [, digits, unit = ""] = /^(\d+)(|KiB|MiB)$/.exec(text) ?? [];
    if (digits === undefined) {
      throw wrongValue(name, text, "bytes, or KiB or MiB as in 64KiB");
    }
    return Number(digits) * (unit === "MiB" ? MIB : unit === "KiB" ? 1_024 : 1);
  },
  format: (bytes) => `${bytes / MIB}MiB`,
};

const FILE = ofType("string", "", true);

const LOG_FORMAT: Setting<LogFormat> = {
  default: "text",
  check(name, value) {
    const format = LOG_FORMATS.find((format) => format === value);
    if (!format) {
      throw wrongValue(
        name,
        `${value}`,
        listWords(LOG_FORMATS, "or"),
      );
    }
    return format;
  },
};

/** "auto" is one worker for each core: more than 4 seldom pay. */
const WORKERS: Setting<number> = {
  default: SHARING_FAULT ? 1 : Math.min(navigator.hardwareConcurrency, 4),
  check(name, value) {
    if (value === "auto") return this.default;
    const workers = typeof value === "number" ? value : NaN;
    if (!(Number.isInteger(workers) && workers >= 1 && workers <= 64)) {
      const expected = "auto or a whole number from 1 to 64";
      throw wrongValue(name, `${value}`, expected);
    }
    if (workers > 1 && SHARING_FAULT) {
      throw new RangeError(`Cannot use ${name} "${workers}": ${SHARING_FAULT}`);
    }
    return workers;
  },
};

/** The options, in the order of the help. */
export const OPTIONS: readonly OptionRow[] = [
  {
    name: "host",
    value: "HOST",
    env: "HOST",
    help: "address to listen on; else the environment's HOST",
    ...one(SETTINGS.hostname, TEXT, ({ service }, hostname) => {
      // An IPv6 address may be written as it stands in a URL.
      service.hostname = hostname.replace(/^\[(.*)\]$/, "$1");
    }),
  },
  {
    name: "port",
    value: "PORT",
    env: "PORT",
    help: "port to listen on, 0 for any; else the environment's PORT",
    ...one(SETTINGS.port, NUMBER, ({ service }, port) => service.port = port),
  },
  {
    name: "cert",
    value: "FILE",
    help: "certificate chain (PEM), to serve https and wss",
    ...one(FILE, TEXT, (options, file) => options.cert = file),
  },
  {
    name: "key",
    value: "FILE",
    help: "private key (PEM) of --cert",
    ...one(FILE, TEXT, (options, file) => options.key = file),
  },
  {
    name: "static",
    value: "DIR",
    help: "folder of your own page and files, beside the console",
    ...one(SETTINGS.static, TEXT, ({ service }, folder) => {
      service.static = folder;
    }),
  },
  ...ENDPOINT_NAMES.map(pathsOption),
  {
    name: "no-watch",
    help: "no endpoint to watch connections from",
    set: ({ service }) => service.paths.watch = [],
  },
  {
    name: "watch-key",
    value: "KEY",
    help: "key to watch the connections that name none",
    ...one(SETTINGS.watchKey, TEXT, ({ service }, key) => {
      service.watchKey = key;
    }),
  },
  {
    name: "prefix",
    value: "TEXT",
    help: "text before every text reply",
    ...one(SETTINGS.prefix, TEXT, ({ service }, text) => service.prefix = text),
  },
  {
    name: "subprotocol",
    value: "NAME",
    default: "the client's first",
    help: "subprotocol to select, in order of preference",
    ...each(SETTINGS.subprotocols, ({ service }, names) => {
      service.subprotocols = names;
    }),
  },
  {
    name: "allow-origin",
    value: "ORIGIN",
    default: "all",
    help: "origin whose pages may connect: scheme://host:port, self, *.host",
    ...each(SETTINGS.origins, ({ service }, origins) => {
      service.origins = origins;
    }),
  },
  {
    name: "header",
    value: '"NAME: VALUE"',
    help: "header of every response that upgrades",
    ...each(SETTINGS.headers, ({ service }, headers) => {
      service.headers = headers;
    }, splitHeader),
  },
  limit("max-message-size", "maxMessageSize", SIZE, {
    value: "SIZE",
    help: "largest message (bytes, KiB, MiB), else close 1009",
  }),
  limit("max-buffered", "maxBuffered", SIZE, {
    value: "SIZE",
    help: "unsent reply bytes of a connection, else close 1013",
  }),
  limit("max-connections", "maxConnections", NUMBER, {
    value: "N",
    help: "connections at a time, else status 503",
  }),
  limit("idle-timeout", "idleTimeout", NUMBER, {
    value: "SECONDS",
    help: "silence before close 1001, ping at half; 0: never",
  }),
  {
    name: "max-memory",
    value: "SIZE",
    help: "memory of the process; beyond it, connections are closed",
    ...one(SETTINGS.maxMemory, SIZE, ({ service }, memory) => {
      service.maxMemory = memory;
    }),
    default: "60% of the machine's",
  },
  {
    name: "workers",
    value: "N|auto",
    help: "threads that serve, for several cores (Linux)",
    ...one(WORKERS, NUMBER, (options, workers) => options.workers = workers),
    default: "auto",
  },
  {
    name: "reuse-port",
    help: "share the port with other processes (Linux)",
    set: ({ service }, name) =>
      service.reusePort = SETTINGS.reusePort.check(name, true),
  },
  {
    name: "grace",
    value: "SECONDS",
    help: "time for connections to close when the service ends",
    ...one(GRACE, NUMBER, (options, grace) => options.grace = grace),
  },
  {
    name: "log",
    value: LOG_FORMATS.join("|"),
    help: "log of opened, closed and refused connections",
    ...one(LOG_FORMAT, TEXT, (options, log) => options.log = log),
  },
  {
    name: "verbose",
    help: "log messages as well",
    set: (options) => options.verbose = true,
  },
  {
    name: "check-health",
    help: "ask the service that runs with these options; exit 0 or 1",
  },
  { name: "help", help: "show this help" },
  { name: "version", help: "show the version" },
];

/** The options of a command line without any. */
export function defaultOptions(): ProgramOptions {
  return {
    service: { limits: {}, paths: {} },
    workers: WORKERS.default,
    grace: GRACE.default,
    log: LOG_FORMAT.default,
    verbose: false,
  };
}

/** An option of one value: the last that is given. */
function one<T>(
  setting: Setting<T>,
  { parse, format }: Notation<NoInfer<T>>,
  set: (options: ProgramOptions, value: T) => void,
): Pick<OptionRow, "default" | "set"> {
  const text = format(setting.default);
  return {
    ...(text === undefined ? {} : { default: text }),
    set(options, name, values) {
      set(options, setting.check(name, parse(name, values.at(-1)!)));
    },
  };
}

/** An option that may be given several times: all values count, in order. */
function each<T>(
  setting: Setting<T>,
  set: (options: ProgramOptions, values: T) => void,
  parse: (name: string, text: string) => unknown = TEXT.parse,
): Pick<OptionRow, "multiple" | "set"> {
  return {
    multiple: true,
    set(options, name, texts) {
      const values = texts.map((text) => parse(name, text));
      set(options, setting.check(name, values));
    },
  };
}

function limit(
  name: string,
  limit: keyof Limits,
  notation: Notation<number>,
  row: Pick<OptionRow, "value" | "help">,
): OptionRow {
  return {
    name,
    ...row,
    ...one(LIMITS[limit], notation, ({ service }, value) => {
      service.limits[limit] = value;
    }),
  };
}

function pathsOption(name: EndpointName): OptionRow {
  return {
    name,
    value: "PATH",
    multiple: true,
    default: ENDPOINTS[name].paths.join(", "),
    help: `path of the ${name} endpoint, instead of the default`,
    set({ service }, setting, values) {
      service.paths[name] = values.map((path) => parsePath(setting, path));
    },
  };
}

function splitHeader(setting: string, line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) throw wrongValue(setting, line, '"Name: value"');
  return [line.slice(0, colon), line.slice(colon + 1)];
}
