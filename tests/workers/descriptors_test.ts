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
    const isRecycled = () =>
      service.lines.some((line) => line.includes("and none is free"));
    const reset = async () => {
      const socket = await ResetSocket.open(service.port);
      await socket.write(handshakeRequest());
      await socket.reset();
    };
    for (let i = 0; i < 20; i++) await reset();
    // The supervisor looks at the worker's counts from time to time.
    await new Promise((resolve) => setTimeout(resolve, 200));
    // Nothing listens any more once the descriptors are used up.
    for (let i = 0; i < 80 && !isRecycled(); i++) await reset().catch(() => {});
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
