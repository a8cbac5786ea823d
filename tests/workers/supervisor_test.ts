import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { ServiceOptions } from "../../main.ts";
import { READING_MS } from "../../handlers/server/memory_policy.ts";
import { Supervisor } from "../../handlers/workers/supervisor.ts";
import { Client } from "../support/client.ts";
import { exchange, handshakeRequest } from "../support/raw_client.ts";
import { ServiceProcess } from "../support/process.ts";
import { ResetSocket } from "../support/reset_socket.ts";
import { MemoryLog } from "../support/service.ts";
import { until } from "../support/wait.ts";

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
      logOptions: { format: "text", verbose: false },
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
  connect(count: number, query = ""): Promise<Client[]> {
    return Promise.all(
      Array.from({ length: count }, () => Client.open(this.url + query)),
    );
  }

  /** How many lines of an event there are. */
  count(event: string): number {
    return this.lines.filter((line) => line.includes(`Z ${event} `)).length;
  }

  async shutdown() {
    await this.#supervisor.shutdown(5);
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

/** Whether a new client gets a reply before its connection ends. */
function isServed(url: string): Promise<boolean> {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send("served?");
  return new Promise((resolve) => {
    socket.onmessage = () => {
      socket.close();
      resolve(true);
    };
    socket.onclose = () => resolve(false);
  });
}

Deno.test("Supervisor numbers and limits the connections of all workers together", async () => {
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
  Deno.test(`Supervisor replaces a worker alone that has an uncaught error: ${kind}`, async () => {
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

Deno.test("Supervisor terminates a worker whose event loop stands still", async () => {
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

Deno.test("Supervisor serves with a memory limit that its idle workers exceed", async () => {
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

Deno.test("Supervisor closes what holds back most of all workers' connections", async () => {
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

Deno.test({
  name:
    "Supervisor recycles what few resets take where there are few descriptors",
  ignore: Deno.build.os !== "linux",
  async fn() {
    // The idle service takes some 55 of them.
    await using service = await ServiceProcess.start({
      maxFiles: 66,
      args: ["--workers", "2", "--grace", "1"],
    });
    const { port } = service;
    const reset = async () => {
      const socket = await ResetSocket.open(port);
      await socket.write(handshakeRequest());
      await socket.reset();
    };
    await until(async () => {
      // Refused while none is free.
      await reset().catch(() => {});
      return service.lines.some((line) => line.includes(" recycled "));
    }, "a worker is recycled");
    await until(() => isServed(`ws://127.0.0.1:${port}/`), "it serves");
  },
});

Deno.test("Supervisor.start() says why a worker cannot start", async () => {
  const options = {
    workers: 1,
    service: { port: 0 },
    logOptions: { format: "off", verbose: false } as const,
    log: new MemoryLog(),
    writeLines() {},
    writeError() {},
  };
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

Deno.test("Supervisor.shutdown() closes with 1001, and leaves nothing", async () => {
  const workers = await TestWorkers.start(2);
  const clients = await workers.connect(8);
  await workers[Symbol.asyncDispose]();
  for (const { closed } of clients) assertEquals((await closed).code, 1001);
  assertEquals(workers.count("close"), 8);
  const answer = exchange(workers.port, handshakeRequest());
  assertEquals(await answer.then(() => "answers", () => "gone"), "gone");
});
