/** What is measured: the servers and the loads that each of them gets. */

import { fileURLToPath } from "node:url";
import { mainCommand, run } from "../support/process.ts";

/** Messages that are echoed. */
export type TrafficLoad = ReturnType<typeof traffic>;

/** Connections that are open and do nothing. */
export interface IdleLoad {
  id: string;
  title: string;
  /** The numbers of connections at which memory is read, ascending. */
  counts: readonly number[];
}

export type Load = TrafficLoad | IdleLoad;

/** A load's id selects it on the command line. */
export const LOADS: readonly Load[] = [
  traffic("64b", "64 B", 64, "text", 1, 32),
  traffic("64b-16", "64 B", 64, "text", 16, 32),
  traffic("16k", "16 KiB binary", 16_384, "binary", 4, 8),
  traffic("1m", "1 MiB binary", 1_048_576, "binary", 1, 4),
  { id: "idle", title: "RSS per idle connection", counts: [1_000, 5_000] },
];

/** Messages of `size` bytes, `window` of them in flight on each connection. */
function traffic(
  id: string,
  message: string,
  size: number,
  kind: "text" | "binary",
  window: number,
  connections: number,
) {
  const title = `${message}, ${window} in flight, ${connections} connections`;
  return { id, title, size, kind, window, connections };
}

/**
 * A server and how to start it. In the command `{port}` stands for the port
 * and `{folder}` for a temporary folder of the run.
 */
export interface Target {
  name: string;
  /** The program and its arguments, started in the project's folder. */
  command: readonly string[];
  /** The path of the echo endpoint. Default: "/". */
  path?: string;
  /**
   * How many sockets listen on the port, one for each thread that serves: it
   * gets as many cores where there are enough. Default: 1.
   */
  listeners?: number;
  /** Prepares the folder. Fails when the target cannot be had. */
  prepare?(folder: string): Promise<void>;
}

/** The target that all others are compared with; it is always measured. */
export const BARE = "bare";
/** The targets that the goals speak of. */
export const WSECHO = "wsecho";
export const PAIR = "wsecho, 2 workers";
export const WS = "ws on Node";

/** The release of the package `ws` that is measured: no dependency of ours. */
export const WS_VERSION = "8.23.0";

const DENO = Deno.execPath();
const LOCAL = ["--host", "127.0.0.1", "--port", "{port}"];
const SERVICE = [...mainCommand(), ...LOCAL, "--workers"];

/** The targets that this machine can run without a `--target`, `bare` first. */
export const TARGETS: readonly Target[] = [
  {
    name: BARE,
    command: [DENO, "run", "--no-config", "-N", local("bare.ts"), "{port}"],
  },
  { name: WSECHO, command: [...SERVICE, "1"] },
  { name: PAIR, command: [...SERVICE, "2"], listeners: 2 },
  // One core is the generator's.
  ...autoTargets(navigator.hardwareConcurrency - 1),
  {
    name: WS,
    command: ["node", local("ws_node.mjs"), "{folder}", "{port}"],
    prepare: installWs,
  },
];

/**
 * The service with as many workers as it starts by default, where the servers
 * have more than two cores: it sees the cores that it gets, and uses up to 4.
 */
export function autoTargets(cores: number): Target[] {
  if (cores <= 2) return [];
  const listeners = Math.min(cores, 4);
  return [{ name: "wsecho, auto", command: [...SERVICE, "auto"], listeners }];
}

/** A target that the user names; its command is a line for `sh`. */
export function customTarget(name: string, command: string): Target {
  // With exec the process that is measured is the server, not the shell.
  return { name, command: ["sh", "-c", `exec ${command}`] };
}

function local(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** A program's version; nothing where it is not present. */
export async function versionOf(program: string): Promise<string | undefined> {
  try {
    return (await run({ command: [program, "--version"] })).stdout.trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Installs `ws`, with no scripts of its own. */
async function installWs(folder: string) {
  const options = "--no-save --no-audit --no-fund --ignore-scripts";
  const { code, stderr } = await run({
    command: ["npm", "install", "--prefix", folder, ...options.split(" ")],
    args: ["--fetch-retries=0", `ws@${WS_VERSION}`],
  });
  if (code !== 0) throw new Error(`Cannot install ws ${WS_VERSION}: ${stderr}`);
}
