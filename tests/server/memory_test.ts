import { assert, assertEquals, assertGreater } from "@std/assert";
import { defaultMaxMemory } from "../../handlers/server/memory.ts";
import { MemoryGuard } from "../../handlers/server/memory_guard.ts";
import { Tally } from "../../handlers/server/tally.ts";
import { Client, isServed } from "../support/client.ts";
import { FakeMemory } from "../support/fake_memory.ts";
import { MemoryLog, startTestService } from "../support/service.ts";
import { until } from "../support/wait.ts";

const MIB = 1_048_576;

Deno.test("defaultMaxMemory() is 60 % of what the process may use", () => {
  const max = defaultMaxMemory();
  assert(max !== undefined);
  assertGreater(max, 100 * MIB);
  assert(max <= 0.6 * Deno.systemMemoryInfo().total);
});

Deno.test({
  name: "defaultMaxMemory() is undefined without the permission",
  permissions: { sys: false },
  fn: () => assertEquals(defaultMaxMemory(), undefined),
});

Deno.test("MemoryGuard does and logs what is decided about the memory", async () => {
  using memory = new FakeMemory(1_100);
  const tally = new Tally();
  const log = new MemoryLog();
  const done: string[] = [];
  using _guard = new MemoryGuard({
    ...{ limit: 1_000, threads: 1, tally, log },
    closeHeaviest: () => done.push("close"),
    recycle: () => done.push("recycle"),
  });
  tally.add("open", 7);
  tally.add("held", 500);
  await log.waitFor("memory");
  assertEquals(tally.isSuspended, true);
  await log.waitFor("memory", 2);
  assertEquals(done, ["close"]);
  memory.now = 500;
  await log.waitFor("memory", 3);
  assertEquals(tally.isSuspended, false);
  memory.now = 2_000;
  await log.waitFor("memory", 4);
  assertEquals(done, ["close", "recycle"]);
  const entry = { event: "memory", limit: 1_000, connections: 7 };
  assertEquals(log.entries, [
    { ...entry, action: "refuse new connections", memory: 1_100 },
    { ...entry, action: "close the heaviest", memory: 1_100 },
    { ...entry, action: "accept new connections", memory: 500 },
    { ...entry, action: "recycle", memory: 2_000 },
  ]);
});

Deno.test("startService() lets all connections hold back a quarter of its memory", async () => {
  using _memory = new FakeMemory(0);
  await using service = startTestService({ maxMemory: 4 * MIB, verbose: true });
  const [heaviest, other] = await Promise.all(
    [1, 2].map(() => Client.open(`${service.url("echo")}?delay=60000`)),
  );
  heaviest!.send(new Uint8Array(900_000));
  await service.log.waitFor("message");
  other!.send(new Uint8Array(200_000));
  const { code, reason } = await heaviest!.closed;
  assertEquals([code, reason], [1013, "Out of memory"]);
  assertEquals(other!.socket.readyState, WebSocket.OPEN);
});

Deno.test("startService() ends all connections when its memory runs out, and serves on", async () => {
  using memory = new FakeMemory(0);
  await using service = startTestService({ maxMemory: 1_000 });
  const clients = await Promise.all(
    [1, 2].map(() => Client.open(service.url("echo"))),
  );
  memory.now = 2_000;
  for (const { closed } of clients) assertEquals((await closed).code, 1013);
  memory.now = 0;
  const [entry] = service.log.of("memory");
  assertEquals([entry!.action, entry!.connections], ["recycle", 2]);
  // One that the old listener accepts is closed as well.
  await until(() => isServed(service.url("echo")), "a new client is served");
});
