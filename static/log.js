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
/** @typedef {import("./payload.js").Payload} Payload */

/**
 * @typedef {object} Row
 * @property {number} id Counted from 1.
 * @property {number} at Milliseconds since 1970.
 * @property {Direction} direction
 * @property {number} size In bytes; 0 for events.
 * @property {Payload} payload Empty for events.
 * @property {ConnectionEvent | undefined} event
 * @property {number | undefined} [roundTrip] In milliseconds.
 * @property {Row | undefined} [answers] The message that a received one replies to.
 * @property {Row} [reply] The message that replies to a sent one.
 * @property {"equal" | "different" | undefined} [verdict] Whether a reply is what it should be.
 * @property {Payload | undefined} [expected] What a different reply should be.
 * @property {number} [client] The number of the watched client that it is about.
 * @property {boolean} [isCut] The payload is only the beginning of the message.
 * @property {true} [forgotten] The payload was dropped from memory.
 */

/**
 * What may be known about a message; `at` is the present time where it is not.
 * @typedef {Partial<Pick<Row, "at" | "roundTrip" | "answers" | "verdict" | "expected" | "client" | "isCut">>} About
 */

/**
 * Messages that were dropped between two rows; times are in milliseconds since 1970.
 * @typedef {{ messages: number, firstId: number, lastId: number, from: number, until: number }} Gap
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
  /** @type {Row[]} By rising id. */
  rows = [];
  /** How many rows there ever were. */
  count = 0;
  /** How many messages were dropped. */
  dropped = 0;
  /** @type {Gap[]} */
  gaps = [];
  /** How often rows were taken out. */
  version = 0;
  /** @type {Set<Row>} The rows that show their details. */
  opened = new Set();
  #limits;
  #isHeld = false;
  #messages = 0;
  #bytes = 0;
  /** Rows before this index have no payload that could be forgotten. */
  #remembered = 0;

  /** @param {Partial<typeof defaults>} [limits] */
  constructor(limits = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** @param {boolean} isHeld Whether somebody reads earlier rows than the last ones. */
  set isHeld(isHeld) {
    this.#isHeld = isHeld;
    this.#trim();
  }

  /** @type {(direction: Direction, payload: Payload, size: number, about?: About) => Row} */
  addMessage(direction, payload, size, about = {}) {
    const row = this.#add(direction, payload, size, about);
    this.#messages++;
    this.#bytes += weigh(row);
    this.#trim();
    this.#forget();
    return row;
  }

  /** @type {(event: ConnectionEvent, about?: About) => Row} */
  addEvent(event, about = {}) {
    return this.#add("event", "", 0, about, event);
  }

  /** @type {(direction: Direction, payload: Payload, size: number, about: About, event?: ConnectionEvent) => Row} */
  #add(direction, payload, size, about, event) {
    const at = performance.timeOrigin + performance.now();
    const id = ++this.count;
    /** @type {Row} */
    const row = { id, at, direction, size, payload, event, ...about };
    const { answers } = row;
    // The message may be dropped before its reply comes.
    if (answers && this.rows[firstFrom(this.rows, answers.id)] === answers) {
      answers.reply ??= row;
    } else row.answers = undefined;
    this.rows.push(row);
    return row;
  }

  /** Drops the oldest messages beyond the limit, a message with its reply. */
  #trim() {
    const limit = this.#isHeld ? this.#limits.held : this.#limits.messages;
    // Dropping takes time for each row, so it is done for many at once.
    if (this.#messages <= limit * 1.1) return;
    let surplus = this.#messages - limit;
    /** @type {Set<Row | undefined>} */
    const doomed = new Set();
    this.rows = this.rows.filter((row) => {
      if (this.#isKept(row)) return true;
      if (surplus <= 0 && !doomed.has(row.answers)) return true;
      surplus--;
      if (row.reply !== undefined) doomed.add(row);
      this.#messages--;
      if (!row.forgotten) this.#bytes -= weigh(row);
      this.#addGap(row);
      return false;
    });
    this.#remembered = 0;
    this.version++;
  }

  /** @param {Row} row Whether it is an event, opened, or in a pair with an opened one. */
  #isKept(row) {
    if (row.event !== undefined) return true;
    if (this.opened.size === 0) return false;
    return [row, row.answers, row.reply].some((one) =>
      one !== undefined && this.opened.has(one)
    );
  }

  /** @param {Row} row */
  #addGap({ id, at }) {
    this.dropped++;
    const last = this.gaps.at(-1);
    if (last?.lastId === id - 1) {
      last.messages++;
      last.lastId = id;
      last.until = at;
    } else {
      const span = { firstId: id, lastId: id, from: at, until: at };
      this.gaps.push({ messages: 1, ...span });
    }
  }

  /** Forgets the oldest payloads beyond the limit; the last one always stays. */
  #forget() {
    const last = this.rows.length - 1;
    while (this.#bytes > this.#limits.bytes && this.#remembered < last) {
      const row = this.rows[this.#remembered++];
      if (row === undefined || row.forgotten || this.#isKept(row)) continue;
      this.#bytes -= weigh(row);
      Object.assign(row, { payload: "", expected: undefined, forgotten: true });
    }
  }

  /** Removes all rows, and forgets that any were dropped. */
  clear() {
    this.rows = [];
    this.opened.clear();
    this.dropped = 0;
    this.gaps = [];
    this.version++;
    this.#messages = 0;
    this.#bytes = 0;
    this.#remembered = 0;
  }
}

/**
 * The index of the first row with this id or a later one; the number of rows where
 * there is none. The rows are by rising id.
 * @type {(rows: readonly Row[], id: number) => number}
 */
export function firstFrom(rows, id) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.id ?? id) < id) low = middle + 1;
    else high = middle;
  }
  return low;
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
  const iso = (/** @type {number} */ time) => new Date(time).toISOString();
  const gaps = log.gaps.toSorted((a, b) => a.firstId - b.firstId)
    .map((gap) => ({ ...gap, from: iso(gap.from), until: iso(gap.until) }));
  const head = { ...context, dropped: log.dropped, gaps };
  yield JSON.stringify(head, null, 2).replace(/\n}$/, ',\n  "rows": [');
  let between = "";
  // Others may be added until it is done.
  for (const row of log.rows.slice()) {
    const { id, at, direction, client, event = exportMessage(row) } = row;
    // JSON leaves out what is undefined.
    const shown = { id, time: iso(at), direction, client, ...event };
    yield `${between}\n    ${JSON.stringify(shown)}`;
    between = ",";
  }
  yield "\n  ]\n}\n";
}

/** @param {Row} row */
function exportMessage({ payload, forgotten, size, ...row }) {
  const content = typeof payload === "string"
    ? { type: "text", text: payload }
    : { type: "binary", hex: toHex(new Uint8Array(payload)) };
  return {
    // Of a payload that is gone, not even the type is known.
    ...(forgotten ? { forgotten } : content),
    size,
    isCut: row.isCut,
    roundTrip: row.roundTrip && Math.round(row.roundTrip * 1000) / 1000,
    answers: row.answers?.id,
    verdict: row.verdict,
  };
}
