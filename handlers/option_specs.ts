import { DEFAULT_LIMITS } from "./limits.ts";
import { LOG_FORMATS } from "./log.ts";

/** An option of the command line, as the help shows it. */
export interface OptionSpec {
  name: string;
  /** What stands for the value; without it, the option is a switch. */
  value?: string;
  /** Whether it may be given several times. */
  multiple?: true;
  /** The value where the option is not given, or what happens then. */
  default?: string;
  help: string;
}

/** An endpoint, as far as options concern it. */
export interface EndpointPaths {
  name: string;
  paths: readonly string[];
}

/** The options, in the order of the help; every endpoint has one. */
export function optionSpecs(endpoints: readonly EndpointPaths[]): OptionSpec[] {
  return [
    {
      name: "host",
      value: "HOST",
      default: "127.0.0.1",
      help: "address to listen on; else the environment's HOST",
    },
    {
      name: "port",
      value: "PORT",
      default: "8080",
      help: "port to listen on, 0 for any; else the environment's PORT",
    },
    {
      name: "cert",
      value: "FILE",
      help: "certificate chain (PEM), to serve https and wss",
    },
    { name: "key", value: "FILE", help: "private key (PEM) of --cert" },
    ...endpoints.map(({ name, paths }): OptionSpec => ({
      name,
      value: "PATH",
      multiple: true,
      default: paths.join(", "),
      help: `path of the ${name} endpoint, instead of the default`,
    })),
    { name: "prefix", value: "TEXT", help: "text before every text reply" },
    {
      name: "subprotocol",
      value: "NAME",
      multiple: true,
      default: "the client's first",
      help: "subprotocol to agree on, in order of preference",
    },
    {
      name: "allow-origin",
      value: "ORIGIN",
      multiple: true,
      default: "all",
      help: "origin (scheme://host:port) whose pages may connect",
    },
    {
      name: "header",
      value: '"NAME: VALUE"',
      multiple: true,
      help: "header of every response that upgrades",
    },
    {
      name: "max-message-size",
      value: "SIZE",
      default: formatSize(DEFAULT_LIMITS.maxMessageSize),
      help: "largest message (bytes, KiB, MiB), else close 1009",
    },
    {
      name: "max-buffered",
      value: "SIZE",
      default: formatSize(DEFAULT_LIMITS.maxBuffered),
      help: "unsent reply bytes of a connection, else close 1013",
    },
    {
      name: "max-connections",
      value: "N",
      default: `${DEFAULT_LIMITS.maxConnections}`,
      help: "connections at a time, else status 503",
    },
    {
      name: "idle-timeout",
      value: "SECONDS",
      default: `${DEFAULT_LIMITS.idleTimeout}`,
      help: "silence before close 1001, ping at half; 0: never",
    },
    {
      name: "max-memory",
      value: "SIZE",
      default: "80% of the machine's",
      help: "memory of the process, else close 1013 for all",
    },
    {
      name: "reuse-port",
      help: "share the port with other processes (Linux)",
    },
    {
      name: "grace",
      value: "SECONDS",
      default: "5",
      help: "time for connections to close when the service ends",
    },
    {
      name: "log",
      value: LOG_FORMATS.join("|"),
      default: "text",
      help: "log of opened, closed and refused connections",
    },
    { name: "verbose", help: "log every message, too" },
    { name: "help", help: "show this help" },
    { name: "version", help: "show the version" },
  ];
}

/** The text of `--help`. */
export function formatHelp(specs: readonly OptionSpec[]): string {
  const rows = specs.map((spec) => [formatUsage(spec), formatMeaning(spec)]);
  const width = Math.max(...rows.map(([usage]) => usage!.length));
  return [
    "Serves WebSocket endpoints that answer every message, and a page to try",
    "them.",
    "",
    "Usage: wsecho [OPTION]...",
    "",
    ...rows.map(([usage, meaning]) => `  ${usage!.padEnd(width)}  ${meaning}`),
    "",
    "Options with ... may be given several times.",
  ].join("\n");
}

function formatUsage({ name, value, multiple }: OptionSpec): string {
  return `--${name}${value ? ` ${value}` : ""}${multiple ? " ..." : ""}`;
}

function formatMeaning({ help, default: value }: OptionSpec): string {
  return value === undefined ? help : `${help} [${value}]`;
}

function formatSize(bytes: number): string {
  return `${bytes / 1_048_576}MiB`;
}
