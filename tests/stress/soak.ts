import { setTimeout as pause } from "node:timers/promises";
import type { Bytes } from "../support/frames.ts";
import { residentMemory } from "../support/proc.ts";
import { SteadyClient } from "./clients.ts";
import { inParallel } from "./parallel.ts";
import { type Part, scale } from "./part.ts";

const LARGE = crypto.getRandomValues(new Uint8Array(65_536));
const text = (number: number) => `straße ${number} 😀`;
const bytes = (number: number) => LARGE.subarray(0, number * 7 % 126);
const large = (number: number) => LARGE.subarray(number * 911 % 60_000);

/** What a connection does all the time. Each has one of these, in turn. */
const LOADS: [
  path: string,
  burst: number,
  message: (number: number) => string | Bytes,
][] = [
  ["/?", 1, text],
  ["/echo?", 8, bytes],
  ["/echo?", 2, large],
  ["/uppercase?", 3, text],
  ["/?delay=50&", 5, text],
  ["/?push=500&", 2, bytes],
  ["/uppercase?delay=20&push=200&", 2, text],
];

/** Holds many connections with mixed loads. */
export const soak: Part = {
  name: "soak",
  summary: "2,000 connections with 120 bursts of messages each",
  countsAll: true,
  async run({ service, totals }, size) {
    const connections = scale(2_000, Math.min(size, 1), 16);
    const bursts = scale(120, size, 10);
    const memory: number[] = [];
    await inParallel(connections, connections, async (index) => {
      const [path, burst, message] = LOADS[index % LOADS.length]!;
      // The service closes after the last message: what it pushes while a
      // client closes would be counted by the service alone.
      const url = `${path}close=4000&after=${bursts * burst}`;
      using client = await SteadyClient.connect(service.port, url, totals);
      for (let i = 0; i < bursts; i++) {
        const messages = Array.from(
          { length: burst },
          (_, j) => message(i * burst + j),
        );
        const replies = path.startsWith("/uppercase")
          ? messages.map((message) => `${message}`.toUpperCase())
          : messages;
        await client.exchange(messages, replies);
        if (index === 0) memory.push(residentMemory(service.pid));
        // All together, whatever their number, send 2,000 bursts a second.
        await pause((index * 101 + i * 37) % connections);
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
  const [lowest, highest] = [Math.min(...half), Math.max(...half)];
  const range = `memory ${lowest} to ${highest} MiB in the second half`;
  if (highest > lowest * 1.1 + 32) {
    throw new Error(`The service's memory grows: ${range}`);
  }
  return range;
}
