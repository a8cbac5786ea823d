/**
 * Clients that behave well, and must not notice what others do.
 *
 * @module
 */

import { toBytes } from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { within } from "../support/wait.ts";
import type { Totals } from "./part.ts";
import { addTotals, noTotals } from "./service_log.ts";

/** Between two messages of the bystander, in milliseconds. */
const INTERVAL_MS = 50;

/** Resolves after some milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Connects, echoes a text, closes and checks all of it.
 *
 * @returns the messages that it exchanged
 */
export async function greet(port: number): Promise<Totals> {
  const client = new Bystander(await connect(port), "newcomer");
  await client.echo();
  return await client.close();
}

/** A client that stays connected and echoes a text every 50 ms. */
export class Bystander {
  readonly #client: RawClient;
  readonly #name: string;
  readonly #totals = noTotals();
  /** The end of the loop, with what went wrong in it. */
  #loop: Promise<Error | undefined> = Promise.resolve(undefined);
  #isLeaving = false;
  /** The longest time that it waited for a reply, in milliseconds. */
  slowest = 0;

  /** Prefer {@link connect}, which also begins the loop. */
  constructor(client: RawClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** Connects and begins. */
  static async connect(port: number): Promise<Bystander> {
    const bystander = new Bystander(await connect(port), "bystander");
    bystander.#loop = bystander.#repeat().catch((error) => error);
    return bystander;
  }

  /** Sends a text and checks the reply. */
  async echo() {
    const message = `Grüße ${this.#totals.sent}`;
    const start = performance.now();
    await this.#client.send(message);
    const reply = await within(this.#client.next(), "an echo");
    if (reply !== message) throw new Error(`echo "${reply}" for "${message}"`);
    this.slowest = Math.max(this.slowest, performance.now() - start);
    const { length } = toBytes(message);
    addTotals(this.#totals, {
      ...{ received: 1, receivedBytes: length },
      ...{ sent: 1, sentBytes: length },
    });
  }

  /**
   * Ends the loop and closes.
   *
   * @returns the messages that it exchanged
   * @throws {Error} when it was not served all the time
   */
  async close(): Promise<Totals> {
    using connection = this.#client.connection;
    this.#isLeaving = true;
    const cause = await this.#loop;
    if (cause) {
      throw new Error(`The ${this.#name} was not served: ${cause.message}`, {
        cause,
      });
    }
    await this.#client.sendClose(1000, "done");
    const { code, reason } = await within(this.#client.closed(), "a close");
    connection.close();
    if (code !== 1000 || reason !== "done") {
      throw new Error(`The ${this.#name} was closed with ${code} "${reason}"`);
    }
    return this.#totals;
  }

  async #repeat(): Promise<undefined> {
    while (!this.#isLeaving) {
      await this.echo();
      await pause(INTERVAL_MS);
    }
  }
}

function connect(port: number): Promise<RawClient> {
  return within(RawClient.connect(port, "/echo"), "a handshake");
}
