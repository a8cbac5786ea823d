/** @param {readonly number[]} values At least one; the percentile is by nearest rank. */
export function summarize(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ index) => sorted[index] ?? NaN;
  const n = sorted.length;
  return {
    minimum: at(0),
    median: (at((n - 1) >> 1) + at(n >> 1)) / 2,
    p95: at(Math.ceil(n * 0.95) - 1),
    maximum: at(n - 1),
  };
}

/** The counters of a connection, and its latest round-trip times. */
export class Statistics {
  /** How many round-trip times are kept. */
  static window = 200;

  sent = { messages: 0, bytes: 0 };
  received = { messages: 0, bytes: 0 };
  /** @type {number[]} Milliseconds, oldest first. */
  roundTrips = [];
  /** How many round-trip times came since one that includes queueing. */
  #unqueued = Infinity;

  /** Whether one of these times includes waiting for messages sent before. */
  get includesQueueing() {
    return this.#unqueued < this.roundTrips.length;
  }

  /** @type {(direction: "sent" | "received", bytes: number, roundTrip?: number, isQueued?: boolean) => void} */
  count(direction, bytes, roundTrip, isQueued = false) {
    this[direction].messages++;
    this[direction].bytes += bytes;
    if (roundTrip === undefined) return;
    this.#unqueued = isQueued ? 0 : this.#unqueued + 1;
    this.roundTrips.push(roundTrip);
    if (this.roundTrips.length > Statistics.window) this.roundTrips.shift();
  }

  /** @param {number | undefined} roundTrip One that was counted, of what was no reply. */
  discard(roundTrip = NaN) {
    const at = this.roundTrips.lastIndexOf(roundTrip);
    if (at >= 0) this.roundTrips.splice(at, 1);
  }
}

/** @param {number} milliseconds Readably: `0.40 ms`, `12.0 ms`, `120 ms`, `1.25 s`. */
export function formatMilliseconds(milliseconds) {
  const digits = milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0;
  return milliseconds < 1000
    ? `${milliseconds.toFixed(digits)} ms`
    : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** @param {number} milliseconds In seconds, `3.4 s`, unless that would say nothing. */
export function formatSeconds(milliseconds) {
  return milliseconds < 100
    ? formatMilliseconds(milliseconds)
    : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** @param {number} milliseconds As a clock shows it: `0:07`, `1:02:03`. */
export function formatClock(milliseconds) {
  const hours = Math.floor(milliseconds / 3_600_000);
  const rest = new Date(milliseconds).toISOString().slice(14, 19);
  return hours > 0 ? `${hours}:${rest}` : rest.replace(/^0/, "");
}
