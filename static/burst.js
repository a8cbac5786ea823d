// @ts-check
import { byteLength } from "./payload.js";
import { parseTemplate } from "./template.js";
import { Tally } from "./verdict.js";

/** @typedef {import("./payload.js").Payload} Payload */

/** Messages sent before the page may draw and receive again. */
const batch = 100;
/** Bytes in the send queue of the browser at which a burst pauses. */
const highWater = 4 * 1024 * 1024;
/** Milliseconds between two looks at whether all replies have come. */
const interval = 100;

/**
 * @typedef {object} Task
 * @property {Payload} payload
 * @property {number} size In bytes.
 * @property {boolean} isTemplate The payload has placeholders to fill in.
 * @property {number} copies How many messages in all.
 * @property {number} pause Milliseconds between two of them.
 * @property {(done: number) => void} progress After each batch.
 * @property {() => void} ended All are sent, or the connection is not open.
 * @property {(outcome: import("./verdict.js").Outcome) => void} judged All
 * replies have come, or the others are given up.
 */

/** Sends one message many times, with a bounded send queue. */
export class Burst {
  #timer = 0;
  /** @type {Task | undefined} */
  #task;
  #done = 0;
  /** @type {(n: number) => boolean} */
  #sendOne = () => false;
  #tally = new Tally(false);
  #session;

  /** @param {import("./session.js").Source} session */
  constructor(session) {
    this.#session = session;
  }

  get running() {
    return this.#task !== undefined;
  }

  /** @param {Task} task */
  start(task) {
    this.stop();
    clearTimeout(this.#timer);
    const { payload, size, isTemplate } = task;
    const template = isTemplate && typeof payload === "string"
      ? parseTemplate(payload)
      : undefined;
    this.#task = task;
    this.#done = 0;
    const tally = new Tally(template?.isDistinct ?? false);
    this.#tally = tally;
    this.#sendOne = (n) => {
      const text = template?.fill(n);
      return text === undefined
        ? this.#session.send(payload, size, tally)
        : this.#session.send(text, byteLength(text), tally);
    };
    this.#step();
  }

  stop() {
    const task = this.#task;
    if (task === undefined) return;
    clearTimeout(this.#timer);
    this.#task = undefined;
    task.ended();
    this.#judge(task, this.#tally.back, performance.now());
  }

  #step() {
    const task = this.#task;
    if (task === undefined) return;
    const { copies, pause } = task;
    const end = Math.min(copies, this.#done + (pause === 0 ? batch : 1));
    const { connection } = this.#session;
    while (this.#done < end && connection.bufferedAmount < highWater) {
      if (!this.#sendOne(this.#done + 1)) return this.stop();
      this.#done++;
    }
    task.progress(this.#done);
    if (this.#done >= copies) return this.stop();
    this.#timer = setTimeout(() => this.#step(), pause);
  }

  /**
   * @param {Task} task
   * @param {number} back How many replies there were.
   * @param {number} since When the latest of them came.
   */
  #judge(task, back, since) {
    const tally = this.#tally;
    const now = performance.now();
    if (tally.back !== back) since = now;
    const { state } = this.#session.connection;
    if (
      tally.isComplete || tally.isSent && now - since >= tally.patience ||
      state !== "open" && state !== "closing"
    ) {
      if (tally.outcome !== undefined) task.judged(tally.outcome);
      return;
    }
    this.#timer = setTimeout(
      () => this.#judge(task, tally.back, since),
      interval,
    );
  }
}
