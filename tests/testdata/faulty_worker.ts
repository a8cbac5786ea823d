/**
 * The worker, with faults on demand: a message of the channel "faults" names
 * one, and the slots of the workers that shall have it.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import "../../handlers/workers/worker.ts";
import type { Command } from "../../handlers/workers/protocol.ts";

/** What goes wrong, and where. */
export interface Fault {
  kind: "throw" | "reject" | "stand still";
  slots: number[];
}

let slot: number | undefined;

parentPort?.on("message", (command: Command) => {
  if (command.kind === "start") slot = command.slot;
});

new BroadcastChannel("faults").onmessage = ({ data }) => {
  const { kind, slots } = data as Fault;
  if (slot === undefined || !slots.includes(slot)) return;
  if (kind === "throw") throw new Error("thrown on demand");
  if (kind === "reject") Promise.reject(new Error("rejected on demand"));
  const cell = new Int32Array(new SharedArrayBuffer(4));
  if (kind === "stand still") Atomics.wait(cell, 0, 0, 12_000);
};
