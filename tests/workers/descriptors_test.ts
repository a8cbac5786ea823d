import { ServiceProcess } from "../support/process.ts";
import { handshakeRequest, RawClient } from "../support/raw_client.ts";
import { ResetSocket } from "../support/reset_socket.ts";
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
      const reset = async () => {
        const socket = await ResetSocket.open(service.port);
        await socket.write(handshakeRequest());
        await socket.reset();
      };
      await until(async () => {
        // Refused while none is free.
        await reset().catch(() => {});
        return service.lines.some((line) => line.includes("and none is free"));
      }, "a worker is recycled");
      await until(async () => {
        try {
          const client = await RawClient.connect(service.port);
          client.connection.close();
          return true;
        } catch {
          return false;
        }
      }, "a new client is served");
    },
  });
}
