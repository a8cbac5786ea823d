import { assertEquals } from "@std/assert";
import { Worker } from "node:worker_threads";
import { Tally } from "../../handlers/server/tally.ts";
import type { Command, Report } from "../../handlers/workers/protocol.ts";
import { Supervisor } from "../../handlers/workers/supervisor.ts";
import { testOnLinux as test } from "../support/platform.ts";
import { MemoryLog } from "../support/service.ts";
import { until } from "../support/wait.ts";

Deno.test("worker.ts joins the hub, and listens only when it has answered", async () => {
  const worker = new Worker(
    new URL("../../handlers/workers/worker.ts", import.meta.url),
  );
  const reports: Report[] = [];
  worker.on("message", (report: Report) => reports.push(report));
  const kinds = () => reports.map(({ kind }) => kind);
  const post = (command: Command) => worker.postMessage(command);
  try {
    post({
      kind: "start",
      service: { port: 0 },
      log: { format: "off", verbose: false },
      tally: Tally.create(1),
      slot: 0,
    });
    // It reports what it cannot read: a turn later, it would listen.
    worker.postMessage({ kind: "unknown" });
    await until(() => kinds().includes("broken"), "its event loop has turned");
    assertEquals(kinds(), ["watch", "error", "broken"]);
    assertEquals(reports[0], { kind: "watch", calls: [["join"]] });
    post({ kind: "watch", calls: [["setWatched", ["k"], true]] });
    post({ kind: "watched" });
    await until(() => reports.length === 5, "it listens");
    assertEquals(kinds().slice(3).sort(), ["listening", "watched"]);
  } finally {
    await worker.terminate();
  }
});

/**
 * A module that joins the hub as a worker does. The first one watches, and
 * reports its calls as errors; the second has a connection, and breaks down
 * when its key is watched.
 */
const MODULE = `
  import { parentPort } from "node:worker_threads";
  const report = (report) => parentPort.postMessage(report);
  const call = (...calls) => report({ kind: "watch", calls });
  let slot;
  parentPort.on("message", (command) => {
    if (command.kind === "start") {
      slot = command.slot;
      call(["join"]);
      if (slot === 0) call(["watch", "k", 10]);
      if (slot === 1) call(["open", "k", 1, '{"event":"open"}']);
      report({ kind: "listening" });
    } else if (command.kind === "watch") {
      report({ kind: "watched" });
      if (slot === 0) {
        for (const call of command.calls) {
          report({ kind: "error", text: JSON.stringify(call) });
        }
      } else if (slot === 1) report({ kind: "broken" });
    } else if (command.kind === "end") report({ kind: "ended" });
  });
`;

test("Supervisor has its workers watch each other, and leave when they are terminated", async () => {
  const calls: unknown[][] = [];
  const supervisor = await Supervisor.start({
    workers: 2,
    service: { port: 0 },
    logOptions: { format: "off", verbose: false },
    log: new MemoryLog(),
    writeLines() {},
    writeError: (text) => calls.push(JSON.parse(text)),
    module: new URL(`data:text/javascript,${encodeURIComponent(MODULE)}`),
  });
  try {
    await until(() => calls.length === 4, "the end of the connection is seen");
  } finally {
    await supervisor.shutdown(5);
  }
  assertEquals(calls.map(([name]) => name), [
    "setWatched",
    "begin",
    "deliver",
    "deliver",
  ]);
  const [, key, text] = calls[3]!;
  const { event, id, code, error } = JSON.parse(`${text}`);
  assertEquals(
    [key, event, id, code, error],
    ["k", "close", 1, 1006, "Its worker was recycled"],
  );
});
