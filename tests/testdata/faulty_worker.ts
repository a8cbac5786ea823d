/**
 * The worker, with faults on demand: a client names one in a message.
 *
 * @module
 */

import "../../handlers/workers/worker.ts";

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
};

const { upgradeWebSocket } = Deno;
Deno.upgradeWebSocket = (...args) => {
  const upgrade = upgradeWebSocket(...args);
  upgrade.socket.addEventListener("message", ({ data }) => FAULTS[data]?.());
  return upgrade;
};
