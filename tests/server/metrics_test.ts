import { assertEquals } from "@std/assert";
import { Supervisor } from "../../handlers/workers/supervisor.ts";
import { Client, isServed } from "../support/client.ts";
import { FakeMemory } from "../support/fake_memory.ts";
import { MemoryLog, startTestService } from "../support/service.ts";
import { until } from "../support/wait.ts";

const API = Symbol.for("opentelemetry.js.api.1");
const LIMIT = 1_000_000_000;

/** Stands in for OpenTelemetry until the scope ends, and adds up. */
class FakeTelemetry implements Disposable {
  readonly #sums = new Map<string, number>();

  constructor() {
    const createCounter = (name: string) => ({
      add: (change: number, attributes = {}) => {
        const key = [name, ...Object.values(attributes)].join(" ");
        this.#sums.set(key, (this.#sums.get(key) ?? 0) + change);
      },
    });
    const meter = { createCounter, createUpDownCounter: createCounter };
    const metrics = { getMeter: () => meter };
    Reflect.set(globalThis, API, { metrics });
  }

  /** The sums, by name and attribute. */
  get sums(): Record<string, number> {
    return Object.fromEntries(this.#sums);
  }

  [Symbol.dispose]() {
    Reflect.deleteProperty(globalThis, API);
  }
}

Deno.test("exportMetrics() adds up the services of a program, to their very end", async () => {
  using telemetry = new FakeTelemetry();
  await using service = startTestService();
  await using other = startTestService();
  const client = await Client.open(service.url("echo"));
  assertEquals(await client.ask("hello"), "hello");
  await using _ = await Client.open(other.url("uppercase"));
  await until(
    () => telemetry.sums["wsecho.connections.open"] === 2,
    "the open connections are counted",
  );
  client.socket.close(4000);
  await service.log.waitFor("close");
  await service.shutdown();
  await other.shutdown();
  assertEquals(telemetry.sums, {
    "wsecho.connections.open": 0,
    "wsecho.connections.opened": 2,
    "wsecho.connections.closed 4xxx": 1,
    "wsecho.connections.closed 1001": 1,
    "wsecho.messages receive": 1,
    "wsecho.messages transmit": 1,
    "wsecho.io receive": 5,
    "wsecho.io transmit": 5,
  });
});

Deno.test("exportMetrics() counts what a terminated worker has counted, and its connections as closed", async () => {
  using telemetry = new FakeTelemetry();
  using memory = new FakeMemory(0);
  const log = new MemoryLog();
  const supervisor = await Supervisor.start({
    workers: 1,
    service: { port: 0, maxMemory: LIMIT },
    logOptions: { format: "off", verbose: false },
    log,
    writeLines() {},
    writeError() {},
  });
  const url = supervisor.urls.endpoints.echo![0]!;
  const clients = await Promise.all([Client.open(url), Client.open(url)]);
  for (const client of clients) await client.ask("hello");
  memory.now = 2 * LIMIT;
  await log.waitFor("recycled");
  memory.now = 0;
  for (const client of clients) assertEquals((await client.closed).code, 0);
  await until(() => isServed(url), "the replacement serves");
  await supervisor.shutdown(5);
  const { sums } = telemetry;
  assertEquals(sums["wsecho.workers.recycled"], 1);
  assertEquals(sums["wsecho.connections.open"], 0);
  assertEquals(sums["wsecho.connections.closed 1006"], 2);
  // Another one has asked whether it is served.
  assertEquals(sums["wsecho.connections.opened"], 3);
  assertEquals(sums["wsecho.messages receive"], 3);
});
