// @ts-check
import { findDifference } from "./difference.js";

/** @typedef {import("./payload.js").Payload} Payload */

/**
 * Why a step failed. `silent`: nothing came for so many seconds; `closed`: so
 * many seconds after it began; `description`: `info=1` gave none.
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
/** Milliseconds between two looks at the time. */
const tick = 250;

/** A step of the proxy check has failed. */
export class CheckFault extends Error {
  /** @param {Fault} fault */
  constructor(fault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** One connection of the check, whose messages are read one by one. */
export class CheckConnection {
  /** @type {Payload[]} */
  #messages = [];
  /** @type {CloseEvent | undefined} */
  #ending;
  #began = 0;
  #signal;
  /** Has whoever waits look again. */
  #wake = () => {};

  /**
   * @param {WebSocket} socket
   * @param {AbortSignal} signal
   */
  constructor(socket, signal) {
    this.socket = socket;
    this.#signal = signal;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#wake();
    socket.onmessage = ({ data }) => {
      this.#messages.push(data);
      this.#wake();
    };
    socket.onclose = (event) => {
      this.#ending = event;
      this.#wake();
    };
    signal.addEventListener("abort", () => this.#wake());
  }

  /**
   * @template T
   * @param {() => T | undefined} find
   * @param {number} [seconds]
   * @returns {Promise<T>}
   */
  async #wait(find, seconds = patience) {
    const until = performance.now() + seconds * 1_000;
    const timer = setInterval(() => this.#wake(), tick);
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        const found = find();
        if (found !== undefined) return found;
        if (performance.now() >= until) {
          throw new CheckFault({ kind: "silent", seconds });
        }
        await new Promise((resolve) => this.#wake = () => resolve(undefined));
      }
    } finally {
      clearInterval(timer);
    }
  }

  /** Until it is open. */
  async opened() {
    await this.#wait(() => {
      if (this.#ending) throw new CheckFault({ kind: "handshake" });
      return this.socket.readyState === WebSocket.OPEN || undefined;
    });
    this.#began = performance.now();
  }

  /** @param {number} [seconds] */
  next(seconds) {
    return this.#wait(() => this.#messages.shift() ?? this.#live(), seconds);
  }

  /** @returns {undefined} */
  #live() {
    if (this.#ending === undefined) return;
    const { code, reason } = this.#ending;
    const seconds = (performance.now() - this.#began) / 1_000;
    throw new CheckFault({ kind: "closed", code, reason, seconds });
  }

  /** @param {{ code: number, reason?: string }} expected How it is to be closed. */
  async closed(expected) {
    const { code, reason } = await this.#wait(() => this.#ending);
    if (code !== expected.code || reason !== (expected.reason ?? reason)) {
      this.#live();
    }
  }

  /** @param {() => boolean} holds Until this is so, it has to stay open. */
  async stay(holds) {
    await this.#wait(() => this.#live() ?? (holds() || undefined), Infinity);
  }

  /**
   * Until a message has come back as it was sent.
   * @param {string | ArrayBuffer} message
   * @param {number} [seconds]
   */
  async echo(message, seconds) {
    this.socket.send(message);
    const reply = await this.next(seconds);
    if (typeof reply !== typeof message || findDifference(message, reply)) {
      throw new CheckFault({ kind: "different" });
    }
  }
}
