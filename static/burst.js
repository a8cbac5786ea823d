/** @typedef {import("./payload.js").Payload} Payload */

/** Messages sent before the page may draw and receive again. */
const batch = 250;
/** Bytes in the send queue of the browser at which a burst pauses. */
const highWater = 4 * 1024 * 1024;
/** Milliseconds between two looks at whether all replies have come. */
const interval = 100;

const placeholders = /\{\{(n|time|random)\}\}|\{(n|time|random)\}/g;

/**
 * Reads a text with `{n}`, `{time}` (ISO 8601) and `{random}` (8 hexadecimal
 * digits), if it has any; `{{n}}` stands for `{n}` itself.
 * @type {(text: string) => { fill: (n: number) => string, isDistinct: boolean } | undefined}
 * What fills them in for copy n, and whether no two copies are the same.
 */
export function parseTemplate(text) {
  const found = [...text.matchAll(placeholders)];
  if (found.length === 0) return undefined;
  return {
    fill: (n) =>
      text.replace(
        placeholders,
        (_, literal, name) => literal ? `{${literal}}` : valueOf(name, n),
      ),
    isDistinct: found.some(([, , name]) => name === "n" || name === "random"),
  };
}

/** @type {(name: string, n: number) => string} */
function valueOf(name, n) {
  if (name === "n") return String(n);
  if (name === "time") return new Date().toISOString();
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return random.toString(16).padStart(8, "0");
}

/** @typedef {NonNullable<Tally["outcome"]>} Outcome What came of a burst. */

/** Counts what a burst sends, and what comes back. */
export class Tally {
  /** Messages handed over to be sent. */
  leaving = 0;
  /** Replies of any kind. */
  back = 0;
  /** The page has closed the connection: browsers then deliver nothing more. */
  isCut = false;
  #sent = 0;
  #answered = 0;
  #altered = 0;
  #inOrder = true;
  /** Whether each reply was paired with its message. */
  #isPaired = true;
  /** The id of the latest message that has its reply. */
  #latest = 0;
  #began = NaN;
  #ended = NaN;
  /** When a message was sent or a reply came, the last time. */
  #active = NaN;
  /** Milliseconds from then until what is missing is lost. */
  #patience = 0;
  #isDistinct;
  /** @type {import("./expectation.js").Expectation | undefined} */
  #expectation;

  /** @param {boolean} isDistinct No two of its messages are the same. */
  constructor(isDistinct) {
    this.#isDistinct = isDistinct;
  }

  /** @type {(row: import("./log.js").Row, expectation: import("./expectation.js").Expectation) => void} */
  sent({ at, size }, expectation) {
    if (this.#sent++ === 0) this.#began = this.#ended = at;
    this.#active = at;
    this.#expectation = expectation;
    this.#patience = Math.max(this.#patience, expectation.patience(size));
  }

  /**
   * A reply; without a pair, it is not known which message it answers.
   * @type {(at: number, pair?: import("./pairing.js").Pair) => void}
   */
  received(at, pair) {
    this.back++;
    this.#active = this.#ended = at;
    if (pair === undefined) {
      this.#isPaired = false;
      return;
    }
    const { sent, isFirst, corrects, verdict } = pair;
    if (isFirst) this.#answered++;
    if (corrects) this.#altered--;
    if (verdict === "different") this.#altered++;
    else if (isFirst) {
      if (sent.row.id < this.#latest) this.#inOrder = false;
      this.#latest = sent.row.id;
    }
  }

  get #isSent() {
    return this.#sent === this.leaving;
  }

  /** Whether all replies are there. */
  get isComplete() {
    return this.#isSent &&
      this.back >= this.#sent * (this.#expectation?.repeat ?? 1);
  }

  /** @param {number} now Whether all replies are there, or the others lost. */
  isOver(now) {
    return this.isComplete ||
      this.#isSent && now - this.#active >= this.#patience;
  }

  /** `undefined` where nothing was sent. */
  get outcome() {
    if (this.#sent === 0) return undefined;
    const isKnown = this.#isPaired && this.#expectation?.replyTo !== undefined;
    const isOrderKnown = isKnown && this.#isDistinct && this.#answered > 0;
    return {
      sent: this.#sent,
      /** All replies. */
      back: this.back,
      /** Without a reply. */
      lost: this.#sent - this.#answered,
      /** These were not waited for. */
      isCut: this.isCut && this.#sent > this.#answered,
      /** Unless it is unknown what the replies should be, or which of them are lost. */
      altered: isKnown ? this.#altered : undefined,
      /** Replies beyond one for each message. */
      repeated: this.#isPaired ? this.back - this.#answered : 0,
      /** `undefined`: that cannot be told. */
      inOrder: isOrderKnown ? this.#inOrder : undefined,
      /** Milliseconds from the first message to the last reply. */
      took: this.#ended - this.#began,
    };
  }
}

/**
 * @typedef {object} Task
 * @property {(n: number) => Payload} fill What message n is, counted from 1.
 * @property {boolean} isDistinct No two of them are the same.
 * @property {number} copies How many messages in all.
 * @property {number} pause Milliseconds between two of them.
 */

/** Sends many messages, with a bounded send queue. */
export class Burst {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Task | undefined} */
  #task;
  #done = 0;
  #tally = new Tally(false);
  #session;
  #progress;
  #judged;

  /**
   * @param {import("./session.js").Session} session
   * @param {(done: number, copies: number) => void} progress After each batch, and
   * when all are sent or the connection is not open.
   * @param {(outcome: Outcome) => void} judged All replies have come, or the others are
   * given up.
   */
  constructor(session, progress, judged) {
    this.#session = session;
    this.#progress = progress;
    this.#judged = judged;
    session.on("state", () => {
      if (session.connection.state === "closing") this.#tally.isCut = true;
    });
  }

  get running() {
    return this.#task !== undefined;
  }

  /** @param {Task} task */
  start(task) {
    this.stop();
    clearTimeout(this.#timer);
    this.#tally = new Tally(task.isDistinct);
    this.#task = task;
    this.#done = 0;
    this.#step(task);
  }

  stop() {
    const task = this.#task;
    if (task === undefined) return;
    clearTimeout(this.#timer);
    this.#task = undefined;
    this.#progress(this.#done, task.copies);
    this.#judge();
  }

  /** @param {Task} task */
  #step(task) {
    const { fill, copies, pause } = task;
    const end = Math.min(copies, this.#done + (pause === 0 ? batch : 1));
    const { connection } = this.#session;
    while (this.#done < end && connection.bufferedAmount < highWater) {
      const payload = fill(this.#done + 1);
      if (!this.#session.send(payload, this.#tally)) return this.stop();
      this.#done++;
    }
    if (this.#done >= copies) return this.stop();
    this.#progress(this.#done, copies);
    this.#timer = setTimeout(() => this.#step(task), pause);
  }

  #judge() {
    const { outcome } = this.#tally;
    const { state } = this.#session.connection;
    if (
      (state === "open" || state === "closing") &&
      !this.#tally.isOver(performance.timeOrigin + performance.now())
    ) this.#timer = setTimeout(() => this.#judge(), interval);
    else if (outcome !== undefined) this.#judged(outcome);
  }
}
