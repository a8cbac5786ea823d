/** What the operating system says about processes: CPU time and memory. */

/** USER_HZ, which Linux fixes at 100 on every architecture that Deno runs on. */
const TICKS_PER_SECOND = 100;
const BYTES_PER_KIB = 1_024;

/** Whether this system tells (Linux: it has `/proc`). */
export function canMeasureProcesses(): boolean {
  return Deno.build.os === "linux";
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // The process has ended, or the kernel was built without this file.
    return "";
  }
}

/** The given processes and all their descendants. */
export function processTree(pids: readonly number[]): number[] {
  const tree = [...pids];
  // The array grows while it is walked, so grandchildren are found as well.
  for (const pid of tree) {
    for (const thread of threads(pid)) {
      const children = read(`/proc/${pid}/task/${thread}/children`).trim();
      if (children) tree.push(...children.split(" ").map(Number));
    }
  }
  return tree;
}

function threads(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/**
 * The CPU time that processes have used with all their threads, in seconds, to
 * 10 ms each.
 */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold spaces: fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

function statusBytes(pids: readonly number[], name: string): number {
  let kib = 0;
  for (const pid of pids) {
    const line = read(`/proc/${pid}/status`).match(
      new RegExp(`^${name}:\\s+(\\d+) kB`, "m"),
    );
    kib += Number(line?.[1] ?? 0);
  }
  return kib * BYTES_PER_KIB;
}

/** The resident memory of processes together, in bytes. */
export function residentBytes(pids: readonly number[]): number {
  return statusBytes(pids, "VmRSS");
}

/** The most resident memory that each process has had so far, in bytes. */
export function peakResidentBytes(pids: readonly number[]): number {
  return statusBytes(pids, "VmHWM");
}
