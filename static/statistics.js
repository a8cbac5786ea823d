// @ts-check

/**
 * Pairs replies with messages: the first reply answers the first message that
 * has none yet.
 */
export class ReplyMatcher {
  /** @type {number[]} */
  #sent = [];
  #first = 0;

  /** @param {number} at When a message was sent, in milliseconds. */
  sent(at) {
    this.#sent.push(at);
  }

  /**
   * @param {number} at When a message was received, in milliseconds.
   * @returns {number | undefined} The round-trip time in milliseconds;
   * `undefined` where no message waits for a reply.
   */
  received(at) {
    const sent = this.#sent[this.#first];
    if (sent === undefined) return undefined;
    this.#first++;
    // shift() would move the whole queue for every reply of a burst.
    if (this.#first > 1024 && this.#first * 2 > this.#sent.length) {
      this.#sent.splice(0, this.#first);
      this.#first = 0;
    }
    return at - sent;
  }

  /** Forgets the messages sent. */
  reset() {
    this.#sent = [];
    this.#first = 0;
  }
}

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

  /**
   * @param {"sent" | "received"} direction
   * @param {number} bytes
   * @param {number} [roundTrip] In milliseconds.
   */
  count(direction, bytes, roundTrip) {
    this[direction].messages++;
    this[direction].bytes += bytes;
    if (roundTrip === undefined) return;
    this.roundTrips.push(roundTrip);
    if (this.roundTrips.length > Statistics.window) this.roundTrips.shift();
  }

  reset() {
    this.sent = { messages: 0, bytes: 0 };
    this.received = { messages: 0, bytes: 0 };
    this.roundTrips = [];
  }
}

/**
 * A readable duration: `0.4 ms`, `12.0 ms`, `1.25 s`.
 * @param {number} milliseconds
 * @returns {string}
 */
export function formatMilliseconds(milliseconds) {
  return milliseconds < 1000
    ? `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`
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
