// @ts-check

/** @typedef {import("./expectation.js").Expectation} Expectation */

/**
 * What came of a burst.
 * @typedef {object} Outcome
 * @property {number} sent
 * @property {number} back All replies.
 * @property {number} lost
 * @property {number | undefined} altered `undefined`: it is not known what the
 * replies should be.
 * @property {number} repeated Replies beyond one for each message.
 * @property {boolean | undefined} inOrder `undefined`: that cannot be told.
 * @property {number} seconds From the first message to the last reply.
 */

/** Counts what a burst sends, and what comes back. */
export class Tally {
  /** Handed over to be sent. */
  leaving = 0;
  /** Replies of any kind. */
  back = 0;
  /** Milliseconds without a reply until what is missing is lost. */
  patience = 0;
  #sent = 0;
  #answered = 0;
  #altered = 0;
  #inOrder = true;
  /** The latest message that has its reply. */
  #latest = 0;
  #began = NaN;
  #ended = NaN;
  #isDistinct;
  /** @type {Expectation | undefined} */
  #expectation;

  /** @param {boolean} isDistinct No two of its messages are the same. */
  constructor(isDistinct) {
    this.#isDistinct = isDistinct;
  }

  /**
   * @param {number} at In milliseconds, as for `received`.
   * @param {number} size In bytes.
   * @param {Expectation} expectation
   */
  sent(at, size, expectation) {
    if (this.#sent++ === 0) this.#began = this.#ended = at;
    this.#expectation = expectation;
    this.patience = Math.max(this.patience, expectation.patience(size));
  }

  /**
   * @param {number} at
   * @param {import("./pairing.js").Pair} pair
   */
  received(at, { sent, isFirst, corrects, verdict }) {
    this.back++;
    this.#ended = at;
    if (isFirst) this.#answered++;
    if (corrects) this.#altered--;
    if (verdict === "different") this.#altered++;
    else if (isFirst) {
      if (sent.n < this.#latest) this.#inOrder = false;
      this.#latest = sent.n;
    }
  }

  /** Whether all that was handed over has been sent. */
  get isSent() {
    return this.#sent === this.leaving;
  }

  /** Whether all replies are there. */
  get isComplete() {
    return this.isSent &&
      this.back >= this.#sent * (this.#expectation?.repeat ?? 1);
  }

  /** @returns {Outcome | undefined} `undefined` where nothing was sent. */
  get outcome() {
    if (this.#sent === 0) return undefined;
    const isKnown = this.#expectation?.replyTo !== undefined;
    return {
      sent: this.#sent,
      back: this.back,
      lost: this.#sent - this.#answered,
      altered: isKnown ? this.#altered : undefined,
      repeated: this.back - this.#answered,
      inOrder: isKnown && this.#isDistinct && this.#answered > 0
        ? this.#inOrder
        : undefined,
      seconds: (this.#ended - this.#began) / 1_000,
    };
  }
}
