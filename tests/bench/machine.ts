/** Where a run took place. */

import os from "node:os";

/** What a reader must know to judge the figures. */
export interface Machine {
  /** ISO 8601, to the minute. */
  date: string;
  processor: string;
  cores: number;
  memoryBytes: number;
  system: string;
  deno: string;
  v8: string;
  /** `undefined`: not present or not asked for. */
  node: string | undefined;
  ws: string | undefined;
}

/** Describes this machine. */
export function describeMachine(
  ws: { version: string; node: string } | undefined,
): Machine {
  const processors = os.cpus();
  return {
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    processor: processors[0]?.model.trim() || Deno.build.arch,
    cores: processors.length,
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    node: ws?.node,
    ws: ws?.version,
  };
}

/** The description in one line. */
export function formatMachine(machine: Machine): string {
  const { processor, cores, memoryBytes, system, deno, node, ws } = machine;
  const memory = Math.round(memoryBytes / 2 ** 30);
  return [
    machine.date,
    `${processor}, ${cores} cores, ${memory} GiB`,
    system,
    `Deno ${deno}`,
    ...(node ? [`Node.js ${node.replace(/^v/, "")} with ws ${ws}`] : []),
  ].join("; ");
}
