/**
 * What the operating system says about a process (Linux, `/proc`).
 *
 * @module
 */

/** The open file descriptors of a process. */
export function openDescriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** The resident memory of a process, in bytes. */
export function residentMemory(pid: number): number {
  return statusField(pid, "VmRSS") * 1_024;
}

/** The most resident memory that a process has had so far, in bytes. */
export function peakMemory(pid: number): number {
  return statusField(pid, "VmHWM") * 1_024;
}

/**
 * How many times each thread of a process has gone to sleep, by the thread's
 * id. A timer that was left behind shows here: it wakes up an idle thread.
 */
export function timesAsleep(pid: number): Map<number, number> {
  return eachThread(
    pid,
    (thread) => statusField(thread, "voluntary_ctxt_switches"),
  );
}

/** The field of the status of a process or a thread, a number. */
function statusField(pid: number | string, name: string): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const value = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1];
  if (value === undefined) {
    throw new Error(`Cannot read ${name} of process ${pid}: it is not there`);
  }
  return Number(value);
}

/**
 * The CPU time that each worker thread of a process of Deno has used, in
 * nanoseconds, by the thread's id.
 */
export function workerTimes(pid: number): Map<number, number> {
  return eachThread(pid, (thread) => {
    const name = Deno.readTextFileSync(`/proc/${thread}/comm`);
    const times = Deno.readTextFileSync(`/proc/${thread}/schedstat`);
    return name.startsWith("worker-") ? Number(times.split(" ")[0]) : undefined;
  });
}

/**
 * The worker thread of a process that works most while something runs: which
 * one serves a connection, if that is what keeps it busy.
 *
 * @returns the thread's id, or 0 where there are no workers
 */
export async function busiestWorker(
  pid: number,
  run: () => Promise<void>,
): Promise<number> {
  const before = workerTimes(pid);
  await run();
  const work = [...growth(before, workerTimes(pid))];
  return work.sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

/** By how much each thread's figure has grown. */
export function growth(
  before: Map<number, number>,
  after: Map<number, number>,
): Map<number, number> {
  return new Map(
    [...after].map(([id, value]) => [id, value - (before.get(id) ?? 0)]),
  );
}

/** A figure of each thread that has one, by the thread's id. */
function eachThread(
  pid: number,
  read: (path: string) => number | undefined,
): Map<number, number> {
  const figures = new Map<number, number>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      const figure = read(`${pid}/task/${name}`);
      if (figure !== undefined) figures.set(Number(name), figure);
    } catch (error) {
      if (!hasEnded(error)) throw error;
    }
  }
  return figures;
}

/** Whether reading failed because a process or thread has ended. */
function hasEnded(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    `${error}`.includes("No such process");
}

/** Processes and all their descendants, parents first; ended ones as well. */
export function processTree(pids: readonly number[]): number[] {
  const tree = [...pids];
  // The array grows while it is walked, so grandchildren are found as well.
  for (const pid of tree) {
    try {
      for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
        const path = `/proc/${pid}/task/${name}/children`;
        const children = Deno.readTextFileSync(path).match(/\d+/g) ?? [];
        tree.push(...children.map(Number));
      }
    } catch (error) {
      if (!hasEnded(error)) throw error;
    }
  }
  return tree;
}

/**
 * The CPU time that a process has used so far, all its threads together, in
 * seconds; the kernel counts it in steps of 10 ms.
 */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold spaces: fields are counted after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // Linux fixes USER_HZ at 100 on every architecture that Deno runs on.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** How many sockets listen on a TCP port, of all processes. */
export function listenersOn(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => {
    try {
      return Deno.readTextFileSync(file).trim().split("\n");
    } catch (error) {
      // Without IPv6 the second file is missing.
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }).filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return state === "0A" && local?.endsWith(suffix);
  }).length;
}

/** The processor cores that this process may run on. */
export function allowedCores(): number[] {
  const status = Deno.readTextFileSync("/proc/self/status");
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? "";
  return list.split(",").filter(Boolean).flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
