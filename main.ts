/**
 * wsecho as a program: this file translates between the process (arguments,
 * environment, files, standard streams, signals, exit codes) and the service.
 *
 * As a module, it starts nothing and gives an embedding program
 * {@link startService}.
 */

import project from "./deno.json" with { type: "json" };
import { LineWriter } from "./handlers/line_writer.ts";
import {
  createLog,
  formatError,
  type Log,
  type LogEntry,
} from "./handlers/log.ts";
import { defaultMaxMemory } from "./handlers/memory_fuse.ts";
import { formatHelp, optionSpecs } from "./handlers/option_specs.ts";
import { type Options, parseCommand, UsageError } from "./handlers/options.ts";
import { ENDPOINTS } from "./handlers/router.ts";
import { type Service, startService } from "./handlers/service.ts";

export { createLog, ENDPOINTS, startService };
export type { Log, Service };
export type { Limits } from "./handlers/limits.ts";
export type { ServiceOptions } from "./handlers/service.ts";

/** Exit codes: what went wrong while running, and a wrong command line. */
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Signals that end the service, by their number. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * A terminal sends Ctrl+C to all its processes, and `deno task` passes its own
 * on: signals that come together are one.
 */
const SAME_SIGNAL_MS = 300;

/** How long the end of the process waits for the reader of its log. */
const FLUSH_MS = 200;

if (import.meta.main) main(Deno.args);

function main(args: string[]) {
  const specs = optionSpecs(ENDPOINTS);
  try {
    const command = parseCommand(
      args,
      (name) => Deno.env.get(name),
      specs,
      ENDPOINTS,
    );
    if (command.kind === "serve") serve(command.options);
    else if (command.kind === "help") console.log(formatHelp(specs));
    else console.log(`wsecho ${project.version}`);
  } catch (error) {
    console.error(`wsecho: ${error instanceof Error ? error.message : error}`);
    Deno.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE);
  }
}

/** @throws {Error} whose message is one sentence */
function serve(options: Options) {
  const output = new LineWriter(Deno.stdout);
  const errors = new LineWriter(Deno.stderr);
  const reportError = (error: unknown) =>
    errors.write(formatError(error, new Date()));
  const log = createLog(
    { format: options.log, verbose: options.verbose },
    (line) => output.write(line),
  );
  const service = startService({
    ...options,
    tls: options.tls && {
      cert: readOptionFile("--cert", options.tls.certFile),
      key: readOptionFile("--key", options.tls.keyFile),
    },
    maxMemory: options.maxMemory ?? defaultMaxMemory(),
    log,
    reportError,
    version: project.version,
  });
  if (options.log === "json") log.write(describeListening(service));
  else output.write(formatListening(service));

  // Without these, the process would end, and every connection with it.
  addEventListener("error", (event) => {
    event.preventDefault();
    reportError(event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reportError(event.reason);
  });
  endOnSignals(async () => {
    await service.shutdown(options.grace);
    const flushed = Promise.all([output.flush(), errors.flush()]);
    // Somebody who does not read the log must not keep the process.
    const late = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    await Promise.race([flushed, late]);
  });
}

function readOptionFile(option: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    throw new Error(
      `Cannot read ${option} "${path}": ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
}

/** Runs an action at the first signal to end; a second one does not wait. */
function endOnSignals(end: () => Promise<void>) {
  let endingSince: number | undefined;
  for (const [name, number] of Object.entries(SIGNALS)) {
    // Windows knows SIGINT alone of the two.
    if (Deno.build.os === "windows" && name === "SIGTERM") continue;
    Deno.addSignalListener(name as keyof typeof SIGNALS, () => {
      if (endingSince === undefined) {
        endingSince = performance.now();
        end().finally(() => Deno.exit());
      } else if (performance.now() - endingSince > SAME_SIGNAL_MS) {
        Deno.exit(128 + number);
      }
    });
  }
}

function describeListening({ urls }: Service): LogEntry {
  const endpoints = Object.entries(urls.endpoints)
    .map(([name, urls]) => [name, urls.join(" ")]);
  return {
    event: "listening",
    version: project.version,
    page: urls.page,
    ...Object.fromEntries(endpoints),
  };
}

function formatListening({ urls }: Service): string {
  const rows = [
    ["page", urls.page],
    ...Object.entries(urls.endpoints)
      .map(([name, urls]) => [name, urls.join("  ")]),
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return [
    `wsecho ${project.version} is listening`,
    ...rows.map(([name = "", text]) => `  ${name.padEnd(width)}  ${text}`),
  ].join("\n");
}
