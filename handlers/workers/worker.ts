/**
 * A worker thread: runs the service as the supervisor tells it to.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import { createLog, formatError } from "../cli/log.ts";
import { sourcesLoaded } from "../page_source.ts";
import { RunningService } from "../server/running_service.ts";
import { checkOptions } from "../server/service_options.ts";
import { Tally } from "../server/tally.ts";
import { Watches } from "../watch/watches.ts";
import { LineBatch } from "./line_batch.ts";
import type { Command, Report } from "./protocol.ts";
import { HubLink } from "./watch_link.ts";

/** How often it shows that its event loop turns, and sends its log lines. */
const BEAT_MS = 20;

let service: RunningService | undefined;
const lines = new LineBatch((lines) => report({ kind: "lines", lines }));
const hub = new HubLink(report);

parentPort?.on("message", (command: Command) => {
  switch (command.kind) {
    case "start":
      return start(command);
    case "close the heaviest":
      return service?.connections.closeHeaviest();
    case "end":
      return end(command);
    default:
      return hub.receive(command);
  }
});

// After these, the state of what they interrupted is unknown.
addEventListener("error", (event) => {
  event.preventDefault();
  breakDown(event.error);
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  breakDown(event.reason);
});

async function start(
  { service: options, log, tally: memory, slot }: Command & { kind: "start" },
) {
  const tally = new Tally(memory, slot);
  const watches = new Watches(hub);
  // What is watched is to be known before the first connection.
  await Promise.all([hub.handled(), sourcesLoaded]);
  try {
    service = new RunningService(
      checkOptions({
        ...options,
        log: createLog(log, (line) => lines.write(line)),
        reportError,
      }),
      tally,
      watches,
      () => report({ kind: "lost" }),
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : `${error}`;
    return report({ kind: "failed", message });
  }
  const { connections } = service;
  setInterval(() => {
    tally.beat();
    connections.countLeaks();
    lines.flush();
  }, BEAT_MS);
  report({ kind: "listening" });
}

async function end({ options }: Command & { kind: "end" }) {
  await service?.end(options);
  lines.flush();
  // The ends of the connections, as they were.
  await hub.handled();
  report({ kind: "ended" });
}

function report(message: Report) {
  parentPort?.postMessage(message);
}

function breakDown(error: unknown) {
  reportError(error);
  report({ kind: "broken" });
}

function reportError(error: unknown) {
  report({ kind: "error", text: formatError(error, new Date()) });
}
