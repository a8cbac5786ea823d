import { ServiceProcess } from "../support/process.ts";
import { handshakeRequest, RawClient } from "../support/raw_client.ts";
import { ResetSocket } from "../support/reset_socket.ts";
import { until } from "../support/wait.ts";

Deno.test({
  name: "main.ts serves on when resets have used up its descriptors",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using service = await ServiceProcess.start({
      maxFiles: 96,
      args: ["--workers", "1", "--log", "json", "--grace", "0"],
    });
    // The worker's own start needs some of those that are left.
    const isRecycled = () =>
      service.lines.some((line) => line.includes("and none is free"));
    for (let i = 0; i < 96 && !isRecycled(); i++) {
      try {
        const socket = await ResetSocket.open(service.port);
        await socket.write(handshakeRequest());
        await socket.reset();
      } catch {
        // Nothing listens while the worker is replaced.
      }
    }
    await until(isRecycled, "the worker is recycled");
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
