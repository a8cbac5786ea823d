import { pause } from "./pool.ts";
import { descriptorLimit, residentMemory } from "../support/proc.ts";
import { Random } from "./random.ts";
import { newReport, type PartReport, Progress } from "./report.ts";
import { Service } from "./service.ts";
import { addTotals, noTotals } from "./service_log.ts";
import { SoakClient } from "./soak_client.ts";
import { checkTotals } from "./totals.ts";

/** At full size; a smaller count takes its share. */
const CONNECTIONS = 2_000;
const FULL_COUNT = 10_000;
/** How many connect at a time. */
const CONNECT_WIDTH = 50;
const SAMPLE_MS = 1_000;
/** Memory in the second half: its highest may be so much above its lowest. */
const FLATNESS = 1.1;
/** Halves with fewer samples than this say nothing about memory. */
const MIN_SAMPLES = 20;

/**
 * Holds many connections with mixed loads for a time, checks every reply, and
 * that the service's memory does not grow.
 *
 * @param count 10,000 for full size
 */
export async function soak(
  seed: number,
  count: number,
  minutes: number,
): Promise<PartReport> {
  const report = newReport("soak");
  const connections = Math.max(
    16,
    Math.round(CONNECTIONS * count / FULL_COUNT),
  );
  if (descriptorLimit() < connections + 100) {
    throw new Error(
      `Cannot hold ${connections} connections: this process may have ${descriptorLimit()} files open`,
    );
  }
  using progress = new Progress(report.part);
  await using service = await Service.start();
  const totals = noTotals();
  addTotals(totals, service.log.totals);

  const clients: SoakClient[] = [];
  while (clients.length < connections) {
    const first = clients.length;
    const width = Math.min(CONNECT_WIDTH, connections - first);
    clients.push(
      ...await Promise.all(
        Array.from({ length: width }, (_, i) =>
          SoakClient.connect(
            service.port,
            first + i,
            minutes * 60_000,
            new Random(seed, report.part, first + i),
            totals,
          )),
      ),
    );
  }
  const start = performance.now();
  const until = start + minutes * 60_000;
  let failure: Error | undefined;
  const running = clients.map((client, index) =>
    client.run(until).catch((cause) => {
      failure ??= new Error(`connection ${index}: ${cause.message}`, { cause });
    })
  );

  const samples: number[] = [];
  while (performance.now() < until && !failure) {
    await pause(Math.min(SAMPLE_MS, Math.max(0, until - performance.now())));
    samples.push(residentMemory(service.pid));
    const elapsed = Math.round((performance.now() - start) / 1_000);
    progress.show(
      `${elapsed} of ${minutes * 60} s, ${totals.sent} replies, ${
        Math.round(samples.at(-1)! / 1_048_576)
      } MiB`,
    );
  }
  if (failure) throw failure;
  await Promise.all(running);
  if (failure) throw failure;
  addTotals(totals, await service.greet());
  await service.drained();
  await service.stop();

  report.lost = checkTotals(service.log.totals, totals);
  report.connections = connections + 1;
  report.messages = totals.received + totals.sent;
  report.notes.push(
    `${totals.received} messages in, ${totals.sent} out, in the log as with the clients`,
    describeMemory(samples),
  );
  return report;
}

/**
 * Judges the service's memory over time.
 *
 * @throws {Error} when it is not flat in the second half
 */
function describeMemory(samples: number[]): string {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mib = (bytes: number) => Math.round(bytes / 1_048_576);
  const lowest = Math.min(...half);
  const highest = Math.max(...half);
  const range = `memory in the second half ${mib(lowest)} to ${
    mib(highest)
  } MiB`;
  if (half.length < MIN_SAMPLES) return `${range}, too short to judge`;
  if (highest > lowest * FLATNESS) {
    throw new Error(`Cannot accept the service's growth: ${range}`);
  }
  return range;
}
