// @ts-check

/**
 * @typedef {object} Summary
 * @property {number} minimum In milliseconds, as are the others.
 * @property {number} median
 * @property {number} p95 95th percentile, nearest rank.
 * @property {number} maximum
 */

/**
 * @param {readonly number[]} values
 * @returns {Summary | undefined} `undefined` where there are no values.
 */
export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const minimum = sorted[0];
  const maximum = sorted.at(-1);
  if (minimum === undefined || maximum === undefined) return undefined;
  return {
    minimum,
    median: (rank(sorted, 0.5) + (sorted[sorted.length >> 1] ?? maximum)) / 2,
    p95: rank(sorted, 0.95),
    maximum,
  };
}

/**
 * @param {readonly number[]} sorted
 * @param {number} share
 */
function rank(sorted, share) {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
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

  /**
   * @param {"sent" | "received"} direction
   * @param {number} bytes
   * @param {number} [roundTrip] In milliseconds.
   * @param {boolean} [isQueued] Others were under way.
   */
  count(direction, bytes, roundTrip, isQueued = false) {
    this[direction].messages++;
    this[direction].bytes += bytes;
    if (roundTrip === undefined) return;
    this.#unqueued = isQueued ? 0 : this.#unqueued + 1;
    this.roundTrips.push(roundTrip);
    if (this.roundTrips.length > Statistics.window) this.roundTrips.shift();
  }

  reset() {
    this.sent = { messages: 0, bytes: 0 };
    this.received = { messages: 0, bytes: 0 };
    this.roundTrips = [];
    this.#unqueued = Infinity;
  }
}

/**
 * A readable duration: `0.40 ms`, `12.0 ms`, `120 ms`, `1.25 s`.
 * @param {number} milliseconds
 * @returns {string}
 */
export function formatMilliseconds(milliseconds) {
  const digits = milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0;
  return milliseconds < 1000
    ? `${milliseconds.toFixed(digits)} ms`
    : `${(milliseconds / 1000).toFixed(2)} s`;
}

/**
 * A duration as a clock shows it: `0:07`, `1:02:03`.
 * @param {number} milliseconds
 * @returns {string}
 */
export function formatClock(milliseconds) {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = `${two(seconds % 60)}`;
  return hours > 0
    ? `${hours}:${two(minutes % 60)}:${tail}`
    : `${minutes}:${tail}`;
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, "0");
}
