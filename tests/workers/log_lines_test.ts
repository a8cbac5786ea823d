import { assertEquals } from "@std/assert";
import { Client } from "../support/client.ts";
import { ServiceProcess } from "../support/process.ts";

/** Clients, and messages of each: in a second, no more are logged. */
const [CLIENTS, MESSAGES] = [32, 50];

Deno.test("main.ts writes the lines of all workers whole", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using service = await ServiceProcess.start({
    args: ["--workers", "4", "--log", "json", "--verbose"],
  });
  const url = `ws://127.0.0.1:${service.port}/`;
  await Promise.all(Array.from({ length: CLIENTS }, async (_, id) => {
    await using client = await Client.open(url);
    for (let i = 0; i < MESSAGES; i++) await client.ask(`${id} ${i}`);
  }));
  service.signal("SIGTERM");
  assertEquals(await service.exitCode(), 0);
  const [, ...entries] = service.lines.map((line) => JSON.parse(line));
  const counts: Record<string, number> = {};
  for (const { event } of entries) counts[event] = (counts[event] ?? 0) + 1;
  assertEquals(counts, {
    open: CLIENTS,
    message: CLIENTS * MESSAGES * 2,
    close: CLIENTS,
  });
});
