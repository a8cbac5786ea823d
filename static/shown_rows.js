import { firstFrom, indexOf, search } from "./log.js";

/** @typedef {import("./log.js").Row} Row */

/**
 * The rows of a log that are shown: those that pass a filter. In pairs, a reply
 * is part of the row of its message, if that is shown.
 */
export class RowIndex {
  /** @type {Row[]} By rising id. */
  rows = [];
  /** The id of the last row that was looked at. */
  last = 0;
  #log;
  #passes;
  /** The log's own rows, as long as it drops none. */
  #source;

  /**
   * @param {import("./log.js").Log} log
   * @param {(row: Row) => boolean} passes
   * @param {boolean} inPairs
   */
  constructor(log, passes, inPairs) {
    this.#log = log;
    this.#passes = passes;
    this.inPairs = inPairs;
    this.#source = log.rows;
  }

  /** How many rows of the log are shown, replies in the rows of others included. */
  get entries() {
    const { rows } = this;
    if (!this.inPairs) return rows.length;
    return rows.reduce((n, { reply }) => reply ? n + 1 : n, rows.length);
  }

  /** @param {() => boolean} isLate Takes in what has changed, until then; returns whether all. */
  advance(isLate) {
    const { rows } = this.#log;
    if (rows !== this.#source) {
      const kept = new Set(rows);
      this.rows = this.rows.filter((row) => kept.has(row));
      this.#source = rows;
    }
    for (const row of rows.slice(firstFrom(rows, this.last + 1))) {
      this.last = row.id;
      const { answers } = row;
      const isPart = this.inPairs && answers?.reply === row &&
        indexOf(this.rows, answers) >= 0;
      if (!isPart && this.#passes(row)) this.rows.push(row);
      if (row.id % 64 === 0 && isLate()) return row === rows.at(-1);
    }
    return true;
  }
}

/**
 * A test for rows by direction and text, for which letter case does not count; of what
 * is no text, by the description that the row shows.
 * @type {(direction: "all" | import("./log.js").Direction, text: string, describe: (row: Row) => string) => (row: Row) => boolean}
 */
export function rowFilter(direction, text, describe) {
  // A regular expression searches large messages without copying them, as
  // toLowerCase() would.
  const sought = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "iu");
  return (row) => {
    if (direction !== "all" && row.direction !== direction) return false;
    if (text === "") return true;
    const { event, payload } = row;
    const isText = event === undefined && typeof payload === "string";
    return sought.test(isText ? payload : describe(row));
  };
}

/**
 * Where the rows of a list lie, in pixels from its beginning: all have the same
 * height but those that are opened.
 * @param {number} count How many rows there are.
 * @param {number} rowHeight The height of a closed one.
 * @param {readonly { index: number, extra: number }[]} opened How much higher each is.
 */
export function createLayout(count, rowHeight, opened) {
  /** @param {number} index Of the row, of which this is the beginning. */
  function top(index) {
    let top = index * rowHeight;
    for (const one of opened) if (one.index < index) top += one.extra;
    return top;
  }

  /** @param {number} y The index of the row there, or of the nearest one, or 0. */
  function at(y) {
    return Math.max(0, search(count, (index) => top(index) <= y) - 1);
  }

  return {
    height: top(count),
    top,
    at,
    /**
     * The rows from `start` up to `end` that a view shows, and a margin of more
     * rows at each end, for scrolling.
     * @type {(top: number, height: number, margin: number) => { start: number, end: number }}
     */
    window: (top, height, margin) => ({
      start: Math.max(0, at(top) - margin),
      end: Math.min(count, at(top + height) + 1 + margin),
    }),
    /**
     * Where a view of this height has to begin to show a row: at `from`, if that does.
     * @type {(index: number, from: number, height: number) => number}
     */
    reveal: (index, from, height) =>
      Math.min(top(index), Math.max(from, top(index + 1) - height)),
  };
}

/**
 * The index of the row where a key leads from another; `undefined` for other keys.
 * @type {(key: string, index: number, page: number, count: number) => number | undefined}
 */
export function walk(key, index, page, count) {
  /** @type {Record<string, number>} */
  const targets = {
    ArrowUp: index - 1,
    ArrowDown: index + 1,
    PageUp: index - page,
    PageDown: index + page,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  return target && Math.max(0, Math.min(target, count - 1));
}
