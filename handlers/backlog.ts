/**
 * Estimates how many of a connection's messages wait in the platform to be
 * written: at least as many as there are, at most about twice as many.
 *
 * `bufferedAmount` counts payload bytes alone, but every waiting message costs
 * the platform about 1 KiB besides: a flood of one-byte messages would take
 * gigabytes before it reached a limit in bytes. How many there are can only be
 * told from the bytes that have left: when all that was sent up to a mark is
 * gone, what waits was sent after it. (Messages without any payload leave no
 * trace in `bufferedAmount`; they are counted while others wait.)
 */
export class Backlog {
  #sentBytes = 0;
  #markedBytes = 0;
  #sentBeforeMark = 0;
  #sentAfterMark = 0;

  /** Notes that a message of a size in bytes was handed to the platform. */
  sent(bytes: number) {
    this.#sentBytes += bytes;
    this.#sentAfterMark++;
  }

  /** How many wait at the most, given the socket's `bufferedAmount`. */
  waiting(bufferedAmount: number): number {
    if (bufferedAmount === 0) {
      this.#sentBeforeMark = 0;
      this.#sentAfterMark = 0;
      this.#markedBytes = this.#sentBytes;
    } else if (this.#sentBytes - bufferedAmount >= this.#markedBytes) {
      this.#sentBeforeMark = this.#sentAfterMark;
      this.#sentAfterMark = 0;
      this.#markedBytes = this.#sentBytes;
    }
    return this.#sentBeforeMark + this.#sentAfterMark;
  }
}
