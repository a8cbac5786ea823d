import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Listener } from "../handlers/listener.ts";
import { Client } from "./support/client.ts";
import { ServiceProcess } from "./support/process.ts";
import { until } from "./support/wait.ts";
import { exchange, RawClient, RawConnection } from "./support/raw_client.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };
const EVENTS = {
  onLost() {},
  onError: () => new Response("failed", { status: 500 }),
};
const REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

Deno.test("Listener serves, and answers for a handler that fails", async () => {
  let fails = false;
  const listener = new Listener(
    () => {
      if (fails) throw new Error("unforeseen");
      return new Response("fine");
    },
    LOCAL,
    EVENTS,
  );
  assertEquals((await exchange(listener.addr.port, REQUEST)).body, "fine");
  fails = true;
  assertEquals((await exchange(listener.addr.port, REQUEST)).status, 500);
  await listener.close();
});

Deno.test("Listener says in a sentence why it cannot listen", async () => {
  const handler = () => new Response();
  const listener = new Listener(handler, LOCAL, EVENTS);
  const taken = { ...LOCAL, port: listener.addr.port };
  const error = assertThrows(
    () => new Listener(handler, taken, EVENTS),
    Error,
  );
  assertEquals(
    error.message,
    `Cannot listen on 127.0.0.1 port ${taken.port}: the address is already in use`,
  );
  await listener.close();
  // An address of RFC 5737, which no machine has.
  const foreign = { hostname: "192.0.2.1", port: 0 };
  assertStringIncludes(
    assertThrows(() => new Listener(handler, foreign, EVENTS), Error).message,
    "not one of this machine",
  );
});

Deno.test("Listener.restart() ends every connection and listens again", async () => {
  const listener = new Listener(
    (request) => {
      if (!request.headers.has("upgrade")) return new Response("fine");
      return Deno.upgradeWebSocket(request).response;
    },
    LOCAL,
    EVENTS,
  );
  const { port } = listener.addr;
  using client = await RawClient.connect(port);
  await listener.restart();
  assertEquals((await client.closed()).code, 1001);
  assertEquals((await exchange(port, REQUEST)).body, "fine");
  await listener.close();
});

Deno.test("Listener survives too many open files, and so do connections", async () => {
  await using service = await ServiceProcess.start({ maxFiles: 60 });
  await using client = await Client.open(`ws://127.0.0.1:${service.port}`);
  const crowd: RawConnection[] = [];
  try {
    try {
      for (;;) crowd.push(await RawConnection.open(service.port));
    } catch (error) {
      // The listener has gone.
      if (
        !(error instanceof Deno.errors.ConnectionRefused ||
          error instanceof Deno.errors.ConnectionReset)
      ) throw error;
    }
    await service.line(/ lost error=/);
    assertEquals(await client.ask("unharmed"), "unharmed");
  } finally {
    for (const connection of crowd) connection.close();
  }
  await until(
    () =>
      exchange(service.port, REQUEST).then(
        ({ status }) => status === 200,
        // Refused until it listens again, or dropped while files are scarce.
        () => false,
      ),
    "it listens again",
  );
  assertEquals(await client.ask("still unharmed"), "still unharmed");
});
