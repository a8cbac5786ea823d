import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { existsSync } from "node:fs";
import { inheritedFlags } from "../../.ci/offline/flags.ts";
import { listenersOn } from "../support/proc.ts";
import { run } from "../support/process.ts";
import { median, summarize, type Turn } from "./figures.ts";
import { parseOptions } from "./options.ts";
import {
  describePage,
  EXECUTABLE,
  formatPage,
  measurePage,
  toMilliseconds,
} from "./page.ts";
import { formatTable } from "./report.ts";
import { planPinning, runJob, startServer } from "./run.ts";
import {
  autoTargets,
  customTarget,
  type Load,
  LOADS,
  PAIR,
  TARGETS,
} from "./targets.ts";

/** What runs a load needs Linux. */
const test = Deno.build.os === "linux" ? Deno.test : Deno.test.ignore;
const UNPINNED = { servers: [], generator: [] };

/** Runs the benchmark small: one round of a moment; reads its JSON as well. */
async function bench(...args: string[]) {
  const json = await Deno.makeTempFile();
  const flags = ["--quiet", ...inheritedFlags(), "--allow-all"];
  const small = ["--rounds=1", "--seconds=0.5", "--warm-up=0", "--json", json];
  const { code, stdout } = await run({
    command: [Deno.execPath(), "run", ...flags, "tests/bench/main.ts"],
    args: [...small, ...args],
  });
  const report = JSON.parse(await Deno.readTextFile(json));
  await Deno.remove(json);
  return { code, stdout, report, turns: report.turns as Turn[] };
}

test("the benchmark measures bare and the service", async () => {
  const { code, stdout, report, turns } = await bench(
    ...["--load=64b", "--load=16k"],
    ...["--only=wsecho", `--only=${PAIR}`],
  );
  assertEquals(code, 0, stdout);
  assertEquals(turns.map(({ load, target }) => `${load} ${target}`), [
    ...["64b bare", "64b wsecho", `64b ${PAIR}`],
    ...["16k wsecho", `16k ${PAIR}`, "16k bare"],
  ]);
  const cores = report.pinning.servers.length || navigator.hardwareConcurrency;
  for (const { target, figures: f } of turns) {
    assert(Object.values(f).every((value) => value > 0), JSON.stringify(f));
    assert(f.p50! <= f.p99! && f.messages! <= f.allMessages!);
    const used = Math.min(target === PAIR ? 2 : 1, cores);
    assertEquals(f.messagesPerCore, f.messagesPerSecond! / used);
    // No Deno process is smaller, and none of these is ever larger.
    assert(f.peakBytes! > 2 ** 24 && f.peakBytes! < 2 ** 30);
  }
  const [bare, one, two] = turns.map(({ figures }) => figures.cpuMicroseconds!);
  const ratio = one! / bare!;
  assertEquals(report.medians["64b"].wsecho.cpuMicroseconds.ratio, ratio);
  type Goal = Record<string, unknown>;
  const goals = report.goals.map(({ ratio, met }: Goal) => [ratio, met]);
  assertEquals(goals.length, 4);
  assertEquals(goals[0], [ratio, ratio <= 1.05]);
  assertEquals(goals[3], [two! / one!, two! / one! <= 1.03]);
  const rate = "[\\d,]+ \\(.*x\\) \\| +";
  const row = new RegExp(`\n\\| wsecho, 2 workers +\\| +${rate}${rate}`);
  assert(row.test(stdout), stdout);
});

test("the benchmark lets a wrong server drop out", async () => {
  const server = `Deno.serve({ port: {port} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data + 1);
    return response; })`;
  const { code, stdout, report, turns } = await bench(
    ...["--load=64b", "--only=wrong", "--only=ended"],
    ...["--target", `wrong=${Deno.execPath()} eval '${server}'`],
    ...["--target", "ended=sh -c 'echo no reason >&2; exit 3' {port}"],
  );
  assertEquals(code, 1, stdout);
  assertEquals(turns.map(({ target }) => target), ["bare"]);
  const { wrong, ended } = report.failed;
  assert(wrong.startsWith("Cannot count replies: "), wrong);
  assert(stdout.includes(`wrong: failed: ${wrong}`), stdout);
  const reason = "it ended with code 3: no reason (load 64b)";
  assertEquals(ended, `Cannot start ended: ${reason}`);
});

/** How a server answers the n-th message that it receives. */
type Answer = (socket: WebSocket, message: string, n: number) => void;

