/**
 * wsecho, a WebSocket echo service, as a program and as a module.
 *
 * As a program, this file translates between the process (arguments,
 * environment, files, standard streams, signals, exit codes) and the service.
 * As a module, it starts nothing; {@link startService} does.
 *
 * ```ts
 * import { startService } from "./main.ts";
 *
 * await using service = startService({ port: 0 });
 * const socket = new WebSocket(service.url("echo"));
 * ```
 *
 * @module
 */

import project from "./deno.json" with { type: "json" };
import {
  type Command,
  parseCommand,
  UsageError,
} from "./handlers/cli/command_line.ts";
import { formatHelp } from "./handlers/cli/help.ts";
import { LineWriter } from "./handlers/cli/line_writer.ts";
import { createLog, formatError } from "./handlers/cli/log.ts";
import { OPTIONS, type ProgramOptions } from "./handlers/cli/options.ts";
import { CertificateError } from "./handlers/server/listener.ts";
import { defaultMaxMemory } from "./handlers/server/memory.ts";
import { type Service, startService } from "./handlers/server/service.ts";
import type { ServiceOptions } from "./handlers/server/service_options.ts";
import { isAnyAddress } from "./handlers/server/urls.ts";
import { within } from "./handlers/server/wait.ts";
import type { LogEntry } from "./handlers/websocket/log.ts";
import {
  Supervisor,
  type SupervisorOptions,
} from "./handlers/workers/supervisor.ts";

export { ENDPOINTS } from "./handlers/endpoints.ts";
export type { Endpoint, EndpointName } from "./handlers/endpoints.ts";
export type { Handler, Message } from "./handlers/handler.ts";
export type { LogFormat, LogOptions } from "./handlers/cli/log.ts";
export type { EndpointPaths } from "./handlers/server/paths.ts";
export type { ServiceUrls } from "./handlers/server/urls.ts";
export type { Watch } from "./handlers/watch/watch.ts";
export type { WatchEvent, WatchEventOf } from "./handlers/watch/events.ts";
export type { Limits } from "./handlers/websocket/limits.ts";
export type { Log } from "./handlers/websocket/log.ts";
export type { Refusal } from "./handlers/websocket/refusal.ts";
export {
  createLog,
  type LogEntry,
  type Service,
  type ServiceOptions,
  startService,
};

/** Exit codes: a failure at run time, and a wrong command line. */
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** The signals that end the program, by their number. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * A terminal sends Ctrl+C to all its processes, and `deno task` passes its own
 * on: signals within this time are one.
 */
const SAME_SIGNAL_MS = 300;

/** How long the exit waits for the log to be written. */
const FLUSH_MS = 200;

if (import.meta.main) await main(Deno.args);

async function main(args: string[]) {
  try {
    await run(parseCommand(args, (name) => Deno.env.get(name)));
  } catch (error) {
    console.error(`wsecho: ${error instanceof Error ? error.message : error}`);
    Deno.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE);
  }
}

/** @throws {Error} whose message is one sentence */
async function run(command: Command) {
  switch (command.kind) {
    case "serve":
      return await serve(command.options);
    case "check-health": {
      // What it needs of HTTP takes memory that a service has no use for.
      const { checkHealth } = await import("./handlers/cli/check_health.ts");
      return await checkHealth(command.options);
    }
    case "help":
      return console.log(formatHelp(OPTIONS));
    case "version":
      return console.log(`wsecho ${project.version}`);
  }
}

async function serve(options: ProgramOptions) {
  const output = new LineWriter(Deno.stdout);
  const errors = new LineWriter(Deno.stderr);
  const logOptions = { format: options.log, verbose: options.verbose };
  const log = createLog(logOptions, (line) => output.write(line));
  const reportError = (error: unknown) =>
    errors.write(formatError(error, new Date()));
  // Without these, an unexpected error would end the process.
  addEventListener("error", (event) => {
    event.preventDefault();
    reportError(event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reportError(event.reason);
  });
  const starting = start(options, {
    workers: options.workers,
    logOptions,
    log,
    writeLines: (lines) => output.write(lines),
    writeError: (text) => errors.write(text),
  });
  // First, as the runtime panics when no descriptor is left for it.
  endOnSignals(async () => {
    await (await starting).shutdown(options.grace);
    // A stalled log reader must not delay the exit.
    await within(Promise.all([output.flush(), errors.flush()]), FLUSH_MS);
  });
  const supervisor = await starting;
  if (options.log === "json") log.write(describeListening(supervisor));
  else output.write(formatListening(supervisor));
}

async function start(
  { service, cert, key }: ProgramOptions,
  options: Omit<SupervisorOptions, "service">,
): Promise<Supervisor> {
  const files = { cert, key };
  try {
    return await Supervisor.start({
      ...options,
      service: {
        ...service,
        tls: cert === undefined || key === undefined ? undefined : {
          cert: readOptionFile("--cert", cert),
          key: readOptionFile("--key", key),
        },
        maxMemory: service.maxMemory ?? defaultMaxMemory(),
        version: project.version,
      },
    });
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    const { part, cause } = error;
    throw new Error(
      `Cannot use --${part} ${JSON.stringify(files[part])}: ${cause.message}`,
      { cause: error },
    );
  }
}

function readOptionFile(option: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new Error(
      `Cannot read ${option} ${JSON.stringify(path)}: ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
}

/** Runs an action at the first signal; a second one ends the process at once. */
function endOnSignals(end: () => Promise<void>) {
  let endingSince: number | undefined;
  for (const [name, number] of Object.entries(SIGNALS)) {
    // Windows has no SIGTERM.
    if (Deno.build.os === "windows" && name === "SIGTERM") continue;
    Deno.addSignalListener(name as keyof typeof SIGNALS, () => {
      if (endingSince === undefined) {
        endingSince = performance.now();
        end().then(() => Deno.exit(), (error) => {
          console.error(error);
          Deno.exit(EXIT_FAILURE);
        });
      } else if (performance.now() - endingSince > SAME_SIGNAL_MS) {
        Deno.exit(128 + number);
      }
    });
  }
}

function describeListening({ hostname, urls }: Supervisor): LogEntry {
  return {
    event: "listening",
    version: project.version,
    page: urls.page,
    ...(urls.console === undefined ? {} : { console: urls.console }),
    ...Object.fromEntries(
      Object.entries(urls.endpoints).map(([name, list]) => [
        name,
        list.join(" "),
      ]),
    ),
    ...(isAnyAddress(hostname) ? { interfaces: "all" } : {}),
  };
}

function formatListening({ hostname, urls }: Supervisor): string {
  const rows = [
    ["page", urls.page],
    ...(urls.console === undefined ? [] : [["console", urls.console]]),
    ...Object.entries(urls.endpoints)
      .map(([name, list]) => [name, list.join("  ")]),
  ] as [string, string][];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `wsecho ${project.version} is listening${
      isAnyAddress(hostname) ? " on all network interfaces" : ""
    }`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
  ].join("\n");
}
