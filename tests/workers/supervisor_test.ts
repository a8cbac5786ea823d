import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { ServiceOptions } from "../../main.ts";
import { READING_MS } from "../../handlers/server/memory_policy.ts";
import { Supervisor } from "../../handlers/workers/supervisor.ts";
import { Client, isServed } from "../support/client.ts";
import { FakeMemory } from "../support/fake_memory.ts";
import { testOnLinux as test } from "../support/platform.ts";
import { exchange, handshakeRequest } from "../support/raw_client.ts";
import { resetHandshake } from "../support/reset_socket.ts";
import { MemoryLog } from "../support/service.ts";
import { until, within } from "../support/wait.ts";
import { WatchClient } from "../support/watcher.ts";

/** A memory limit, in bytes. */
const LIMIT = 1_000_000_000;

const MIB = 1_048_576;

/** Workers that have faults on demand, and what they logged. */
class TestWorkers implements AsyncDisposable {
  readonly #supervisor: Supervisor;
  readonly log: MemoryLog;
  readonly lines: string[];
  readonly errors: string[];

  private constructor(
    supervisor: Supervisor,
    log: MemoryLog,
    lines: string[],
    errors: string[],
  ) {
    this.#supervisor = supervisor;
    this.log = log;
    this.lines = lines;
    this.errors = errors;
  }

  static async start(
    workers: number,
    service: ServiceOptions = {},
  ): Promise<TestWorkers> {
    const log = new MemoryLog();
    const [lines, errors]: string[][] = [[], []];
    const supervisor = await Supervisor.start({
      workers,
      service: { port: 0, ...service },
      logOptions: { format: "text", verbose: true },
      log,
      writeLines: (text) => lines!.push(...text.split("\n")),
      writeError: (text) => errors!.push(text),
      module: new URL("../testdata/faulty_worker.ts", import.meta.url),
    });
    return new TestWorkers(supervisor, log, lines!, errors!);
  }

