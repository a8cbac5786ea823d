// @ts-check
import { toHex } from "./payload.js";

/** @typedef {import("./watch_events.js").WatchRowEvent} WatchRowEvent */

/**
 * What happened to the connection.
 * @typedef {{ name: "connecting", url: string, protocols: readonly string[] }
 *   | { name: "open", protocol: string, handshake: number }
 *   | { name: "closing", code: number, reason: string }
 *   | { name: "closed", code: number, reason: string, wasClean: boolean, handshakeFailed: boolean }
 *   | { name: "failed", failure: import("./handshake_failure.js").Failure, command: string }
 *   | WatchRowEvent
 * } ConnectionEvent
 */

/** @typedef {"sent" | "received" | "event"} Direction */

/**
 * @typedef {object} Row
 * @property {number} id Counted from 1.
 * @property {number} at Milliseconds since 1970.
 * @property {Direction} direction
 * @property {number} size In bytes; 0 for events.
 * @property {string | ArrayBuffer} payload Empty for events.
 * @property {ConnectionEvent | undefined} event
 * @property {number | undefined} [roundTrip] In milliseconds.
 * @property {Row | undefined} [answers] The message that a received one replies to.
 * @property {Row} [reply] The message that replies to a sent one.
 * @property {"equal" | "different" | undefined} [verdict] Whether a reply is what it should
 * be.
 * @property {string | ArrayBuffer | undefined} [expected] What a different reply should be.
 * @property {number} [client] The number of the watched client that it is about.
 * @property {boolean} [isCut] The payload is only the beginning of the message.
 */

/**
 * What may be known about a message; `at` is the present time where it is not.
 * @typedef {Partial<Pick<Row, "at" | "roundTrip" | "answers" | "verdict" | "expected" | "client" | "isCut">>} About
 */

/** The newest rows of the log. */
export class Log {
  /** @type {Row[]} */
  rows = [];
  /** How many rows were dropped. */
  dropped = 0;
  #count = 0;
  #bytes = 0;
  #rowLimit;
  #byteLimit;

  /**
   * @param {number} rowLimit How many rows are kept.
   * @param {number} byteLimit How many bytes of payload are kept.
   */
  constructor(rowLimit = 2_000, byteLimit = 128 * 1024 * 1024) {
    this.#rowLimit = rowLimit;
    this.#byteLimit = byteLimit;
  }

  /**
   * @param {"sent" | "received"} direction
   * @param {string | ArrayBuffer} payload
   * @param {number} size In bytes.
   * @param {About} [about]
   * @returns {Row}
   */
  addMessage(direction, payload, size, about = {}) {
    return this.#add(direction, payload, size, about, undefined);
  }

  /**
   * @param {ConnectionEvent} event
   * @param {About} [about]
   * @returns {Row}
   */
  addEvent(event, about = {}) {
    return this.#add("event", "", 0, about, event);
  }

  /**
   * @param {Direction} direction
   * @param {string | ArrayBuffer} payload
   * @param {number} size
   * @param {About} about
   * @param {ConnectionEvent | undefined} event
   * @returns {Row}
   */
  #add(direction, payload, size, about, event) {
    const at = performance.timeOrigin + performance.now();
    const id = ++this.#count;
    /** @type {Row} */
    const row = { id, at, direction, size, payload, event, ...about };
    if (row.answers !== undefined) row.answers.reply = row;
    this.rows.push(row);
    this.#bytes += size;
    // The view trims when it draws, which a background tab does not.
    if (
      this.rows.length > 2 * this.#rowLimit || this.#bytes > this.#byteLimit
    ) this.trim();
    return row;
  }

  /** Drops the oldest rows beyond the limits; one row always stays. */
  trim() {
    let surplus = Math.max(0, this.rows.length - this.#rowLimit);
    for (let i = 0; i < surplus; i++) this.#bytes -= this.rows[i]?.size ?? 0;
    while (this.#bytes > this.#byteLimit && surplus < this.rows.length - 1) {
      this.#bytes -= this.rows[surplus++]?.size ?? 0;
    }
    if (surplus > 0) this.rows.splice(0, surplus);
    this.dropped += surplus;
  }

  /** Removes all rows, and forgets that any were dropped. */
  clear() {
    this.rows = [];
    this.dropped = 0;
    this.#bytes = 0;
  }
}

/**
 * A test for rows.
 * @param {"all" | Direction} direction
 * @param {string} text Letter case does not count; empty: any row.
 * @param {(row: Row) => string} describe What a row shows in its last column.
 * @returns {(row: Row) => boolean}
 */
export function rowFilter(direction, text, describe) {
  // A regular expression searches large messages without copying them, as
  // toLowerCase() would.
  const sought = text === ""
    ? undefined
    : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "iu");
  return (row) => {
    if (direction !== "all" && row.direction !== direction) return false;
    if (sought === undefined) return true;
    return sought.test(
      row.event === undefined && typeof row.payload === "string"
        ? row.payload
        : describe(row),
    );
  };
}

/**
 * The rows as JSON: text as text, binary data in hexadecimal.
 * @param {Log} log
 * @param {object} context Further fields at the top of the document.
 * @returns {string}
 */
export function exportLog(log, context) {
  const rows = log.rows.map((row) => ({
    time: new Date(row.at).toISOString(),
    direction: row.direction,
    ...(row.event === undefined ? exportMessage(row) : row.event),
  }));
  return JSON.stringify({ ...context, dropped: log.dropped, rows }, null, 2);
}

/** @param {Row} row */
function exportMessage({ payload, size, roundTrip }) {
  return {
    type: typeof payload === "string" ? "text" : "binary",
    size,
    ...(roundTrip === undefined
      ? {}
      : { roundTrip: Math.round(roundTrip * 1000) / 1000 }),
    ...(typeof payload === "string"
      ? { text: payload }
      : { hex: toHex(new Uint8Array(payload)) }),
  };
}
