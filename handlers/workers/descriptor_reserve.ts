/** Enough descriptors to start a worker, which keeps 7 of them open. */
const RESERVED = 16;

/**
 * Descriptors that are kept for starting a worker: without one, the runtime
 * panics, and that is when a worker has to be replaced.
 */
export class DescriptorReserve {
  #files: Deno.FsFile[] = [];

  /** Takes what is missing, as far as there are descriptors. */
  fill() {
    // Windows has no such limit, and no such file.
    if (Deno.build.os === "windows") return;
    try {
      while (this.#files.length < RESERVED) {
        this.#files.push(Deno.openSync("/dev/null"));
      }
    } catch {
      // The next fill() takes the rest.
    }
  }

  /** Gives all of them back. */
  release() {
    for (const file of this.#files.splice(0)) file.close();
  }
}