  get url(): string {
    return this.#supervisor.urls.endpoints.echo![0]!;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Connects so many clients, which are spread over the workers. */
  connect(count: number, parameters = ""): Promise<Client[]> {
    const url = this.url + parameters;
    return Promise.all(Array.from({ length: count }, () => Client.open(url)));
  }

  /** How many lines of an event there are. */
  count(event: string): number {
    return this.lines.filter((line) => line.includes(`Z ${event} `)).length;
  }

  async shutdown(grace = 5) {
    await this.#supervisor.shutdown(grace);
  }

  async [Symbol.asyncDispose]() {
    await this.shutdown();
  }
}

/** Checks how the clients of ended workers were closed, and gives the others. */
async function survivors(clients: Client[], code: number): Promise<Client[]> {
  const alive = [];
  for (const client of clients) {
    if (client.socket.readyState === WebSocket.OPEN) alive.push(client);
    else assertEquals((await client.closed).code, code);
  }
  return alive;
}

test("Supervisor numbers and limits the connections of all workers together", async () => {
  await using workers = await TestWorkers.start(3, {
    limits: { maxConnections: 20 },
  });
  const attempts = await Promise.allSettled(
    Array.from({ length: 40 }, () => Client.open(workers.url)),
  );
  const clients = attempts.flatMap((attempt) =>
    attempt.status === "fulfilled" ? [attempt.value] : []
  );
  // The others were refused, or closed as soon as they were open.
  const served = () =>
    clients.filter(({ socket }) => socket.readyState === WebSocket.OPEN);
  await until(() => served().length <= 20, "no more than 20 are open");
  await until(
    () => workers.count("open") - workers.count("close") === 20,
    "20 are open",
  );
  for (const client of served()) {
    assertEquals(await client.ask("room?"), "room?");
  }
  await workers.shutdown();
  const opened = workers.lines.filter((line) => line.includes("Z open "));
  const ids = opened.map((line) => / id=(\d+) /.exec(line)![1]);
  assertEquals(new Set(ids).size, opened.length);
  assertEquals(workers.count("close"), opened.length);
});

for (const kind of ["throw", "reject"] as const) {
  test(`Supervisor replaces a worker alone that has an uncaught error: ${kind}`, async () => {
    await using workers = await TestWorkers.start(2);
    const clients = await workers.connect(32);
    clients[0]!.send(kind);
    const entry = await workers.log.waitFor("recycled");
    const cost = Number(entry.connections);
    assertEquals(entry.reason, "an uncaught error");
    await until(
      () => workers.count("close") === cost,
      "its clients are closed",
    );
    const alive = await survivors(clients, 1012);
    assertEquals(alive.length, 32 - cost);
    for (const client of alive) assertEquals(await client.ask("on"), "on");
    assertMatch(workers.errors.join(), /Z error Error: .* on demand\n {4,}at /);
    // The replacement can be replaced as well.
    alive[0]!.send(kind);
    await workers.log.waitFor("recycled", 2);
    // One that the old listener still accepts is closed as well.
    await until(() => isServed(workers.url), "a new client is served");
  });
}

Deno.test("Supervisor replaces a worker once for several errors", async () => {
  await using workers = await TestWorkers.start(1);
  const [client] = await workers.connect(1);
  for (const fault of ["throw", "throw"]) client!.send(fault);
  assertEquals((await client!.closed).code, 1012);
  await until(() => isServed(workers.url), "the replacement serves");
  assertEquals(workers.errors.length, 2);
  assertEquals(workers.log.of("recycled").length, 1);
});

test("Supervisor recycles the worker that has lost most descriptors", async () => {
  await using workers = await TestWorkers.start(2);
  const clients = await workers.connect(32);
  const [leaking, ...others] = clients;
  for (const client of others) client.send("leak");
  for (let i = 0; i < 60; i++) leaking!.send("leak");
  const { reason } = await workers.log.waitFor("recycled");
  assertMatch(`${reason}`, /^\d+ descriptors are lost$/);
  assertEquals((await leaking!.closed).code, 1012);
  await survivors(clients, 1012);
  assertEquals(workers.log.of("recycled").length, 1);
});

test("Supervisor recycles for a few lost descriptors when none is free", async () => {
  await using workers = await TestWorkers.start(2);
  const [client] = await workers.connect(1);
  for (let i = 0; i < 16; i++) client!.send("leak");
  // What the worker has counted shows after a while.
  await until(() => {
    client!.send("lose the listener");
    return workers.log.of("recycled").length > 0;
  }, "the worker is recycled");
  const [entry] = workers.log.of("recycled");
  assertEquals(entry!.reason, "16 descriptors are lost, and none is free");
  assertEquals((await client!.closed).code, 1012);
});

Deno.test("Supervisor recycles a worker whose handshakes were reset", async () => {
  await using workers = await TestWorkers.start(1);
  for (let i = 0; i < 100; i++) await resetHandshake(workers.port);
  const { reason } = await workers.log.waitFor("recycled");
  assertMatch(`${reason}`, /^\d+ descriptors are lost$/);
  // The platform waits for what was reset.
  await workers.shutdown(0);
});

test("Supervisor recycles the busiest worker for memory, and counts its connections no more", async () => {
  using memory = new FakeMemory(0);
  await using workers = await TestWorkers.start(2, {
    maxMemory: LIMIT,
    limits: { maxConnections: 32 },
  });
  const clients = await workers.connect(32);
  clients[0]!.send("be busy");
  // Until the readings show it.
  await new Promise((resolve) => setTimeout(resolve, 300));
  memory.now = 2 * LIMIT;
  const entry = await workers.log.waitFor("recycled");
  memory.now = 0;
  assertEquals(entry.reason, "memory");
  assertEquals((await clients[0]!.closed).code, 0);
  await until(() => isServed(workers.url), "there is room again");
  const alive = await survivors(clients, 0);
  assertEquals(alive.length, 32 - Number(entry.connections));
  for (const client of alive) assertEquals(await client.ask("on"), "on");
});

test("Supervisor tells watchers of the connections that a recycled worker had", async () => {
  using memory = new FakeMemory(0);
  await using workers = await TestWorkers.start(2, { maxMemory: LIMIT });
  const clients = await workers.connect(16, "?watch=recycled");
  const watchers = await Promise.all(
    Array.from({ length: 8 }, () => WatchClient.open(workers.port, "recycled")),
  );
  for (const watcher of watchers) {
    const { connections } = await watcher.expect("watching");
    assertEquals(connections.length, clients.length);
  }
  memory.now = 2 * LIMIT;
  const { connections } = await workers.log.waitFor("recycled");
  memory.now = 0;
  await until(() => isServed(workers.url), "there is room again");
  const alive = await survivors(clients, 0);
  const spared = watchers.filter(({ isOpen }) => isOpen);
  const lost = clients.length - alive.length;
  assertEquals(lost + watchers.length - spared.length, Number(connections));
  for (const watcher of spared) {
    for (let n = 0; n < lost; n++) {
      const { code, by, error } = await watcher.expect("close");
      assertEquals([code, by], [1006, "server"]);
      assertEquals(error, "Its worker was recycled");
    }
  }
  // The replacement's connections are watched as well.
  await workers.connect(16, "?watch=recycled");
  for (const watcher of spared) {
    for (let n = 0; n < 16; n++) await watcher.expect("open");
  }
});

Deno.test("Supervisor can recycle a worker any number of times, also an idle one", async () => {
  using memory = new FakeMemory(0);
  await using workers = await TestWorkers.start(1, { maxMemory: LIMIT });
  for (let count = 1; count <= 5; count++) {
    memory.now = 2 * LIMIT;
    const entry = await workers.log.waitFor("recycled", count);
    memory.now = 0;
    assertEquals([entry.reason, entry.worker], ["memory", 1]);
    await until(() => isServed(workers.url), "the replacement serves");
  }
  assertEquals(workers.errors, []);
});

test("Supervisor terminates a worker whose event loop stands still", async () => {
  await using workers = await TestWorkers.start(2);
  const clients = await workers.connect(32);
  clients[0]!.send("stand still");
  const entry = await workers.log.waitFor("recycled");
  assertEquals(entry.reason, "its event loop stands still");
  const cost = Number(entry.connections);
  await until(
    () => clients.filter(({ socket }) => socket.readyState > 1).length === cost,
    "its clients see the end",
  );
  // The platform's client gives 0 for an end without a close frame.
  const alive = await survivors(clients, 0);
  for (const client of alive) assertEquals(await client.ask("on"), "on");
  assertEquals((await workers.connect(32)).length, 32);
});

test("Supervisor serves with a memory limit that its idle workers exceed", async () => {
  await using workers = await TestWorkers.start(2, { maxMemory: 1 });
  const [client] = await workers.connect(1);
  for (let asked = 0; asked < 20; asked++) {
    assertEquals(await client!.ask("on"), "on");
    await new Promise((resolve) => setTimeout(resolve, READING_MS));
  }
  assertEquals(workers.log.of("memory").map(({ action }) => action), [
    "tolerate",
  ]);
});

test("Supervisor closes what holds back most of all workers' connections", async () => {
  // Together they may hold back a quarter.
  await using workers = await TestWorkers.start(2, { maxMemory: 40 * MIB });
  const clients = await workers.connect(24, "?delay=60000");
  const [heaviest, ...others] = clients;
  for (let sent = 0; sent < 9; sent++) heaviest!.send(new Uint8Array(MIB));
  for (const { socket } of others) {
    await until(() => heaviest!.socket.bufferedAmount === 0, "it was sent");
    socket.send(new Uint8Array(MIB / 8));
  }
  assertEquals((await heaviest!.closed).code, 1013);
  for (const { socket } of others) {
    assertEquals(socket.readyState, WebSocket.OPEN);
  }
});

/** A supervisor of one worker, of which nothing is shown. */
const options = {
  workers: 1,
  service: { port: 0 },
  logOptions: { format: "off", verbose: false } as const,
  log: new MemoryLog(),
  writeLines() {},
  writeError() {},
};

Deno.test("Supervisor.start() says why a worker cannot start", async () => {
  const module = new URL(
    "data:application/javascript,throw new Error('at load')",
  );
  await assertRejects(
    () => Supervisor.start({ ...options, module }),
    Error,
    "at load",
  );
  await assertRejects(
    () => Supervisor.start({ ...options, service: { port: -1 } }),
    RangeError,
    'port "-1"',
  );
});

test("Supervisor.shutdown() closes with 1001, and leaves nothing", async () => {
  const workers = await TestWorkers.start(2);
  const clients = await workers.connect(8);
  await workers[Symbol.asyncDispose]();
  for (const { closed } of clients) assertEquals((await closed).code, 1001);
  assertEquals(workers.count("close"), 8);
  const answer = exchange(workers.port, handshakeRequest());
  assertEquals(await answer.then(() => "answers", () => "gone"), "gone");
});

/** A module that answers the commands that a worker gets, by `report()`. */
function fakeWorker(answer: string): string {
  return `import { parentPort } from "node:worker_threads";
    const report = (report) => parentPort.postMessage(report);
    parentPort.on("message", ({ kind, slot }) => { ${answer} });`;
}

Deno.test("Supervisor.shutdown() waits no longer for a worker that does not answer", async () => {
  const code = fakeWorker(
    'if (kind === "start") report({ kind: "listening" })',
  );
  const module = new URL(`data:text/javascript,${code}`);
  const supervisor = await Supervisor.start({ ...options, module });
  await within(supervisor.shutdown(0), "the end of the grace period");
});

Deno.test("Supervisor ends a worker only when its replacement listens", {
  // Elsewhere, they cannot share the port.
  ignore: Deno.build.os !== "linux",
}, async () => {
  const code = fakeWorker(`
    report({ kind: "error", text: kind });
    if (kind === "end") return report({ kind: "ended" });
    report({ kind: "listening" });
    if (slot === 0) report({ kind: "broken" });
  `);
  const module = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const commands: string[] = [];
  const supervisor = await Supervisor.start({
    ...options,
    module,
    writeError: (text) => commands.push(text),
  });
  await until(() => commands.length === 3, "the worker is replaced");
  assertEquals(commands, ["start", "start", "end"]);
  await supervisor.shutdown(5);
});

Deno.test("Supervisor tries to replace a worker until one starts", async () => {
  const code = fakeWorker(`
    if (kind === "end") return report({ kind: "ended" });
    if (slot === 1) return report({ kind: "failed", message: "no room" });
    report({ kind: "listening" });
    report(slot === 0 ? { kind: "broken" } : { kind: "error", text: "listens" });
  `);
  const module = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const errors: string[] = [];
  const supervisor = await Supervisor.start({
    ...options,
    module,
    writeError: (text) => errors.push(text),
  });
  await until(() => errors.length === 2, "a replacement listens");
  assertStringIncludes(errors[0]!, "error Error: no room");
  assertEquals(errors[1], "listens");
  await supervisor.shutdown(5);
});

Deno.test("Supervisor.start() runs a worker from a URL", async () => {
  const code = fakeWorker(
    'report({ kind: kind === "end" ? "ended" : "listening" })',
  );
  const headers = { "content-type": "text/javascript" };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(code, { headers }),
  );
  const module = new URL(`http://127.0.0.1:${server.addr.port}/worker.js`);
  const supervisor = await Supervisor.start({ ...options, module });
  await supervisor.shutdown(5);
});
