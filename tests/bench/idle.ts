/** What a connection costs that does nothing. */

import { RawClient } from "../support/raw_client.ts";
import { IDLE_COUNTS } from "./loads.ts";
import type { IdleFigures, Job } from "./measure.ts";
import {
  canMeasureProcesses,
  processTree,
  residentBytes,
} from "./processes.ts";

/** Handshakes under way at once. */
const AT_ONCE = 50;
const SETTLE_STEP_MS = 100;
/** Memory is settled once this many readings in a row are alike. */
const SETTLED_READINGS = 5;
const SETTLED_WITHIN = 0.005;
const SETTLE_STEPS = 30;

/** Opens connections in steps and reads the server's memory after each. */
export async function measureIdle(job: Job): Promise<IdleFigures> {
  const bytesPerConnection: IdleFigures["bytesPerConnection"] = {};
  if (!canMeasureProcesses()) {
    for (const count of IDLE_COUNTS) bytesPerConnection[count] = null;
    return { bytesPerConnection };
  }
  const pids = processTree(job.pids);
  const base = await settledBytes(pids);
  const clients: RawClient[] = [];
  for (const count of IDLE_COUNTS) {
    while (clients.length < count) {
      const batch = Math.min(AT_ONCE, count - clients.length);
      clients.push(
        ...await Promise.all(
          Array.from(
            { length: batch },
            () => RawClient.connect(job.port, job.path),
          ),
        ),
      );
    }
    bytesPerConnection[count] = (await settledBytes(pids) - base) / count;
  }
  for (const client of clients) client[Symbol.dispose]();
  return { bytesPerConnection };
}

/** Reads the memory until it has stopped moving. */
async function settledBytes(pids: number[]): Promise<number> {
  let alike = 0;
  let last = residentBytes(pids);
  for (let i = 0; i < SETTLE_STEPS && alike < SETTLED_READINGS; i++) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS));
    const now = residentBytes(pids);
    alike = Math.abs(now - last) <= last * SETTLED_WITHIN ? alike + 1 : 0;
    last = now;
  }
  return last;
}
