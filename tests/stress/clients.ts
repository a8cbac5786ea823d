import { Buffer } from "node:buffer";
import { type Bytes, toBytes } from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { within } from "../support/wait.ts";
import type { Totals } from "./service_log.ts";

/** What the service pushes: a number and the time. */
const PUSHED = /^\d+ \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A client that behaves well: checks and counts every message. */
export class SteadyClient implements Disposable {
  readonly #client: RawClient;
  readonly #totals: Totals;
  #pushed = 0;

  private constructor(client: RawClient, totals: Totals) {
    this.#client = client;
    this.#totals = totals;
  }

  /** Connects; what it sends and receives is added to `totals`. */
  static async connect(port: number, path: string, totals: Totals) {
    const client = await within(RawClient.connect(port, path), "a handshake");
    return new SteadyClient(client, totals);
  }

  /** Sends messages and checks the replies: the same, unless told otherwise. */
  async exchange(
    messages: (string | Bytes)[],
    replies: (string | Bytes)[] = messages,
  ) {
    for (const message of messages) {
      this.#totals.received++;
      this.#totals.receivedBytes += toBytes(message).length;
      await this.#client.send(message);
    }
    for (const reply of replies) {
      const given = await within(this.#reply(), "a reply");
      const isSame = typeof given === typeof reply &&
        Buffer.compare(toBytes(given), toBytes(reply)) === 0;
      if (!isSame) throw new Error(`"${given}" for "${reply}"`);
    }
  }

  /** Sends a close frame and checks the answer. */
  async close() {
    await this.#client.sendClose(1000, "done");
    await this.closed(1000, "done");
  }

  /** Waits for a close frame, checks and answers it, and waits for the end. */
  async closed(code: number, reason = "") {
    const end = await within(this.#reply(), "a close").catch((error) => error);
    if (!`${end}`.endsWith(`closed with ${code} ${reason}`)) {
      throw new Error(`"${end}" came, expected a close with ${code} ${reason}`);
    }
    await this.#client.sendClose(code).catch(() => {});
    await within(this.#client.closed(), "the connection's end");
  }

  [Symbol.dispose]() {
    this.#client.connection.close();
  }

  /** Reads on, past what is pushed, to a reply. */
  async #reply(): Promise<string | Bytes> {
    for (;;) {
      const message = await this.#client.next();
      this.#totals.sent++;
      this.#totals.sentBytes += toBytes(message).length;
      if (typeof message !== "string" || !PUSHED.test(message)) return message;
      if (!message.startsWith(`${++this.#pushed} `)) {
        throw new Error(`"${message}" was pushed as number ${this.#pushed}`);
      }
    }
  }
}
