/** The servers that are measured. */

import { fileURLToPath } from "node:url";
import { mainCommand } from "../support/process.ts";
import { canMeasureProcesses } from "./processes.ts";
import { type CustomTarget, type Options, TARGET } from "./options.ts";
import type { WsPackage } from "./ws_package.ts";

/** A server and how to start it. */
export interface Target {
  name: string;
  /** Processes that share one port. */
  processes: number;
  /** The path of the echo endpoint. */
  path: string;
  /** The program and its arguments for one process. */
  command(port: number): string[];
  /** Where it is started. Default: where the benchmark was. */
  folder?: URL;
}

/** A target that cannot be measured on this machine. */
export interface SkippedTarget {
  name: string;
  reason: string;
}

export interface TargetList {
  targets: Target[];
  skipped: SkippedTarget[];
}

const ROOT = new URL("../../", import.meta.url);

function local(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** The bare handler, which all others are compared with. */
export const BARE: Target = {
  name: TARGET.bare,
  processes: 1,
  path: "/",
  command: (port) => [
    Deno.execPath(),
    "run",
    "--no-config",
    "--allow-net",
    local("bare.ts"),
    String(port),
  ],
};

/** The service, started as the README says. */
function wsecho(name: string, processes: number, more: string[]): Target {
  return {
    name,
    processes,
    path: "/",
    folder: ROOT,
    command: (port) => [
      ...mainCommand(),
      // Said even so, as the environment may name another one.
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      ...more,
    ],
  };
}

function wsOnNode(folder: string): Target {
  return {
    name: TARGET.ws,
    processes: 1,
    path: "/",
    command: (port) => ["node", local("ws_node.mjs"), folder, String(port)],
  };
}

function custom({ name, command, path }: CustomTarget): Target {
  return {
    name,
    processes: 1,
    path,
    // With exec the process that is measured is the server, not the shell.
    command: (port) => [
      "sh",
      "-c",
      `exec ${command.replaceAll("{port}", String(port))}`,
    ],
  };
}

/** All targets that the options ask for, "bare" first. */
export function listTargets(
  options: Pick<Options, "only" | "custom">,
  ws: WsPackage | undefined,
): TargetList {
  const list: TargetList = { targets: [BARE], skipped: [] };
  const wanted = (name: string) => options.only.includes(name);
  if (wanted(TARGET.wsecho)) list.targets.push(wsecho(TARGET.wsecho, 1, []));
  if (wanted(TARGET.pair)) {
    if (canMeasureProcesses()) {
      list.targets.push(wsecho(TARGET.pair, 2, ["--reuse-port"]));
    } else {
      list.skipped.push({
        name: TARGET.pair,
        reason: "only Linux shares a port between processes",
      });
    }
  }
  if (wanted(TARGET.ws) && ws) {
    if ("folder" in ws) list.targets.push(wsOnNode(ws.folder));
    else list.skipped.push({ name: TARGET.ws, reason: ws.unavailable });
  }
  for (const target of options.custom) {
    if (wanted(target.name)) list.targets.push(custom(target));
  }
  return list;
}
