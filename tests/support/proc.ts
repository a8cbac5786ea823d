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
 * How many times a process's main thread has gone to sleep. What a timer that
 * was left behind does to an idle process shows here: it wakes it up.
 */
export function timesAsleep(pid: number): number {
  return statusField(pid, "voluntary_ctxt_switches");
}

/** How many files this process may have open at a time. */
export function descriptorLimit(): number {
  const limits = Deno.readTextFileSync("/proc/self/limits");
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
}

/** The field of a process's status, a number. */
function statusField(pid: number, name: string): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const value = new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1];
  if (value === undefined) {
    throw new Error(`Cannot read ${name} of process ${pid}: it is not there`);
  }
  return Number(value);
}
