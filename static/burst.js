// @ts-check

/** Messages sent before the page may draw and receive again. */
const batch = 100;
/** Bytes in the send queue of the browser at which a burst pauses. */
const highWater = 4 * 1024 * 1024;

/**
 * @typedef {object} Task
 * @property {number} copies How many messages in all.
 * @property {number} pause Milliseconds between two of them.
 * @property {() => boolean} sendOne Whether it was sent; if not, the burst ends.
 * @property {() => number} buffered Bytes in the send queue.
 * @property {(done: number) => void} progress After each batch.
 * @property {() => void} ended
 */

/** Sends one message many times, with a bounded send queue. */
export class Burst {
  #timer = 0;
  /** @type {Task | undefined} */
  #task;
  #done = 0;

  get running() {
    return this.#task !== undefined;
  }

  /** @param {Task} task */
  start(task) {
    this.stop();
    this.#task = task;
    this.#done = 0;
    this.#step();
  }

  stop() {
    clearTimeout(this.#timer);
    const task = this.#task;
    this.#task = undefined;
    task?.ended();
  }

  #step() {
    const task = this.#task;
    if (task === undefined) return;
    const { copies, pause } = task;
    const end = Math.min(copies, this.#done + (pause === 0 ? batch : 1));
    while (this.#done < end && task.buffered() < highWater) {
      if (!task.sendOne()) return this.stop();
      this.#done++;
    }
    task.progress(this.#done);
    if (this.#done >= copies) return this.stop();
    this.#timer = setTimeout(() => this.#step(), pause);
  }
}
