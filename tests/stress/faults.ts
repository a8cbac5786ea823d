import { Bystander } from "./bystander.ts";
import { churn } from "./churn.ts";
import { FAULT_KINDS, type FaultKind } from "./fault_kinds.ts";
import { eventually, PATIENCE_MS, pause, runCases } from "./pool.ts";
import {
  openDescriptors,
  residentMemory,
  timesAsleep,
} from "../support/proc.ts";
import { Random } from "./random.ts";
import { newReport, type PartReport, Progress } from "./report.ts";
import { Service } from "./service.ts";

/** Misbehaving clients at a time. */
const WIDTH = 25;
/** Per kind, of the count; and short connections, times the count. */
const KIND_SHARE = 1 / 50;
const CHURN_FACTOR = 6;
/** An idle service wakes up a few times a second; a timer left, 100 times. */
const IDLE_WAKEUPS = 30;

/**
 * Misbehaves as a client in every way that the network allows, and checks that
 * others are served on, and that nothing stays behind: no connection, no timer,
 * no descriptor but those that the platform is known to lose.
 *
 * @param count scales the faults of each kind and the short connections
 */
export async function injectFaults(
  seed: number,
  count: number,
): Promise<PartReport> {
  const report = newReport("faults");
  using progress = new Progress(report.part);
  await using service = await Service.start();
  // Is there all the time, and must not notice anything.
  using bystander = await Bystander.connect(service.port);
  await eventually(() => service.log.open === 1);
  const idle = openDescriptors(service.pid);
  let peak = 0;

  for (const kind of FAULT_KINDS) {
    const times = Math.min(
      Math.max(2, Math.round(count * KIND_SHARE)),
      kind.atMost ?? Infinity,
    );
    await runCases(times, WIDTH, async (index) => {
      progress.show(`${kind.name}, ${index} of ${times}`);
      const random = new Random(seed, report.part, kind.name, index);
      await kind.run(service.port, random);
      peak = Math.max(peak, residentMemory(service.pid));
    }).catch((error) => {
      throw new Error(`${kind.name}, ${error.message}`, { cause: error });
    });
    report.faults += times;
    await bystander.check(kind.name);
    report.messages += 2;
    await settled(service, 1);
    checkCode(service, kind, times);
    report.leaked += await countLeaks(
      service,
      kind,
      times,
      idle + report.leaked,
    );
  }

  const short = await churn(service.port, count * CHURN_FACTOR, progress);
  await bystander.check("short connections");
  report.messages += short.messages + 2;
  await settled(service, 1);
  await countLeaks(
    service,
    { name: "short connections" },
    0,
    idle + report.leaked,
  );

  await bystander.close();
  await service.greet();
  await settled(service, 0);
  const quietAfter = await becomesQuiet(service.pid);
  await service.stop();
  report.connections = service.log.opened;
  report.notes.push(
    `${short.connections} short connections, ${
      Math.round(short.rate)
    } a second`,
    `descriptors: ${idle} before, ${
      idle + report.leaked
    } after, of them ${report.leaked} lost by the platform to resets during the handshake`,
    `peak memory ${
      Math.round(peak / 1_048_576)
    } MiB; no timer left, quiet after ${quietAfter} s`,
  );
  return report;
}

/** Checks that the log shows the close code that a kind of fault leads to. */
function checkCode({ log }: Service, { name, code }: FaultKind, times: number) {
  if (code !== undefined && log.codes.get(code) !== times) {
    throw new Error(
      `Cannot accept ${
        log.codes.get(code) ?? 0
      } closes with ${code} after: ${name}, expected ${times}`,
    );
  }
}

/**
 * Waits until the idle service sleeps for most of a second: never, if one of
 * the timers of 10 ms is left. Cleaning up memory after a storm takes a while.
 *
 * @returns the seconds it took
 */
async function becomesQuiet(pid: number): Promise<number> {
  for (let second = 1;; second++) {
    const before = timesAsleep(pid);
    await pause(1_000);
    const wakeups = timesAsleep(pid) - before;
    if (wakeups <= IDLE_WAKEUPS) return second;
    if (second * 1_000 > PATIENCE_MS) {
      throw new Error(
        `Cannot accept the idle service: it wakes up ${wakeups} times a second, so timers are left`,
      );
    }
  }
}

/** Waits until just so many connections are open for the service. */
async function settled(service: Service, open: number) {
  if (!await eventually(() => service.log.open === open)) {
    throw new Error(
      `Cannot go on: ${service.log.open} connections are open for the service, expected ${open}`,
    );
  }
}

/**
 * Counts the descriptors that have not come back.
 *
 * @param allowed descriptors that may be open now
 * @throws {Error} when any is missing that this kind of fault does not explain
 */
async function countLeaks(
  service: Service,
  kind: Pick<FaultKind, "name" | "mayLeak">,
  times: number,
  allowed: number,
): Promise<number> {
  // The log speaks of the close before the descriptor is given back.
  const isBack = () => openDescriptors(service.pid) <= allowed;
  if (await eventually(isBack, kind.mayLeak ? 1_000 : undefined)) return 0;
  const leaked = openDescriptors(service.pid) - allowed;
  if (kind.mayLeak && leaked <= times) return leaked;
  throw new Error(
    `Cannot accept ${leaked} descriptors that stay open after: ${kind.name}`,
  );
}
