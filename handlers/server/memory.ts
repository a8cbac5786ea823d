import { totalmem } from "node:os";
import process from "node:process";

/** The rest is left to other processes, where no limit is set. */
const DEFAULT_SHARE = 0.6;

/** The resident memory of the process, in bytes. */
export function residentMemory(): number {
  return process.memoryUsage.rss();
}

/**
 * The memory that the process may use by default, in bytes: 60 % of its
 * cgroup's limit or of the machine's memory.
 *
 * @returns undefined without the permission `--allow-sys=systemMemoryInfo`
 */
export function defaultMaxMemory(): number | undefined {
  const permission = { name: "sys", kind: "systemMemoryInfo" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  const constrained = process.constrainedMemory();
  const memory = constrained > 0
    ? Math.min(constrained, totalmem())
    : totalmem();
  return Math.floor(memory * DEFAULT_SHARE);
}
