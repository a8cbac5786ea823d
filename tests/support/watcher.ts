import type { WatchEvent } from "../../main.ts";
import { Client } from "./client.ts";

type EventOf<Name> = Extract<WatchEvent, { event: Name }>;

/** A client of the endpoint `/watch`. */
export class WatchClient {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Connects; the first event is still to be read. */
  static async open(port: number, key: string): Promise<WatchClient> {
    const url = `ws://127.0.0.1:${port}/watch?key=${key}`;
    return new WatchClient(await Client.open(url));
  }

  /** The next event. */
  async next(): Promise<WatchEvent> {
    return JSON.parse(`${await this.#client.next()}`);
  }

  /** The next event, which has to have this name. */
  async expect<Name extends WatchEvent["event"]>(
    name: Name,
  ): Promise<EventOf<Name>> {
    const event = await this.next();
    if (event.event === name) return event as EventOf<Name>;
    throw new Error(`Expected "${name}", got ${JSON.stringify(event)}`);
  }

  get isOpen(): boolean {
    return this.#client.socket.readyState === WebSocket.OPEN;
  }

  /** Sends a command. */
  command(command: object) {
    this.#client.send(JSON.stringify(command));
  }

  /** How it was closed. */
  get closed() {
    return this.#client.closed;
  }

  async [Symbol.asyncDispose]() {
    await this.#client[Symbol.asyncDispose]();
  }
}
