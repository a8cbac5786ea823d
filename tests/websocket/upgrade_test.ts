import { assertEquals } from "@std/assert";
import { type Handler, PayloadError } from "../../handlers/handler.ts";
import { SETTINGS } from "../../handlers/server/service_options.ts";
import { Tally } from "../../handlers/server/tally.ts";
import type { Connection } from "../../handlers/websocket/connection.ts";
import { Replies } from "../../handlers/websocket/replies.ts";
import { openConnection } from "../../handlers/websocket/upgrade.ts";
import { Client } from "../support/client.ts";
import { testOnLinux as test } from "../support/platform.ts";
import { parametersOf } from "../support/parameters.ts";
import { ServiceProcess } from "../support/process.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  RawConnection,
} from "../support/raw_client.ts";
import { resetHandshake } from "../support/reset_socket.ts";
import { MemoryLog, startTestService } from "../support/service.ts";
import { until, within } from "../support/wait.ts";

/** Serves one handler by openConnection() alone, on a free port. */
function serve(handler: Handler, headers: [name: string, value: string][]) {
  const registry = Object.assign(new Set<Connection>(), {
    expect() {},
    abandon() {},
    changeHeld() {},
  });
  const log = new MemoryLog();
  const errors: string[] = [];
  const context = {
    limits: SETTINGS.limits.default,
    registry,
    counters: new Tally().counters,
    log,
    headers,
    reportError: (error: unknown) => errors.push(`${error}`),
  };
  const none = { origin: undefined, subprotocol: undefined };
  const identity = { id: 1, path: "/", remote: "", ...none };
  const replies = {
    handler,
    parameters: parametersOf(""),
    greeting: undefined,
  };
  const options = {
    identity,
    idleTimeout: 30,
    behave: (connection: Connection) => new Replies(connection, replies),
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => openConnection(request, options, context),
  );
  const { port } = server.addr;
  return {
    port,
    url: `ws://127.0.0.1:${port}/`,
    registry,
    log,
    errors,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("openConnection() closes 1007 for a PayloadError, 1011 for others, and serves on", async () => {
  await using server = serve((message) => {
    if (message === "unreadable") throw new PayloadError("Cannot read it");
    if (message === "boom") throw new Error("unexpected");
    return message;
  }, []);
  await using other = await Client.open(server.url);
  for (
    const [message, code, reason] of [
      ["unreadable", 1007, "Cannot read it"],
      ["boom", 1011, "Internal error"],
    ] as const
  ) {
    const client = await Client.open(server.url);
    client.send(message);
    assertEquals(await client.closed, { code, reason, clean: true });
    assertEquals(await other.ask("still here"), "still here");
  }
  assertEquals(server.errors, ["Error: unexpected"]);
  await server.log.waitFor("close", 2);
  assertEquals(server.registry.size, 1);
});

Deno.test("openConnection() serves a connection whose headers cannot be added", async () => {
  await using server = serve((message) => message, [["bad name", "x"]]);
  for (let i = 1; i <= 2; i++) {
    const client = await Client.open(server.url);
    assertEquals(await client.ask("served"), "served");
    assertEquals([server.errors.length, server.registry.size], [i, 1]);
    await client[Symbol.asyncDispose]();
    assertEquals((await server.log.waitFor("close", i)).received, 1);
    assertEquals(server.registry.size, 0);
  }
});

Deno.test("openConnection() adds the service's headers to every 101", async () => {
  const headers: [string, string][] = [
    ["Set-Cookie", "a=b; Path=/"],
    ["X-One", "1"],
    ["Set-Cookie", "c=d"],
  ];
  await using service = startTestService({ headers });
  using client = await RawClient.connect(service.port);
  const { headers: added } = client.response;
  assertEquals(added.getSetCookie(), ["a=b; Path=/", "c=d"]);
  assertEquals(added.get("x-one"), "1");
  const request = handshakeRequest({ path: "/x" });
  const refused = await exchange(service.port, request);
  assertEquals([refused.status, refused.headers.has("x-one")], [404, false]);
});

/** What clients do that must not cost a descriptor. */
const WASTEFUL: Record<string, (port: number) => Promise<unknown>> = {
  "clients that leave during the handshake": async (port) => {
    using connection = await RawConnection.open(port);
    await connection.write(handshakeRequest());
  },
  "an Upgrade of several lines": (port) =>
    exchange(
      port,
      handshakeRequest({
        replace: { upgrade: "h2c" },
        headers: [["Upgrade", "websocket"]],
      }),
    ),
};

for (const [name, waste] of Object.entries(WASTEFUL)) {
  test(`openConnection() leaks no descriptor for ${name}`, async () => {
    await using service = await ServiceProcess.start();
    const serveOne = async () => {
      using client = await RawClient.connect(service.port);
      await client.send("here");
      assertEquals(await client.next(), "here");
    };
    const wasteAll = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await within(waste(service.port), "an answer");
      }
      await serveOne();
    };
    await wasteAll(20);
    const before = service.descriptors();
    await wasteAll(100);
    await until(
      () => service.descriptors() <= before + 5,
      `descriptors are back to ${before}`,
    );
    assertEquals([await service.stop(), service.errorLines], [0, []]);
  });
}

Deno.test("openConnection() counts no client that is reset during the handshake", async () => {
  // In a process of its own: each of them leaves an operation without an end
  // in the platform.
  await using service = await ServiceProcess.start({
    args: ["--max-connections", "5"],
  });
  for (let i = 0; i < 30; i++) await resetHandshake(service.port);
  // Some have had the time to open: they count until they are closed.
  const count = (event: string) =>
    service.lines.filter((line) => line.includes(` ${event} id=`)).length;
  await until(() => count("open") === count("close"), "all have closed");
  const url = `ws://127.0.0.1:${service.port}/`;
  const clients = await Promise.all(
    [1, 2, 3, 4, 5].map(() => Client.open(url)),
  );
  for (const client of clients) {
    assertEquals(await client.ask("room?"), "room?");
    await client[Symbol.asyncDispose]();
  }
});
