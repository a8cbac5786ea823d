import { isServed } from "../support/client.ts";
import { ServiceProcess } from "../support/process.ts";
import { resetHandshake } from "../support/reset_socket.ts";
import { until } from "../support/wait.ts";

/** The descriptors of the process, and those that a service has when idle. */
const CASES = [
  // Fewer than make a worker worth recycling elsewhere.
  { maxFiles: 66, workers: "2" },
  // All of them within less than a reading of the counts.
  { maxFiles: 96, workers: "1" },
];

for (const { maxFiles, workers } of CASES) {
  Deno.test({
    name: `main.ts serves on when resets have used up ${maxFiles} descriptors`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using service = await ServiceProcess.start({
        maxFiles,
        args: ["--workers", workers, "--grace", "1"],
      });
      await until(async () => {
        // Refused while none is free.
        await resetHandshake(service.port).catch(() => {});
        return service.lines.some((line) => line.includes("and none is free"));
      }, "a worker is recycled");
      const url = `ws://127.0.0.1:${service.port}`;
      await until(() => isServed(url), "a new client is served");
    },
  });
}
