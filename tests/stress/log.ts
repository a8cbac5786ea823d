import { setTimeout as pause } from "node:timers/promises";
import { mainCommand, run, ServiceProcess } from "../support/process.ts";
import { until } from "../support/wait.ts";
import { untilServed } from "./bystander.ts";
import { atMost, type Part } from "./part.ts";

/** Runs a command whose output is appended to a file on a disk of 64 KiB. */
const onDisk = (folder: string, command: string[]) => [
  ...["unshare", "--map-root-user", "--mount", "sh", "-c"],
  `mount -t tmpfs -o size=64k none "$0" && exec "$@" >> "$0/log"`,
  ...[folder, ...command],
];
/** Connections while the disk is full. */
const CONNECTIONS = 100;
/** The service writes up to 4 KiB at once. */
const MOST_IN_A_WRITE = 30;
/** How often a newcomer comes until lines are written again. */
const INTERVAL_MS = 100;

/** Fills the disk that the log is written to, and empties it again. */
export const log: Part = {
  name: "log",
  summary: "the log's disk is full, and has room again",
  async run({ spawn }) {
    await using folders = new AsyncDisposableStack();
    const folder = Deno.makeTempDirSync();
    folders.defer(() => Deno.removeSync(folder));
    const { code } = await run({ command: onDisk(folder, ["true"]) });
    if (code !== 0) return ["skipped: this user cannot mount a disk"];
    // Only the service sees the disk, which ends with it.
    const disk = (pid: number) => `/proc/${pid}/root${folder}`;
    await using service = await ServiceProcess.start({
      ...spawn,
      command: onDisk(folder, mainCommand()),
      outputFile: (pid) => `${disk(pid)}/log`,
    });
    let entries = 1;
    const visit = async () => {
      await untilServed(service.port);
      entries += 2;
    };
    await visit();
    const ballast = `${disk(service.pid)}/ballast`;
    fill(ballast);
    for (let i = 0; i < CONNECTIONS; i++) await visit();
    const before = service.lines.length;
    Deno.removeSync(ballast);
    await until(async () => {
      await visit();
      await pause(INTERVAL_MS);
      return service.lines.length > before;
    }, "lines are written again");
    const missing = () => {
      const { written, dropped } = count(service.lines);
      return entries - written - dropped;
    };
    await until(() => missing() <= 0, "all entries are written or counted");
    const { written, dropped } = count(service.lines);
    // Of a write that failed, all lines count as dropped.
    atMost(MOST_IN_A_WRITE, -missing(), "lines counted too much");
    return [`${written} lines written, ${dropped} counted as dropped`];
  },
};

/** Writes until the disk is full. */
function fill(path: string) {
  using file = Deno.openSync(path, { create: true, append: true });
  const bytes = new Uint8Array(1_024);
  try {
    for (;;) file.writeSync(bytes);
  } catch (error) {
    if (!`${error}`.includes("No space left")) throw error;
  }
}

/** Counts entries that are whole and dropped; checks what is neither. */
function count(lines: string[]) {
  const counts = { written: 0, dropped: 0 };
  for (const line of lines) {
    const dropped = /^\((\d+) log lines dropped: .*\)$/.exec(line)?.[1];
    if (dropped) counts.dropped += Number(dropped);
    else if (/^\{[^{}]+\}$/.test(line)) counts.written++;
    else if (!/^(\{[^{}]*)?$/.test(line)) {
      throw new Error(`"${line}" is not the beginning of one entry`);
    }
  }
  return counts;
}
