import { isSame } from "./payload.js";

/** @typedef {import("./burst.js").Tally} Tally */
/** @typedef {import("./log.js").Row} Row */
/** @typedef {import("./payload.js").Payload} Payload */

/**
 * A message sent, and what has come of it.
 * @typedef {object} Sent
 * @property {Row} row
 * @property {Payload | undefined} expected `undefined`: anything.
 * @property {boolean} isQueued Others were under way when it was sent.
 * @property {Tally | undefined} tally
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

/** How many messages may wait for a reply, and how many bytes they may have. */
const defaults = { messages: 100_000, bytes: 128 * 1024 * 1024 };

/**
 * Pairs replies with messages: first in, first out. Where it is known what a
 * reply should be, one that is out of turn finds its own message. When too many
 * messages wait, it gives up: later replies could be those of any of them.
 */
export class Pairing {
  #hasGivenUp = false;
  /** @type {Sent[]} From `#first` on, those that wait for a reply. */
  #waiting = [];
  #first = 0;
  /** The bytes of those. */
  #bytes = 0;
  /** @type {Sent[]} Those whose turn has passed without an equal reply. */
  #passed = [];
  /** @type {Sent | undefined} The latest one with an equal reply. */
  #latest;
  /** @type {Tally | undefined} Of the latest message. */
  #tally;
  #limits;

  /**
   * @param {import("./expectation.js").Expectation} expectation
   * @param {typeof defaults} [limits]
   */
  constructor(expectation, limits = defaults) {
    this.expectation = expectation;
    this.#limits = limits;
  }

  /** Whether it is known which message a reply answers. */
  get isMeasured() {
    return this.expectation.isMeasured && !this.#hasGivenUp;
  }

  /** @type {(row: Row, tally?: Tally) => void} */
  sent(row, tally) {
    tally?.sent(row, this.expectation);
    this.#tally = tally;
    if (this.#hasGivenUp) return;
    this.#bytes += row.size;
    const waiting = this.#waiting.length - this.#first;
    const { messages, bytes } = this.#limits;
    if (waiting > 0 && (waiting >= messages || this.#bytes > bytes)) {
      this.#hasGivenUp = true;
      this.#waiting = [];
      this.#passed = [];
      this.#latest = undefined;
      return;
    }
    const { payload } = row;
    const last = this.#waiting.at(-1);
    // The copies of a burst are often the same.
    const isCopy = last?.row.payload === payload;
    this.#waiting.push({
      row,
      expected: isCopy ? last.expected : this.expectation.replyTo?.(payload),
      isQueued: waiting > 0,
      tally,
      replies: 0,
      isAltered: false,
    });
  }

  /** @type {(payload: Payload, at: number) => Pair | undefined} If a message waits for it. */
  received(payload, at) {
    if (this.expectation.isUnasked(payload)) return undefined;
    const pair = this.#find(payload);
    const tally = this.#hasGivenUp ? this.#tally : pair?.sent.tally;
    tally?.received(at, pair);
    return pair;
  }

  /** @type {(payload: Payload) => Pair | undefined} */
  #find(payload) {
    for (const list of [this.#waiting, this.#passed]) {
      const from = list === this.#waiting ? this.#first : 0;
      const end = Math.min(list.length, from + horizon);
      for (let i = from; i < end; i++) {
        const sent = list[i];
        if (sent && matches(sent, payload)) return this.#answer(sent, list, i);
      }
    }
    const latest = this.#latest;
    if (latest?.expected !== undefined && matches(latest, payload)) {
      return this.#pair(latest, "equal");
    }
    const next = this.#waiting[this.#first];
    const sent = next ?? this.#passed.find(({ isAltered }) => !isAltered);
    if (sent === undefined) return undefined;
    if (next !== undefined) {
      this.#pass(next);
      this.#advance(this.#first + 1);
    }
    return this.#pair(sent, "different");
  }

  /** @type {(sent: Sent, list: Sent[], at: number) => Pair} */
  #answer(sent, list, at) {
    const pair = this.#pair(sent, "equal");
    const isDone = sent.replies >= this.expectation.repeat;
    this.#latest = sent;
    if (list === this.#passed) {
      if (isDone) list.splice(at, 1);
      return pair;
    }
    // What was dropped never comes.
    if (!this.expectation.isLossy) {
      for (const one of list.slice(this.#first, at)) this.#pass(one);
    }
    this.#advance(isDone ? at + 1 : at);
    return pair;
  }

  /** @type {(sent: Sent, found: "equal" | "different") => Pair} */
  #pair(sent, found) {
    const isFirst = sent.replies++ === 0;
    const corrects = sent.isAltered && found === "equal";
    const verdict = sent.expected === undefined ? undefined : found;
    sent.isAltered = found === "different";
    return { sent, isFirst, corrects, verdict };
  }

  /** @param {Sent} sent */
  #pass(sent) {
    if (this.#passed.push(sent) > horizon) this.#passed.shift();
  }

  /** @param {number} first */
  #advance(first) {
    for (; this.#first < first; this.#first++) {
      this.#bytes -= this.#waiting[this.#first]?.row.size ?? 0;
    }
    // shift() would move the whole queue for every reply of a burst.
    if (first > 1024 && first * 2 > this.#waiting.length) {
      this.#waiting.splice(0, first);
      this.#first = 0;
    }
  }
}

/** @type {(sent: Sent, payload: Payload) => boolean} */
function matches({ expected }, payload) {
  return expected === undefined || isSame(expected, payload);
}
