// @ts-check
import { firstFrom } from "./log.js";

/** @typedef {import("./log.js").Row} Row */

/**
 * The rows of a log that are shown: those that pass a filter. In pairs, a reply
 * is part of the row of its message, if that is shown.
 */
export class RowIndex {
  /** @type {Row[]} By rising id. */
  rows = [];
  /** How many replies are part of these rows. */
  replies = 0;
  /** The id of the last row that was looked at. */
  last = 0;
  #log;
  #passes;
  #inPairs;
  #version;

  /**
   * @param {import("./log.js").Log} log
   * @param {(row: Row) => boolean} passes
   * @param {boolean} inPairs
   */
  constructor(log, passes, inPairs) {
    this.#log = log;
    this.#passes = passes;
    this.#inPairs = inPairs;
    this.#version = log.version;
  }

  /**
   * Takes in what has changed in the log, until time is up.
   * @param {() => boolean} isLate
   * @returns {boolean} Whether all of it was taken in.
   */
  advance(isLate) {
    this.#prune();
    const { rows } = this.#log;
    for (let i = firstFrom(rows, this.last + 1); i < rows.length; i++) {
      const row = rows[i];
      if (row === undefined) break;
      this.last = row.id;
      if (this.#inPairs && this.#isShown(row.answers, row)) {
        this.replies++;
      } else if (this.#passes(row)) this.rows.push(row);
      if (i % 64 === 0 && isLate()) return i === rows.length - 1;
    }
    return true;
  }

  /**
   * @param {Row | undefined} message
   * @param {Row} reply It has but one row for the first of its replies.
   */
  #isShown(message, reply) {
    return message?.reply === reply &&
      this.rows[firstFrom(this.rows, message.id)] === message;
  }

  /** Takes out the rows that the log has dropped. */
  #prune() {
    const { rows, version } = this.#log;
    if (version === this.#version) return;
    this.#version = version;
    this.replies = 0;
    let i = 0;
    this.rows = this.rows.filter((row) => {
      while (i < rows.length && (rows[i]?.id ?? 0) < row.id) i++;
      if (rows[i] !== row) return false;
      if (this.#inPairs && row.reply && row.reply.id <= this.last) {
        this.replies++;
      }
      return true;
    });
  }
}

/**
 * A test for rows.
 * @param {"all" | import("./log.js").Direction} direction
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
