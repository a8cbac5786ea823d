import { connect, type Socket } from "node:net";
import { handshakeRequest } from "./raw_client.ts";

/**
 * A TCP client that can end its connection with a reset (RST), which
 * `Deno.Conn` cannot: its `close` always says goodbye first.
 */
export class ResetSocket {
  readonly #socket: Socket;
  readonly #closed = Promise.withResolvers<void>();
  #received = 0;
  #waiting: { bytes: number; resolve: () => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data) => {
      this.#received += data.length;
      if (this.#waiting && this.#received >= this.#waiting.bytes) {
        this.#waiting.resolve();
      }
    });
    // Errors after the connection is made are what this is for.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#waiting?.resolve();
      this.#closed.resolve();
    });
  }

  /** Connects to 127.0.0.1. */
  static open(port: number): Promise<ResetSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new ResetSocket(socket));
      });
    });
  }

  /** Writes bytes, and waits until the operating system has them. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(data, () => resolve()));
  }

  /** Stops reading: what the server sends stays where it is. */
  pause() {
    this.#socket.pause();
  }

  /** Waits until so many bytes have come in all, or the connection ends. */
  received(bytes: number): Promise<void> {
    if (this.#received >= bytes || this.#socket.destroyed) {
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting = { bytes, resolve });
  }

  /** Ends its own direction, and reads until the server has ended the other. */
  halfClose(): Promise<void> {
    this.#socket.end();
    this.#socket.resume();
    return this.#closed.promise;
  }

  /** Sends a reset and waits until the socket is gone. */
  reset(): Promise<void> {
    this.#socket.resetAndDestroy();
    return this.#closed.promise;
  }
}

/** Opens a handshake and resets it: the platform loses a descriptor to that. */
export async function resetHandshake(port: number) {
  const socket = await ResetSocket.open(port);
  await socket.write(handshakeRequest());
  await socket.reset();
}
