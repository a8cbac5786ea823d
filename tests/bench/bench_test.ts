import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type LoadFigures, runJob } from "./measure.ts";
import { parseOptions } from "./options.ts";
import type { Pinning } from "./pinning.ts";
import { formatReport, toJson } from "./report.ts";
import { run } from "./run.ts";
import { listenersOn, Server } from "./server.ts";
import { BARE, type Target } from "./targets.ts";

const UNPINNED: Pinning = { servers: [], generator: undefined };

/** How a server answers the n-th message that it receives. */
type Answer = (socket: WebSocket, message: string, n: number) => void;

/** A server in this process, which counts. */
function serve(answer: Answer) {
  let count = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => answer(socket, data, ++count);
      return response;
    },
  );
  return {
    port: server.addr.port,
    get count() {
      return count;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function runLoad(port: number, portable: boolean, seconds = 0.2) {
  const pids = [Deno.pid];
  return runJob<LoadFigures>(
    { load: "64b", port, path: "/", pids, seconds, warmUp: 0, portable },
    UNPINNED,
  );
}

for (const portable of [false, true]) {
  const sockets = portable ? "portable" : "fast";

  Deno.test(`runJob() counts right with ${sockets} sockets`, async () => {
    await using server = serve((socket, message) => socket.send(message));
    const figures = await runLoad(server.port, portable);
    assertEquals(figures.allMessages, server.count);
    assert(figures.messages > 0 && figures.messages <= figures.allMessages);
    assert(figures.checkedBytes > 0);
    assert(figures.p50 > 0 && figures.p50 <= figures.p99);
  });

  const wrong: Record<string, [Answer, RegExp]> = {
    "other letters": [
      (socket, message) => socket.send(message.toUpperCase()),
      /byte \d+ of a reply is/,
    ],
    "other letters after a while": [
      (socket, message, n) =>
        socket.send(n > 1_000 ? message.toUpperCase() : message),
      /byte \d+ of a reply is/,
    ],
    "fewer letters": [
      (socket, message) => socket.send(message.slice(1)),
      /byte 1 of a reply is 0x3f, not 0x40/,
    ],
    "bytes for text": [
      (socket, message) => socket.send(new TextEncoder().encode(message)),
      /byte 0 of a reply is 0x82, not 0x81/,
    ],
    "two replies": [
      (socket, message) => {
        socket.send(message);
        socket.send(message);
      },
      /\d+ came for \d+ messages/,
    ],
    "the end of the connection": [
      (socket, message, n) => n > 100 ? socket.close() : socket.send(message),
      /byte 0 of a reply is 0x88|ended a connection/,
    ],
  };
  for (const [what, [answer, expected]] of Object.entries(wrong)) {
    Deno.test(`runJob() detects ${what} with ${sockets} sockets`, async () => {
      await using server = serve(answer);
      const error = await assertRejects(
        // Long enough for any machine: what is wrong ends it early.
        () => runLoad(server.port, portable, 10),
        Error,
      );
      assert(expected.test(error.message), error.message);
    });
  }
}

/** A target whose server is a line of code for Deno. */
function evalTarget(name: string, code: string): Target {
  return {
    ...BARE,
    name,
    command: (port) => [
      Deno.execPath(),
      "eval",
      "--unstable-net",
      code.replaceAll("{port}", `${port}`),
    ],
  };
}

Deno.test("run() measures bare and lets a wrong target drop out", async () => {
  const options = parseOptions(["--rounds", "2", "--seconds", "0.2"]);
  const loads = ["64b", "16k"];
  const wrong = evalTarget(
    "wrong",
    "Deno.serve({ hostname: '127.0.0.1', port: {port} }, (request) => {" +
      "const { socket, response } = Deno.upgradeWebSocket(request);" +
      "socket.onmessage = () => socket.send('no echo');" +
      "return response; })",
  );
  const ended = evalTarget(
    "ended",
    "console.error('no\\nreason');Deno.exit(3)",
  );
  const targets = [BARE, wrong, ended];
  const outcome = await run({
    rounds: 2,
    seconds: 0.2,
    warmUp: 0,
    loads,
    targets,
    pinning: UNPINNED,
  });
  assertEquals(
    outcome.results.turns.map(({ round, load, target }) => [
      round,
      load,
      target,
    ]),
    [[1, "64b", "bare"], [1, "16k", "bare"], [2, "64b", "bare"], [
      2,
      "16k",
      "bare",
    ]],
  );
  assertEquals([...outcome.failures.keys()].sort(), ["ended", "wrong"]);
  assertEquals(
    outcome.failures.get("ended"),
    "Cannot start ended: it ended with code 3: no (load 64b)",
  );

  const report = {
    machine: {
      date: "2026-01-01T00:00Z",
      processor: "Processor",
      cores: 2,
      memoryBytes: 2 ** 33,
      system: "System",
      deno: "2.9.6",
      v8: "15",
      node: undefined,
      ws: undefined,
    },
    options: { ...options, loads },
    pinning: UNPINNED,
    list: { targets, skipped: [{ name: "absent", reason: "not present" }] },
    run: outcome,
  };
  const text = formatReport(report);
  assertStringIncludes(text, "| wrong  | failed: Cannot count replies: ");
  assertStringIncludes(text, "| absent | skipped: not present |");
  assertEquals(JSON.parse(toJson(report)).turns.length, 4);
});

Deno.test("Server.start() leaves no process behind", async () => {
  let pids: number[];
  {
    await using server = await Server.start(BARE, UNPINNED);
    pids = server.pids;
    assertEquals(pids.length, 1);
  }
  for (const pid of pids) {
    assertThrows(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
  }
});

Deno.test({
  name: "Server.start() waits for all processes of a shared port",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const pair = evalTarget(
      "pair",
      "Deno.serve({ hostname: '127.0.0.1', port: {port}, reusePort: true }," +
        "(request) => Deno.upgradeWebSocket(request).response)",
    );
    await using server = await Server.start(
      { ...pair, processes: 2 },
      UNPINNED,
    );
    assertEquals(server.pids.length, 2);
    assertEquals(listenersOn(server.port), 2);
  },
});
