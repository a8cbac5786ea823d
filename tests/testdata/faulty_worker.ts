/**
 * The worker, with faults on demand: a client names one in a message.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import { Tally } from "../../handlers/server/tally.ts";
import "../../handlers/workers/worker.ts";

const { noteLeaked } = Tally.prototype;
let leaked = 0;
Tally.prototype.noteLeaked = function (count) {
  noteLeaked.call(this, count + leaked);
};

/** What a worker may get to see, and what is in an error's message. */
const FAULTS: Record<string, () => void> = {
  "throw": () =>
    setTimeout(() => {
      throw new Error("thrown on demand");
    }),
  "reject": () => {
    Promise.reject(new Error("rejected on demand"));
  },
  "stand still": () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12_000);
  },
  // Not for ever: a thread that works can be terminated only when it pauses.
  "be busy": () => {
    const end = performance.now() + 1_000;
    while (performance.now() < end);
  },
  "leak": () => {
    leaked++;
  },
  "lose the listener": () => parentPort?.postMessage({ kind: "lost" }),
};

const { upgradeWebSocket } = Deno;
Deno.upgradeWebSocket = (...args) => {
  const upgrade = upgradeWebSocket(...args);
  upgrade.socket.addEventListener("message", ({ data }) => FAULTS[data]?.());
  return upgrade;
};
