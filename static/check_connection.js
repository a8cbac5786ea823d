// @ts-check
import { findDifference } from "./difference.js";

/**
 * Why a step failed. `silent`: nothing came for so many seconds; `closed`: so
 * many seconds after it opened; `description`: `info=1` gave none.
 * @typedef {{ kind: "handshake" }
 *   | { kind: "rejected", message: string }
 *   | { kind: "silent", seconds: number }
 *   | { kind: "closed", code: number, reason: string, seconds: number }
 *   | { kind: "different" }
 *   | { kind: "subprotocol", agreed: string }
 *   | { kind: "description" }} Fault
 */

/** Seconds that a handshake, a reply and a close may take. */
const patience = 10;

/** A step of the proxy check has failed. */
export class CheckFault extends Error {
  /** @param {Fault} fault */
  constructor(fault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** @type {(seconds: number) => Promise<never>} */
function silence(seconds) {
  const fault = new CheckFault({ kind: "silent", seconds });
  return new Promise((_, reject) => {
    setTimeout(reject, seconds * 1_000, fault);
  });
}

/** One connection of the check, whose events are awaited one by one. */
export class CheckConnection {
  #openedAt = 0;
  /** @type {Promise<CloseEvent>} */
  #closed;
  /** @type {Promise<never>} Fails when it closes, or is no longer wanted. */
  ended;

  /**
   * @param {string} url
   * @param {string[]} protocols
   * @param {AbortSignal} signal Ends each wait.
   */
  constructor(url, protocols, signal) {
    try {
      this.socket = new WebSocket(url, protocols);
    } catch (error) {
      const { message } = /** @type {DOMException} */ (error);
      throw new CheckFault({ kind: "rejected", message });
    }
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.#openedAt = performance.now();
    this.#closed = new Promise((resolve, reject) => {
      this.socket.onclose = resolve;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    this.ended = this.#closed.then((event) => {
      throw this.#fault(event);
    });
  }

  /** @param {CloseEvent} event */
  #fault({ code, reason }) {
    if (this.#openedAt === 0) return new CheckFault({ kind: "handshake" });
    const seconds = (performance.now() - this.#openedAt) / 1_000;
    return new CheckFault({ kind: "closed", code, reason, seconds });
  }

  /**
   * The next event of a type.
   * @template {"open" | "message"} Type
   * @param {Type} type
   * @returns {Promise<WebSocketEventMap[Type]>}
   */
  next(type, seconds = patience) {
    /** @type {Promise<WebSocketEventMap[Type]>} */
    const event = new Promise((resolve) => {
      this.socket.addEventListener(type, resolve);
    });
    return Promise.race([event, this.ended, silence(seconds)]);
  }

  /** @type {(message: string | ArrayBuffer, seconds?: number) => Promise<void>} */
  async echoes(message, seconds) {
    this.socket.send(message);
    const { data } = await this.next("message", seconds);
    if (typeof data !== typeof message || findDifference(message, data)) {
      throw new CheckFault({ kind: "different" });
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
