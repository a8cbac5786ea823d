/** Moves the bytes of all lanes with Deno's own sockets, on every system. */

import { RawClient } from "../support/raw_client.ts";
import {
  type Engine,
  type EngineOptions,
  READ_BUFFER,
  STALL_MS,
} from "./engine.ts";
import type { Lane, Meter } from "./lane.ts";

/** Connects and upgrades all lanes. */
export async function openAsyncEngine(
  options: EngineOptions,
): Promise<Engine> {
  const conns: Deno.Conn[] = [];
  for (let i = 0; i < options.lanes.length; i++) {
    const client = await RawClient.connect(options.port, options.path);
    conns.push(client.connection.conn);
  }
  return new AsyncEngine(conns, options);
}

class AsyncEngine implements Engine {
  readonly name = "async";
  readonly #conns: Deno.Conn[];
  readonly #lanes: readonly Lane[];
  readonly #meter: Meter;
  readonly #writing: boolean[];
  readonly #failed = Promise.withResolvers<never>();
  #closed = false;
  #started = false;

  constructor(conns: Deno.Conn[], { lanes, meter }: EngineOptions) {
    this.#conns = conns;
    this.#lanes = lanes;
    this.#meter = meter;
    this.#writing = lanes.map(() => false);
    // The failure may come while nobody waits; run() sees it then.
    this.#failed.promise.catch(() => {});
  }

  async run(until: number) {
    if (!this.#started) {
      this.#started = true;
      for (let i = 0; i < this.#lanes.length; i++) this.#receive(i);
    }
    for (let i = 0; i < this.#lanes.length; i++) this.#send(i);
    let replies = this.#meter.replies;
    let movedAt = performance.now();
    while (performance.now() < until && !this.#drained()) {
      const pause = Math.min(50, until - performance.now());
      const timer = Promise.withResolvers<void>();
      const id = setTimeout(timer.resolve, pause);
      await Promise.race([timer.promise, this.#failed.promise])
        .finally(() => clearTimeout(id));
      if (this.#meter.replies !== replies) {
        replies = this.#meter.replies;
        movedAt = performance.now();
      } else if (performance.now() - movedAt > STALL_MS) {
        throw new Error("Cannot measure: replies have stopped");
      }
    }
  }

  #drained(): boolean {
    return this.#meter.stopping && this.#lanes.every((lane) => lane.idle);
  }

  async #receive(index: number) {
    const conn = this.#conns[index]!;
    const lane = this.#lanes[index]!;
    const buffer = new Uint8Array(READ_BUFFER);
    try {
      for (;;) {
        const count = await conn.read(buffer);
        if (count === null) {
          throw new Error("Cannot measure: the server ended a connection");
        }
        lane.received(buffer, count, performance.now());
        if (lane.owed > 0) this.#send(index);
      }
    } catch (error) {
      if (!this.#closed) this.#failed.reject(error);
    }
  }

  async #send(index: number) {
    if (this.#writing[index]) return;
    this.#writing[index] = true;
    const conn = this.#conns[index]!;
    const lane = this.#lanes[index]!;
    try {
      while (lane.owed > 0) {
        const bytes = lane.next();
        const now = performance.now();
        const count = await conn.write(bytes);
        lane.sent(count, now);
      }
    } catch (error) {
      if (!this.#closed) this.#failed.reject(error);
    }
    this.#writing[index] = false;
  }

  close() {
    this.#closed = true;
    for (const conn of this.#conns) conn.close();
  }
}
