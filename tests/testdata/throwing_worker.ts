// A worker that throws an uncaught error when a client sends "throw".
import "../../handlers/workers/worker.ts";

const { upgradeWebSocket } = Deno;
Deno.upgradeWebSocket = (...args) => {
  const upgrade = upgradeWebSocket(...args);
  upgrade.socket.addEventListener("message", ({ data }) => {
    if (data !== "throw") return;
    setTimeout(() => {
      throw new Error("thrown in a worker");
    });
  });
  return upgrade;
};
