import { findDifference } from "./difference.js";
import { words } from "./language.js";

/** Seconds that a handshake, a reply and a close may take. */
const patience = 10;

/** A step of the proxy check has failed: how, and perhaps why, in the language in use. */
export class CheckFault extends Error {}

/** @type {(seconds: number) => Promise<never>} */
function silence(seconds) {
  const fault = new CheckFault(words.check.faults.silent(seconds));
  return new Promise((_, reject) => {
    setTimeout(reject, seconds * 1_000, fault);
  });
}

/** What the steps share: one connection after another, and what is known of the server. */
export class Check {
  /** @type {WebSocket | undefined} Of the present step. */
  socket;
  /** @type {Promise<CloseEvent>} */
  #closed = new Promise(() => {});
  /** @type {Promise<never>} Fails when it closes, or the check is stopped. */
  ended = new Promise(() => {});
  #openedAt = 0;
  /** @type {{ maxMessageSize?: number, idleTimeout?: number } | undefined} Of a server of this kind, which closes on demand. */
  limits;
  /** @type {(news: Partial<import("./proxy_check.js").Result>) => void} About the present step. */
  report = () => {};

  /** @param {AbortSignal} signal Stops it. */
  constructor(signal) {
    this.signal = signal;
  }

  /** @type {(url: string, protocols?: string[]) => Promise<WebSocket>} */
  async open(url, protocols = []) {
    const { signal } = this;
    let socket;
    try {
      socket = new WebSocket(url, protocols);
    } catch (error) {
      const { message } = /** @type {DOMException} */ (error);
      throw new CheckFault(words.failure({ kind: "rejected", message }));
    }
    this.socket = socket;
    this.#openedAt = 0;
    socket.binaryType = "arraybuffer";
    this.#closed = new Promise((resolve, reject) => {
      socket.onclose = resolve;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    this.ended = this.#closed.then((event) => {
      throw this.#fault(event);
    });
    await this.#next("open");
    this.#openedAt = performance.now();
    return socket;
  }

  /** @param {CloseEvent} event */
  #fault({ code, reason }) {
    const { unopened, closed } = words.check.faults;
    if (this.#openedAt === 0) return new CheckFault(unopened);
    const seconds = (performance.now() - this.#openedAt) / 1_000;
    return new CheckFault(closed(seconds, code, reason));
  }

  /**
   * @template {"open" | "message"} Type
   * @param {Type} type
   * @returns {Promise<WebSocketEventMap[Type]>}
   */
  #next(type, seconds = patience) {
    /** @type {Promise<WebSocketEventMap[Type]>} */
    const event = new Promise((resolve) => {
      this.socket?.addEventListener(type, resolve);
    });
    return Promise.race([event, this.ended, silence(seconds)]);
  }

  /** @type {(seconds?: number) => Promise<string | ArrayBuffer>} The next message. */
  async receive(seconds) {
    return (await this.#next("message", seconds)).data;
  }

  /** @type {(message: string | ArrayBuffer, seconds?: number) => Promise<void>} */
  async echo(message, seconds) {
    this.socket?.send(message);
    const reply = await this.receive(seconds);
    if (typeof reply !== typeof message || findDifference(message, reply)) {
      throw new CheckFault(words.check.faults.different);
    }
  }

  /** @type {(code: number, reason?: string) => Promise<void>} How it has to close. */
  async closes(code, reason) {
    const event = await Promise.race([this.#closed, silence(patience)]);
    if (event.code !== code || event.reason !== (reason ?? event.reason)) {
      throw this.#fault(event);
    }
  }
}
