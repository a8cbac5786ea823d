// @ts-check

/** @typedef {import("./expectation.js").Expectation} Expectation */
/** @typedef {import("./log.js").Row} Row */
/** @typedef {import("./payload.js").Payload} Payload */

/**
 * A message sent, and what has come of it.
 * @typedef {object} Sent
 * @property {number} n In the order of sending.
 * @property {Row} row
 * @property {Payload | undefined} expected `undefined`: anything.
 * @property {boolean} isQueued Others were under way when it was sent.
 * @property {import("./verdict.js").Tally | undefined} tally
 * @property {number} replies How many have come.
 * @property {boolean} isAltered No reply was equal.
 */

/**
 * @typedef {object} Pair
 * @property {Sent} sent
 * @property {boolean} isFirst The first reply to this message.
 * @property {boolean} corrects An earlier reply was taken for this one.
 * @property {"equal" | "different" | undefined} verdict
 */

/** How many messages a reply that is not the next one is compared with. */
const horizon = 10_000;

/**
 * Pairs replies with messages: first in, first out. Where it is known what a
 * reply should be, one that is out of turn finds its own message.
 */
export class Pairing {
  /** @type {Sent[]} From `#first` on, those that wait for a reply. */
  #waiting = [];
  #first = 0;
  /** @type {Sent[]} Those whose turn has passed without an equal reply. */
  #passed = [];
  /** @type {Sent | undefined} The latest one with an equal reply. */
  #latest;
  #count = 0;
  /** @type {{ payload: Payload, reply: Payload | undefined } | undefined} */
  #known;

  /** @param {Expectation} expectation */
  constructor(expectation) {
    this.expectation = expectation;
  }

  /**
   * @param {Row} row
   * @param {import("./verdict.js").Tally} [tally] That counts its replies.
   */
  sent(row, tally) {
    tally?.sent(row.at, row.size, this.expectation);
    this.#waiting.push({
      n: ++this.#count,
      row,
      expected: this.#replyTo(row.payload),
      isQueued: this.#waiting.length > this.#first,
      tally,
      replies: 0,
      isAltered: false,
    });
  }

  /**
   * @param {Payload} payload
   * @param {number} at In milliseconds.
   * @returns {Pair | undefined} `undefined` where no message waits for it.
   */
  received(payload, at) {
    if (this.expectation.isUnasked(payload)) return undefined;
    const pair = this.#find(payload);
    pair?.sent.tally?.received(at, pair);
    return pair;
  }

  /**
   * @param {Payload} payload
   * @returns {Pair | undefined}
   */
  #find(payload) {
    const next = this.#waiting[this.#first];
    if (next !== undefined && matches(next, payload)) {
      return this.#answer(next, this.#waiting, this.#first);
    }
    for (
      const [list, from] of /** @type {const} */ ([
        [this.#waiting, this.#first + 1],
        [this.#passed, 0],
      ])
    ) {
      const end = Math.min(list.length, from + horizon);
      for (let i = from; i < end; i++) {
        const sent = list[i];
        if (sent !== undefined && matches(sent, payload)) {
          return this.#answer(sent, list, i);
        }
      }
    }
    if (
      this.#latest?.expected !== undefined && matches(this.#latest, payload)
    ) {
      return this.#pair(this.#latest);
    }
    const sent = next ?? this.#passed.find(({ isAltered }) => !isAltered);
    if (sent === undefined) return undefined;
    if (next !== undefined) {
      this.#pass(next);
      this.#advance(this.#first + 1);
    }
    sent.isAltered = true;
    const isFirst = sent.replies++ === 0;
    return { sent, isFirst, corrects: false, verdict: "different" };
  }

  /**
   * @param {Sent} sent
   * @param {Sent[]} list
   * @param {number} at Where in that list it stands.
   */
  #answer(sent, list, at) {
    const pair = this.#pair(sent);
    const isDone = sent.replies >= this.expectation.repeat;
    this.#latest = sent;
    if (list === this.#passed) {
      if (isDone) list.splice(at, 1);
      return pair;
    }
    for (let i = this.#first; i < at; i++) {
      const skipped = list[i];
      // What was dropped never comes.
      if (skipped !== undefined && !this.expectation.isLossy) {
        this.#pass(skipped);
      }
    }
    this.#advance(isDone ? at + 1 : at);
    return pair;
  }

  /**
   * @param {Sent} sent
   * @returns {Pair}
   */
  #pair(sent) {
    const isFirst = sent.replies++ === 0;
    const corrects = sent.isAltered;
    sent.isAltered = false;
    const verdict = sent.expected === undefined ? undefined : "equal";
    return { sent, isFirst, corrects, verdict };
  }

  /** @param {Sent} sent */
  #pass(sent) {
    if (this.#passed.push(sent) > horizon) this.#passed.shift();
  }

  /** @param {number} first */
  #advance(first) {
    this.#first = first;
    // shift() would move the whole queue for every reply of a burst.
    if (first > 1024 && first * 2 > this.#waiting.length) {
      this.#waiting.splice(0, first);
      this.#first = 0;
    }
  }

  /** @param {Payload} payload */
  #replyTo(payload) {
    const { replyTo } = this.expectation;
    if (replyTo === undefined) return undefined;
    // The copies of a burst are often the same.
    if (this.#known?.payload !== payload) {
      this.#known = { payload, reply: replyTo(payload) };
    }
    return this.#known.reply;
  }
}

/**
 * @param {Sent} sent
 * @param {Payload} payload
 */
function matches({ expected }, payload) {
  if (expected === undefined || expected === payload) return true;
  return typeof expected !== "string" && typeof payload !== "string" &&
    equalBytes(expected, payload);
}

/**
 * @param {ArrayBuffer} a
 * @param {ArrayBuffer} b
 */
function equalBytes(a, b) {
  const { byteLength } = a;
  if (b.byteLength !== byteLength) return false;
  // Four bytes at a time.
  const end = byteLength >> 2;
  const [words, others] = [
    new Int32Array(a, 0, end),
    new Int32Array(b, 0, end),
  ];
  for (let i = 0; i < end; i++) if (words[i] !== others[i]) return false;
  const [tail, rest] = [new Uint8Array(a, end * 4), new Uint8Array(b, end * 4)];
  return tail.every((byte, i) => byte === rest[i]);
}