/** Runs a job against a server in this process, which counts. */
async function measure(load: Load, seconds: number, answer: Answer) {
  let [connections, messages] = [0, 0];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => connections++;
      socket.onmessage = ({ data }) => answer(socket, data, ++messages);
      return response;
    },
  );
  const { port } = server.addr;
  // Not this process: its children are other tests', which come and go.
  const job = { load, port, path: "/", pids: [], cores: 2, seconds, warmUp: 0 };
  return { figures: await runJob(job, UNPINNED), messages, connections };
}

const [SMALL, WINDOW, , LARGE] = LOADS as [Load, Load, Load, Load];
const echo: Answer = (socket, message) => socket.send(message);

for (const load of [SMALL, WINDOW, LARGE]) {
  test(`runJob() counts all messages of ${load.title}`, async () => {
    const { figures, messages } = await measure(load, 0.5, echo);
    assertEquals(figures.allMessages, messages);
    assertEquals(figures.messagesPerCore, figures.messagesPerSecond! / 2);
  });
}

test("runJob() opens idle connections", async () => {
  const load = { id: "idle", title: "", counts: [20, 60] };
  const { figures, connections } = await measure(load, 0, echo);
  assertEquals([connections, Object.keys(figures)], [60, ["20", "60"]]);
});

const wrong: Record<string, [Load, Answer, RegExp]> = {
  "other letters after a while": [
    SMALL,
    (socket, message, n) =>
      socket.send(n > 1_000 ? message.toUpperCase() : message),
    /byte \d+ of a reply/,
  ],
  "bytes for text": [
    SMALL,
    (socket, message) => socket.send(new TextEncoder().encode(message)),
    /byte 0 of a reply is 130, not 129/,
  ],
  "two replies": [
    SMALL,
    (socket, message) => [socket.send(message), socket.send(message)],
    /more came than/,
  ],
  "the end of the connection": [
    SMALL,
    (socket, message, n) => n > 100 ? socket.close() : socket.send(message),
    /more came than|byte 0 of a reply is 136|ended a connection/,
  ],
  "one wrong byte in a large reply": [
    LARGE,
    (socket, data: unknown) => {
      new Uint8Array(data as ArrayBuffer)[999_999]! ^= 1;
      socket.send(data as ArrayBuffer);
    },
    // The frame's header has 10 bytes.
    /byte 1000009 of a reply/,
  ],
};
for (const [what, [load, answer, expected]] of Object.entries(wrong)) {
  test(`runJob() detects ${what}`, async () => {
    // Long enough for any machine: what is wrong ends it early.
    const { message } = await assertRejects(
      () => measure(load, 30, answer),
      Error,
    );
    assert(expected.test(message), message);
  });
}

test("startServer() waits for all listeners and leaves no process", async () => {
  const code = `const options = { port: {port}, hostname: "127.0.0.1" };
    const listen = () => Deno.serve({ ...options, reusePort: true }, (request) =>
      Deno.upgradeWebSocket(request).response);
    listen();
    setTimeout(listen, 1_000);`;
  const command = [Deno.execPath(), "eval", "--unstable-net", code];
  const target = { name: "late", command, listeners: 2 };
  const server = await startServer(target, UNPINNED, "");
  assertEquals(listenersOn(server.port), 2);
  assertEquals(server.cores, Math.min(2, navigator.hardwareConcurrency));
  await server[Symbol.asyncDispose]();
  assertThrows(() => Deno.kill(server.pid, "SIGCONT"), Deno.errors.NotFound);
});

const browserTest = existsSync(EXECUTABLE) ? test : Deno.test.ignore;
browserTest("measurePage() measures the page and a bare socket", async () => {
  const small = { rounds: 1, copies: 50, heapCopies: 100, trips: 3 };
  const [bare, page] = await measurePage({ ...small, seconds: 0.2 });
  const measured = (turn: Turn | undefined) =>
    Object.entries(turn!.figures).flatMap(([name, value]) =>
      Number.isFinite(value) ? name : []
    ).join(" ");
  assertEquals(measured(bare), "burst trip");
  assertEquals(measured(page), "burst longestTask frame heap trip");
});

