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
/** @typedef {import("./payload.js").Payload} Payload */

/**
 * @typedef {object} Row
 * @property {number} id Counted from 1.
 * @property {number} at Milliseconds since 1970.
 * @property {Direction} direction
 * @property {number} size In bytes; 0 for events.
 * @property {Payload} payload Empty for events.
 * @property {ConnectionEvent} [event]
 * @property {number | undefined} [roundTrip] In milliseconds.
 * @property {Row | undefined} [answers] The message that a received one replies to.
 * @property {Row} [reply] The message that replies to a sent one.
 * @property {"equal" | "different" | undefined} [verdict] Whether a reply is what it should be.
 * @property {Payload | undefined} [expected] What a different reply should be.
 * @property {number} [client] The number of the watched client that it is about.
 * @property {boolean} [isCut] The payload is only the beginning of the message.
 */

const defaults = {
  /** How many messages are kept. */
  messages: 50_000,
  /** How many are kept for a reader: without an end, the memory would not do. */
  held: 500_000,
  /** How many bytes of payload are kept. */
  bytes: 128 * 1024 * 1024,
};

/**
 * The events of the log, and the newest messages. Opened rows stay, as does what
 * happens while the log is held.
 */
export class Log {
  /** @type {Row[]} By rising id; another array where rows were taken out. */
  rows = [];
  /** How many rows there ever were. */
  count = 0;
  /** @type {Set<Row>} The rows that show their details. */
  opened = new Set();
  #limits;
  #isHeld = false;
  /** How many rows there were when the log was cleared. */
  #cleared = 0;
  #messages = 0;
  #bytes = 0;

  /** @param {Partial<typeof defaults>} [limits] */
  constructor(limits = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** @param {boolean} isHeld Whether somebody reads earlier rows than the last ones. */
  set isHeld(isHeld) {
    this.#isHeld = isHeld;
    this.#trim();
  }

  /** How many messages were dropped. */
  get dropped() {
    return this.count - this.#cleared - this.rows.length;
  }

  /** The messages that were dropped between two rows. */
  get gaps() {
    const gaps = [];
    let firstId = this.#cleared + 1;
    for (const { id } of [...this.rows, { id: this.count + 1 }]) {
      const messages = id - firstId;
      if (messages > 0) gaps.push({ messages, firstId, lastId: id - 1 });
      firstId = id + 1;
    }
    return gaps;
  }

  /** @param {Partial<Row>} entry A message; or an event, of which one field is enough. */
  add(entry) {
    const at = performance.timeOrigin + performance.now();
    const id = ++this.count;
    /** @type {Row} */
    const row = { id, at, direction: "event", payload: "", size: 0, ...entry };
    const { answers } = row;
    // The message may be dropped before its reply comes.
    if (answers && indexOf(this.rows, answers) >= 0) answers.reply ??= row;
    else row.answers = undefined;
    this.rows.push(row);
    if (row.event !== undefined) return row;
    this.#messages++;
    this.#bytes += weigh(row);
    this.#trim();
    return row;
  }

  /** Drops the oldest messages beyond the limits, a message with its reply. */
  #trim() {
    const { bytes, held, messages } = this.#limits;
    const most = this.#isHeld ? held : messages;
    // Dropping takes time for each row, so it is done for many at once.
    if (this.#messages <= most * 1.1 && this.#bytes <= bytes * 1.1) return;
    /** @type {Set<Row | undefined>} */
    const doomed = new Set();
    this.rows = this.rows.filter((row) => {
      const isSurplus = this.#messages > most || this.#bytes > bytes ||
        doomed.has(row.answers);
      if (!isSurplus || this.#isKept(row)) return true;
      if (row.reply !== undefined) doomed.add(row);
      this.#messages--;
      this.#bytes -= weigh(row);
      return false;
    });
  }

  /** @param {Row} row Whether it is an event, or itself or its pair opened or the last. */
  #isKept(row) {
    return row.event !== undefined ||
      [row, row.answers, row.reply].some((one) =>
        one !== undefined && (this.opened.has(one) || one.id === this.count)
      );
  }

  /** Removes all rows, and forgets that any were dropped. */
  clear() {
    this.rows = [];
    this.opened.clear();
    this.#cleared = this.count;
    this.#messages = 0;
    this.#bytes = 0;
  }
}

/**
 * The first of so many indices that is not before what is sought; `count`: all are.
 * @type {(count: number, isBefore: (index: number) => boolean) => number}
 */
export function search(count, isBefore) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The index of the first of rows by rising id that has this id or a later one.
 * @type {(rows: readonly Row[], id: number) => number}
 */
export function firstFrom(rows, id) {
  return search(rows.length, (index) => (rows[index]?.id ?? id) < id);
}

/** @type {(rows: readonly Row[], row: Row) => number} -1 where it is not among them. */
export function indexOf(rows, row) {
  const index = firstFrom(rows, row.id);
  return rows[index] === row ? index : -1;
}

/** @param {Row} row Bytes that its payloads take. */
function weigh({ size, expected }) {
  return expected === undefined ? size : 2 * size;
}

/**
 * The rows as JSON: text as text, binary data in hexadecimal.
 * @param {Log} log
 * @param {object} context Further fields at the top of the document.
 * @returns {Generator<string>} Its parts: in one piece it may exceed what a string
 * can hold.
 */
export function* exportLog(log, context) {
  const head = { ...context, dropped: log.dropped, gaps: log.gaps };
  yield JSON.stringify(head, null, 2).replace(/\n}$/, ',\n  "rows": [');
  let between = "";
  // Others may be added until it is done.
  for (const row of log.rows.slice()) {
    const { id, at, direction, client, event = exportMessage(row) } = row;
    const time = new Date(at).toISOString();
    // JSON leaves out what is undefined.
    const shown = { id, time, direction, client, ...event };
    yield `${between}\n    ${JSON.stringify(shown)}`;
    between = ",";
  }
  yield "\n  ]\n}\n";
}

/** @param {Row} row */
function exportMessage({ payload, size, ...row }) {
  return {
    ...typeof payload === "string"
      ? { type: "text", text: payload }
      : { type: "binary", hex: toHex(new Uint8Array(payload)) },
    size,
    isCut: row.isCut,
    roundTrip: row.roundTrip && Math.round(row.roundTrip * 1000) / 1000,
    answers: row.answers?.id,
    verdict: row.verdict,
  };
}
