import type { Bytes } from "../support/frames.ts";
import { within } from "../support/wait.ts";

/** Clients that send the same all the time. */
export interface FloodOptions {
  port: number;
  path: string;
  clients: number;
  /** What a connection sends first. Default: nothing. */
  first?: Bytes;
  /** What it sends then, in one write. Its replies are below 126 bytes each. */
  batch: Bytes;
  /** How often it sends it. Default: for as long as the connection lasts. */
  batches?: number;
  /** How many bytes of replies it awaits before the next. Default: none. */
  replyBytes?: number;
  /** Whether a client that was cut comes again. */
  comesAgain?: boolean;
}

/** How many connections ended with each code; 1006: without a close frame. */
export type Ends = Record<number, number>;

/** What {@link Flood}'s thread reports. */
export type FloodReport = "open" | Ends;

/** Runs clients in a thread of their own: their work delays no bystander. */
export class Flood implements Disposable {
  readonly #worker: Worker;
  readonly #open = Promise.withResolvers<void>();
  readonly #ends = Promise.withResolvers<Ends>();

  private constructor(options: FloodOptions) {
    const url = new URL("flood_worker.ts", import.meta.url);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FloodReport>) => {
      if (data === "open") this.#open.resolve();
      else this.#ends.resolve(data);
    };
    this.#worker.postMessage(options);
  }

  /** Starts it; resolves when all clients have connected. */
  static async start(options: FloodOptions): Promise<Flood> {
    const flood = new Flood(options);
    await within(flood.#open.promise, "the flood's connections");
    return flood;
  }

  /** Ends all connections. */
  end(): Promise<Ends> {
    this.#worker.postMessage("end");
    return this.ended();
  }

  /** Waits for the end of all connections. */
  ended(): Promise<Ends> {
    return within(this.#ends.promise, "the end of the flood's connections");
  }

  [Symbol.dispose]() {
    this.#worker.terminate();
  }
}
