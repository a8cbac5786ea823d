/** The platform's `WebSocket` as a client for tests. */

import { within } from "./wait.ts";

type Message = string | ArrayBuffer;

/** A `WebSocket` whose messages can be awaited one by one. */
export class Client {
  readonly socket: WebSocket;
  readonly #closed = Promise.withResolvers<
    { code: number; reason: string; clean: boolean }
  >();
  readonly #messages: Message[] = [];
  readonly #waiting: ((message: Message) => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      const resolve = this.#waiting.shift();
      if (resolve) resolve(data);
      else this.#messages.push(data);
    };
    socket.onclose = ({ code, reason, wasClean }) =>
      this.#closed.resolve({ code, reason, clean: wasClean });
  }

  /** Connects; fails when the handshake is refused. */
  static async open(
    url: string | URL,
    protocols: string | string[] = [],
  ): Promise<Client> {
    const client = new Client(new WebSocket(url, protocols));
    const opened = Promise.withResolvers<void>();
    client.socket.onopen = () => opened.resolve();
    client.socket.onerror = () =>
      opened.reject(new Error(`Cannot connect to ${url}`));
    await within(opened.promise, `a connection to ${url}`);
    // From now on, an error is followed by "close", which tells all.
    client.socket.onerror = null;
    return client;
  }

  /** How it was closed. */
  get closed() {
    return within(this.#closed.promise, "the connection's end");
  }

  send(message: Message | Uint8Array<ArrayBuffer>) {
    this.socket.send(message);
  }

  /** The next message. */
  next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#waiting.push(resolve);
    return within(promise, "a message");
  }

  /** Sends a message and reads the reply. */
  async ask(
    message: Message | Uint8Array<ArrayBuffer>,
  ): Promise<Message> {
    this.send(message);
    return await this.next();
  }

  async [Symbol.asyncDispose]() {
    this.socket.close();
    await this.closed;
  }
}

/** Whether a new client gets a reply before its connection ends. */
export function isServed(url: string): Promise<boolean> {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send("served?");
  return new Promise((resolve) => {
    socket.onmessage = () => {
      socket.close();
      resolve(true);
    };
    socket.onclose = () => resolve(false);
  });
}
