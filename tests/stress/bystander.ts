import { toBytes } from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { within } from "./pool.ts";
import type { Totals } from "./service_log.ts";

/**
 * A client in good order that stays connected while others misbehave, answers
 * the service's pings, and must not notice anything.
 */
export class Bystander {
  readonly #client: RawClient;
  /** Who waits for the next messages, in order. */
  readonly #waiting: PromiseWithResolvers<string>[] = [];

  private constructor(client: RawClient) {
    this.#client = client;
    this.#pump();
  }

  /** Connects. */
  static async connect(port: number): Promise<Bystander> {
    return new Bystander(await RawClient.connect(port));
  }

  /**
   * Checks that the connection works.
   *
   * @param occasion for the error
   * @returns the messages exchanged, as the service sees them
   */
  async check(occasion: string): Promise<Totals> {
    const message = `still here: ${occasion}`;
    const arrival = this.#arrival();
    await this.#client.send(message);
    const reply = await within(arrival, `the bystander: ${occasion}`);
    if (reply !== message) {
      throw new Error(`Cannot accept the bystander's reply "${reply}"`);
    }
    const { length } = toBytes(message);
    return { received: 1, receivedBytes: length, sent: 1, sentBytes: length };
  }

  /** Closes the connection in good order. */
  async close() {
    const arrival = this.#arrival();
    await this.#client.sendClose(1000);
    const end = arrival.then(
      (message) => `the message "${message}"`,
      (error: Error) => error.message,
    );
    const said = await within(end, "the bystander's close");
    if (!said.includes("closed with 1000")) {
      throw new Error(`Cannot accept the bystander's end: ${said}`);
    }
  }

  #arrival(): Promise<string> {
    const resolvers = Promise.withResolvers<string>();
    this.#waiting.push(resolvers);
    return resolvers.promise;
  }

  /** Reads all the time, since reading is what answers pings. */
  async #pump() {
    try {
      for (;;) {
        const message = `${await this.#client.next()}`;
        this.#waiting.shift()?.resolve(message);
      }
    } catch (error) {
      for (const { reject } of this.#waiting) reject(error);
    }
  }

  [Symbol.dispose]() {
    this.#client.connection.close();
  }
}
