import { setTimeout as pause } from "node:timers/promises";
import { assertEquals } from "@std/assert";
import { mainCommand, ServiceProcess } from "../support/process.ts";
import { until } from "../support/wait.ts";
import { connectBystanders, findWorker, retry } from "./bystander.ts";
import { SteadyClient } from "./clients.ts";
import { type Part, scale } from "./part.ts";
import { noTotals, ServiceLog } from "./service_log.ts";

/** The time between two errors, in milliseconds. */
const INTERVAL_MS = 1_000;

/** A service of its own, whose workers throw when a client says so. */
export const errors: Part = {
  name: "errors",
  summary: "100 uncaught errors in workers, one a second",
  async run(_stage, size) {
    const command = [
      ...mainCommand().slice(0, -1),
      "tests/testdata/faulty_main.ts",
    ];
    await using service = await ServiceProcess.start({ command });
    const log = new ServiceLog(service, ["recycled"]);
    const bystanders = await connectBystanders(service);
    const count = scale(100, size);
    for (let i = 1; i <= count; i++) {
      const next = performance.now() + INTERVAL_MS;
      for (const bystander of bystanders) await bystander.findWorker();
      using client = await retry(() =>
        SteadyClient.connect(service.port, "/", noTotals())
      );
      const worker = await findWorker(service.pid, client);
      const others = bystanders.filter((bystander) =>
        bystander.worker !== worker
      ).map(({ losses }) => ({ losses, before: losses.length }));
      await client.exchange(["throw"]);
      await until(() => {
        log.open();
        return log.recycled.length >= i;
      }, "the worker is recycled");
      await pause(Math.max(0, next - performance.now()));
      const lost = others.flatMap(({ losses, before }) => losses.slice(before));
      assertEquals(lost, [], "Clients of another worker were cut");
    }
    await Promise.all(bystanders.map((bystander) => bystander.end()));
    assertEquals(await service.stop("SIGTERM"), 0);
    const reported = service.errorLines.filter((line) =>
      line.includes("error Error: thrown on demand")
    );
    assertEquals([reported.length, log.recycled.length], [count, count]);
    const cut = bystanders.reduce((sum, { losses }) => sum + losses.length, 0);
    return [`${count} workers replaced, ${cut} times their clients cut`];
  },
};