Deno.test("describePage() compares the page within each round", async () => {
  const rest = { longestTask: 201, frame: 20, heap: 10 };
  // The machine was ten times slower in the second round.
  const turns = [1, 10, 1].flatMap((slow, round) =>
    [
      { target: "bare", figures: { burst: 100 * slow, trip: slow } },
      { target: "page", figures: { burst: 190 * slow, trip: 1.5, ...rest } },
    ].map((turn): Turn => ({ ...turn, round, load: "page" }))
  );
  const load = { rounds: 3, seconds: 3, copies: 1, heapCopies: 1, trips: 1 };
  const text = formatPage(await describePage(load, turns));
  const rows = text.split("\n").slice(-5).map((row) =>
    row.split("|").slice(2, -1).map((cell) => cell.trim()).join(", ")
  );
  assertEquals(rows, [
    "190, 100, ratio 1.90, 1.50, missed",
    "201, , , 200, missed",
    "20.0, , , 20.0, met",
    "10.0, , , 60.0, met",
    "1.50, 1.00, difference 0.500, 1.00, met",
  ]);
});

Deno.test("toMilliseconds() reads what the page shows", () => {
  const shown = ["500 µs", "18.8 ms", "1.20 s"].map(toMilliseconds);
  assertEquals(shown, [0.5, 18.8, 1_200]);
  assertThrows(() => toMilliseconds("–"), Error, "Cannot read");
});

Deno.test("autoTargets() uses up to four of more than two cores", () => {
  const listeners = [1, 2, 3, 4, 9].map((cores) =>
    autoTargets(cores).map(({ listeners }) => listeners)
  );
  assertEquals(listeners, [[], [], [3], [4], [4]]);
});

Deno.test("median() is the middle value or the mean of two", () => {
  const lists = [[], [3], [9, 1], [10, 9, 1]];
  assertEquals(lists.map(median), [undefined, 3, 5, 9]);
});

Deno.test("summarize() takes ratios within each round", () => {
  // The machine was ten times slower in the second round.
  const turns = [[10, 20], [100, 200], [10, 30]].flatMap((values, round) =>
    values.map((x, i): Turn => (
      { round, load: "64b", target: ["bare", "mine"][i]!, figures: { x } }
    ))
  );
  assertEquals(summarize(turns, "64b", "mine", "x"), { value: 30, ratio: 2 });
  assertEquals(summarize(turns, "64b", "mine", "y"), undefined);
  assertEquals(summarize(turns, "64b", "bare", "x", "none")?.ratio, null);
});

Deno.test("parseOptions() reads targets and their paths", () => {
  const { targets, loads, rounds, seconds } = parseOptions([
    ...["--target", "mine=./server --port {port} --x=1", "--only=mine"],
    ...["--path", "mine=/echo", "--seconds=0.5", "--load=idle"],
  ]);
  const mine = customTarget("mine", "./server --port {port} --x=1");
  assertEquals(targets, [TARGETS[0]!, { ...mine, path: "/echo" }]);
  assertEquals([loads, rounds, seconds], [[LOADS.at(-1)!], 5, 0.5]);
});

Deno.test("parseOptions() refuses mistakes, naming them", () => {
  const target = ["--target", "a=b {port}"];
  const table: [args: string[], message: string][] = [
    [["--fast"], "Unknown option '--fast'"],
    [["fast"], "Unexpected argument 'fast'"],
    [["--rounds=many"], '--rounds "many" is not a number from 1 '],
    [["--rounds=1.5"], '--rounds "1.5" is not a whole number'],
    [["--seconds=0"], '--seconds "0" is not a number from 0.1 '],
    [["--load=2m"], '--load "2m" is not one of "64b", '],
    [["--only=other"], '--only "other" is not one of "bare", '],
    [["--page", "--load=64b"], "--page does not go with --load"],
    [["--target=mine"], '--target "mine" is not NAME=COMMAND '],
    [["--target=a=b"], '--target "a=b" is not NAME=COMMAND '],
    [["--target=bare={port}"], '--target "bare" is not a name '],
    [["--path=mine=/"], '--path "mine=/" is not /PATH '],
    [[...target, "--path=a=b"], '--path "a=b" is not /PATH '],
  ];
  for (const [args, expected] of table) {
    const { message } = assertThrows(() => parseOptions(args), TypeError);
    assert(message.startsWith(expected), message);
  }
});

Deno.test("planPinning() keeps the generator's core to itself", () => {
  assertEquals(planPinning([3]), UNPINNED);
  assertEquals(planPinning([0, 1]), { servers: [0], generator: [1] });
  assertEquals(planPinning([0, 1, 8]), { servers: [0, 8], generator: [1] });
});

Deno.test("formatTable() lines up cells", () => {
  assertEquals(
    formatTable([["name", "x"], ["a", "1,000"]]),
    "| name |     x |\n| ---- | ----: |\n| a    | 1,000 |",
  );
});
