/** Which cores the servers and the load generator run on. */

export interface Pinning {
  /** The cores of the servers, one for each process; none: not pinned. */
  servers: number[];
  /** The generator's core; none: not pinned. */
  generator: number | undefined;
}

/** Reads a list such as `0-3,8` (as in `/proc/self/status`). */
export function parseCores(list: string): number[] {
  return list.trim().split(",").filter(Boolean).flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/**
 * Gives one core to the generator, another to the server and, where there is a
 * third, that one to the second server process.
 */
export function planPinning(cores: readonly number[]): Pinning {
  const [first, second, third] = cores;
  if (first === undefined || second === undefined) {
    return { servers: [], generator: undefined };
  }
  return {
    servers: third === undefined ? [first] : [first, third],
    generator: second,
  };
}

/** The plan for this machine. */
export async function findPinning(): Promise<Pinning> {
  return planPinning(await hasTaskset() ? allowedCores() : []);
}

function allowedCores(): number[] {
  const status = Deno.readTextFileSync("/proc/self/status");
  return parseCores(status.match(/^Cpus_allowed_list:\s*(.*)$/m)?.[1] ?? "");
}

async function hasTaskset(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const { success } = await new Deno.Command("taskset", {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/**
 * A command line that runs on the given core. `taskset` becomes the command
 * that it starts, so the process id stays the same.
 */
export function pinned(
  core: number | undefined,
  command: readonly string[],
): string[] {
  return core === undefined
    ? [...command]
    : ["taskset", "-c", String(core), ...command];
}
