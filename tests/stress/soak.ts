import type { Bytes } from "../support/frames.ts";
import { residentMemory } from "../support/proc.ts";
import { SteadyClient } from "./clients.ts";
import { inParallel } from "./parallel.ts";
import { type Part, scale } from "./part.ts";

/** What a connection does all the time. */
interface Load {
  path: string;
  /** Messages that are sent before their replies are read. */
  burst: number;
  /** The message of a number. */
  message(number: number): string | Bytes;
}

/** How often the service's memory is looked at. */
const SAMPLES = 200;
/** Memory in the second half: its highest may be so much above its lowest. */
const MAX_GROWTH = { factor: 1.1, mib: 32 };

const LARGE = crypto.getRandomValues(new Uint8Array(65_536));
const text = (number: number) => `straße ${number} 😀`;
const bytes = (number: number) => LARGE.subarray(0, number * 7 % 126);
const large = (number: number) => LARGE.subarray(number * 911 % 60_000);

/** The mix: each connection has one of these, in turn. */
const LOADS: Load[] = [
  { path: "/?", burst: 1, message: text },
  { path: "/echo?", burst: 8, message: bytes },
  { path: "/echo?", burst: 2, message: large },
  { path: "/uppercase?", burst: 3, message: text },
  { path: "/?delay=50&", burst: 5, message: text },
  { path: "/?push=50&", burst: 2, message: bytes },
  { path: "/uppercase?delay=20&push=70&", burst: 2, message: text },
];

/** Holds many connections with mixed loads. */
export const soak: Part = {
  name: "soak",
  summary: "2,000 connections with 300 bursts of messages each",
  countsAll: true,
  async run({ service, totals }, size) {
    const connections = scale(2_000, Math.min(size, 1), 16);
    const bursts = scale(300, size, 10);
    const interval = Math.ceil(connections * bursts / SAMPLES);
    const memory: number[] = [];
    let done = 0;
    await inParallel(connections, connections, async (index) => {
      const load = LOADS[index % LOADS.length]!;
      // The service closes after the last message: what it pushes while a
      // client closes would be counted by the service alone.
      const path = `${load.path}close=4000&after=${bursts * load.burst}`;
      using client = await SteadyClient.connect(service.port, path, totals);
      for (let burst = 0; burst < bursts; burst++) {
        const messages = Array.from(
          { length: load.burst },
          (_, i) => load.message(burst * load.burst + i),
        );
        const replies = load.path.startsWith("/uppercase")
          ? messages.map((message) => `${message}`.toUpperCase())
          : messages;
        await client.exchange(messages, replies);
        if (done++ % interval === 0) memory.push(residentMemory(service.pid));
      }
      await client.closed(4000);
    });
    return [
      `${totals.received} messages in, ${totals.sent} out, as in the log`,
      checkMemory(memory),
    ];
  },
};

/** Checks that memory does not grow in the second half of its samples. */
function checkMemory(samples: number[]): string {
  const half = samples.slice(Math.floor(samples.length / 2))
    .map((bytes) => Math.round(bytes / 1_048_576));
  const lowest = Math.min(...half);
  const highest = Math.max(...half);
  const range = `memory ${lowest} to ${highest} MiB in the second half`;
  if (highest > lowest * MAX_GROWTH.factor + MAX_GROWTH.mib) {
    throw new Error(`The service's memory grows: ${range}`);
  }
  return range;
}
