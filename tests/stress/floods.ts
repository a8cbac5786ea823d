import { Buffer } from "node:buffer";
import { setTimeout as pause } from "node:timers/promises";
import { assertEquals } from "@std/assert";
import { encodeFrame, OPCODE } from "../support/frames.ts";
import { growth, workerTimes } from "../support/proc.ts";
import { until } from "../support/wait.ts";
import {
  type Bystander,
  connectBystanders,
  INTERVAL_MS,
  watchNewcomers,
} from "./bystander.ts";
import { Flood } from "./flood.ts";
import { atMost, checkPeak, type Part, scale } from "./part.ts";

/** Connections that end within this time end together, in milliseconds. */
const TOGETHER_MS = 100;
/** A worker that works for this share of the time is busy. */
const BUSY_SHARE = 0.1;
const BUSY_MS = 500;

const message = encodeFrame(OPCODE.binary, new Uint8Array(1));
const fragment = (opcode: number, size: number) =>
  encodeFrame(opcode, new Uint8Array(size), { fin: false });
const repeat = (frame: Uint8Array, times: number) =>
  new Uint8Array(Buffer.alloc(frame.length * times, frame));

/** A message that never ends, again and again. */
export const fragments: Part = {
  name: "fragments",
  summary: "10 s of endless fragments by one client, again when it is cut",
  service: { args: ["--max-memory", "400MiB", "--workers", "2"] },
  expects: ["memory", "recycled"],
  async run(stage, size) {
    const { port } = stage.service;
    const bystanders = await connectBystanders(stage.service);
    const endNewcomers = watchNewcomers(port);
    using flood = await Flood.start({
      ...{ port, path: "/", clients: 1, comesAgain: true },
      first: fragment(OPCODE.binary, 0),
      batch: repeat(fragment(OPCODE.continuation, 65_536), 16),
    });
    const spared = await checkFirstLosses(bystanders);
    await pause(scale(10_000, size));
    await flood.end();
    const longest = await endNewcomers();
    await Promise.all(bystanders.map((bystander) => bystander.end()));
    return [
      checkPeak(stage, 520),
      atMost(2_000, longest, "longest wait of a newcomer, ms"),
      spared,
    ];
  },
};

/** Small messages whose replies the service has to keep. */
export const delays: Part = {
  name: "delays",
  summary: "30 s of 8 clients with 262,143 delayed replies each",
  service: { args: ["--max-memory", "300MiB"] },
  expects: ["memory"],
  async run(stage, size) {
    const { port } = stage.service;
    using flood = await Flood.start({
      ...{ port, path: "/?delay=60000", clients: 8, comesAgain: true },
      ...{ batch: repeat(message, 262_143), batches: 1 },
    });
    await pause(scale(30_000, size, 1_000));
    const ends = await flood.end();
    return [
      checkPeak(stage, 420),
      `connections by close code: ${JSON.stringify(ends)}`,
    ];
  },
};

/** Clients that send without waiting keep their workers busy. */
export const pipelining: Part = {
  name: "pipelining",
  summary: "10 s of 4 clients that send as fast as they can, on 4 workers",
  service: { args: ["--workers", "4"] },
  expects: ["recycled"],
  async run(stage, size) {
    const { port, pid } = stage.service;
    const bystanders = await connectBystanders(stage.service);
    // By chance, the attackers' workers may be those of all bystanders.
    for (;;) {
      using flood = await Flood.start({
        ...{ port, path: "/", clients: 4, batch: repeat(message, 10_000) },
      });
      const busy = await busyWorkers(pid);
      const others = bystanders.filter(({ worker }) => !busy.has(worker))
        .map(({ waits, losses }) => ({ waits, losses, from: waits.length }));
      if (others.length > 0) await pause(scale(10_000, size, 500));
      await flood.end();
      if (others.length === 0) continue;
      await Promise.all(bystanders.map((bystander) => bystander.end()));
      assertEquals(others.flatMap(({ losses }) => losses), []);
      // A late reply stands for each message that was not sent meanwhile.
      const waits = others.flatMap(({ waits, from }) => waits.slice(from))
        .flatMap((wait) =>
          Array.from(
            { length: Math.ceil(wait / INTERVAL_MS) },
            (_, i) => wait - i * INTERVAL_MS,
          )
        ).sort((a, b) => a - b);
      const p99 = waits[Math.floor(waits.length * 0.99)]!;
      return [
        atMost(100, p99, "p99 of clients in other workers, ms"),
        `${others.length} of ${bystanders.length} clients in other workers`,
      ];
    }
  },
};

/** Waits until bystanders lose their connections; all have to be of one worker. */
async function checkFirstLosses(bystanders: Bystander[]): Promise<string> {
  const lost = () => bystanders.filter(({ losses }) => losses.length > 0);
  await until(() => lost().length > 0, "a worker is recycled");
  await pause(TOGETHER_MS);
  const workers = lost().map(({ losses }) => losses[0]!.worker);
  assertEquals(new Set(workers).size, 1, "Clients of several workers were cut");
  return `${workers.length} of ${bystanders.length} clients were cut together, all in one worker`;
}

/** The workers that hardly rest. */
async function busyWorkers(pid: number): Promise<Set<number>> {
  const before = workerTimes(pid);
  await pause(BUSY_MS);
  const least = BUSY_SHARE * BUSY_MS * 1e6;
  return new Set(
    [...growth(before, workerTimes(pid))]
      .filter(([, work]) => work > least)
      .map(([worker]) => worker),
  );
}
