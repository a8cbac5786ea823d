import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ENDPOINT_NAMES, ENDPOINTS } from "../../handlers/endpoints.ts";
import type { Refusal } from "../../main.ts";
import { Client } from "../support/client.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  RawConnection,
} from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";
import { until } from "../support/wait.ts";

/** What an endpoint answers to "ß". */
async function ask(port: number, path: string) {
  await using client = await Client.open(`ws://127.0.0.1:${port}${path}`);
  return await client.ask("ß");
}

Deno.test("createRouter() finds endpoints by path, but for one trailing slash", async () => {
  await using service = startTestService();
  for (const path of ENDPOINT_NAMES.flatMap((name) => ENDPOINTS[name].paths)) {
    if (path === "/watch") continue;
    for (const end of ["", "/", "?", "?x=1&x=2", "/?x"]) {
      // "//" is another path.
      if (path === "/" && end.startsWith("/")) continue;
      using _client = await RawClient.connect(service.port, `${path}${end}`);
    }
  }
  using _watcher = await RawClient.connect(
    service.port,
    "/watch/?key=12345678",
  );
  assertEquals(await ask(service.port, "/echo"), "ß");
  assertEquals(await ask(service.port, "/uppercase/"), "SS");
});

Deno.test("createRouter() serves endpoints at other paths", async () => {
  await using service = startTestService({
    paths: { echo: ["/%E6%97%A5"], uppercase: ["/", "/loud"] },
  });
  assertEquals(await ask(service.port, "/日"), "ß");
  assertEquals(await ask(service.port, "/"), "SS");
  assertEquals(await ask(service.port, "/loud/"), "SS");
  const request = handshakeRequest({ path: "/echo" });
  const { status, body } = await exchange(service.port, request);
  assertEquals(status, 404);
  assertMatch(body, / are \S+ \(echo\) and (.* and )?\/, \/loud \(upper/);
});

Deno.test("createRouter() upgrades by the token alone, and logs where it is missing", async () => {
  await using service = startTestService();
  await exchange(service.port, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  assertEquals(service.log.entries, [], "a plain request is not logged");
  for (const upgrade of ["WebSocket", "h2c, WEBSOCKET", "h2c,\twebsocket,x"]) {
    using _client = await RawClient.connect(service.port, {
      replace: { upgrade },
    });
  }
  const stripped = [
    null,
    "",
    "h2c",
    "websocket2",
    "x websocket",
    "websocket/13",
  ];
  for (const upgrade of stripped) {
    const { status, headers } = await exchange(
      service.port,
      handshakeRequest({ replace: { upgrade } }),
    );
    assertEquals(status, 200);
    assertMatch(headers.get("content-type") ?? "", /^text\/html/);
  }
  const refusals = service.log.of("refused");
  assertEquals(refusals.map(({ status }) => status), stripped.map(() => 200));
  assertStringIncludes(`${refusals[0]!.message}`, "header Upgrade is missing");
});

Deno.test("createRouter() closes with 1013 what opens beyond --max-connections", async () => {
  await using service = startTestService({ limits: { maxConnections: 1 } });
  // Handshakes that are under way together all find room.
  const clients = await Promise.all(
    Array.from(
      { length: 8 },
      () => Client.open(service.url("echo")).catch(() => undefined),
    ),
  );
  const opened = clients.filter((client) => client !== undefined);
  const isOpen = ({ socket }: Client) => socket.readyState === socket.OPEN;
  await until(() => opened.filter(isOpen).length === 1, "one is open");
  const survivor = opened.find(isOpen)!;
  for (const { closed } of opened.filter((client) => client !== survivor)) {
    assertEquals((await closed).code, 1013);
  }
  assertEquals(await survivor.ask("still here"), "still here");
  survivor.socket.close();
  await service.log.waitFor("close", opened.length);
});

Deno.test("createRouter() numbers connections and refusals, and logs a refused client", async () => {
  await using service = startTestService({ origins: ["http://a.example"] });
  await ask(service.port, "/");
  using connection = await RawConnection.open(service.port);
  await connection.request(handshakeRequest({
    path: "/echo?x=1",
    headers: [
      ["Origin", "http://b.example"],
      ["Sec-WebSocket-Protocol", "chat"],
    ],
  }));
  await ask(service.port, "/uppercase");
  await service.log.waitFor("close", 2);
  const { port } = connection.conn.localAddr as Deno.NetAddr;
  assertEquals(service.log.of("refused"), [{
    event: "refused",
    id: 2,
    path: "/echo",
    remote: `127.0.0.1:${port}`,
    origin: "http://b.example",
    subprotocol: "chat",
    status: 403,
    message:
      'Cannot upgrade: the header Origin is "http://b.example", which --allow-origin does not allow',
  }]);
  const ids = ["open", "close"].map((event) =>
    service.log.of(event).map(({ id }) => id).sort()
  );
  assertEquals(ids, [[1, 3], [1, 3]]);
});

Deno.test("createRouter() answers a refused handshake with the Response of refuse()", async () => {
  const refusals: Refusal[] = [];
  await using service = startTestService({
    refuse(refusal) {
      refusals.push(refusal);
      return new Response("<p>no", { status: 418, headers: { "X-A": "b" } });
    },
  });
  const { status, headers, body } = await exchange(
    service.port,
    handshakeRequest({ replace: { "sec-websocket-version": "8" } }),
  );
  assertEquals([status, headers.get("x-a"), body], [418, "b", "<p>no"]);
  assertEquals([refusals.length, refusals[0]?.status], [1, 426]);
  assertEquals(refusals[0]?.headers["Sec-WebSocket-Version"], "13");
  const [logged] = service.log.of("refused");
  assertEquals([logged?.status, logged?.message], [426, refusals[0]?.message]);
  assertEquals(await ask(service.port, "/"), "ß");
  assertEquals(service.errors, []);
});

/** What refuse() may do wrong. */
const WRONG_REFUSE: Record<string, () => unknown> = {
  "throws": () => {
    throw new Error("unexpected");
  },
  "returns nothing": () => undefined,
  "returns a promise": () => Promise.resolve(new Response()),
};

for (const [name, refuse] of Object.entries(WRONG_REFUSE)) {
  Deno.test(`createRouter() refuses by itself where refuse() ${name}`, async () => {
    await using service = startTestService({
      refuse: refuse as () => Response,
    });
    const { status, headers, body } = await exchange(
      service.port,
      handshakeRequest({ method: "POST" }),
    );
    assertEquals([status, headers.get("allow")], [405, "GET"]);
    assertMatch(body, /^Cannot upgrade: [^\n]*[^.\n]\n$/);
    assertEquals(service.errors.length, 1);
  });
}
