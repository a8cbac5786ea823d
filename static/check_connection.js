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
/** Milliseconds between two reports of the silence. */
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
  #opened = false;
  #began = performance.now();
  #signal;
  /** Looks again for what is awaited. */
  look = () => {};

  /**
   * @param {WebSocket} socket
   * @param {AbortSignal} signal
   */
  constructor(socket, signal) {
    this.socket = socket;
    this.#signal = signal;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#opened = true;
      this.look();
    };
    socket.onmessage = ({ data }) => {
      this.#messages.push(data);
      this.look();
    };
    socket.onclose = (event) => {
      this.#ending = event;
      this.look();
    };
    signal.addEventListener("abort", () => this.look());
  }

  /**
   * @template T
   * @param {() => T | undefined} find
   * @param {number} [seconds] Default: any time.
   * @returns {Promise<T>}
   */
  #wait(find, seconds) {
    return new Promise((resolve, reject) => {
      const timer = seconds === undefined ? undefined : setTimeout(() => {
        this.look = () => {};
        reject(new CheckFault({ kind: "silent", seconds }));
      }, seconds * 1_000);
      this.look = () => {
        try {
          this.#signal.throwIfAborted();
          const found = find();
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(error);
        }
        clearTimeout(timer);
        this.look = () => {};
      };
      this.look();
    });
  }

  /** Until it is open. */
  async opened() {
    await this.#wait(() => {
      if (this.#opened) return true;
      if (this.#ending) throw new CheckFault({ kind: "handshake" });
    }, patience);
    this.#began = performance.now();
  }

  /** @param {number} [seconds] */
  next(seconds = patience) {
    return this.#wait(() => this.#messages.shift() ?? this.#live(), seconds);
  }

  /** @returns {undefined} */
  #live() {
    if (this.#ending === undefined) return;
    const { code, reason } = this.#ending;
    const seconds = (performance.now() - this.#began) / 1_000;
    throw new CheckFault({ kind: "closed", code, reason, seconds });
  }

  /**
   * Until it is closed as expected.
   * @param {{ code: number, reason?: string }} expected
   */
  async closed(expected) {
    const { code, reason } = await this.#wait(() => this.#ending, patience);
    if (code !== expected.code || reason !== (expected.reason ?? reason)) {
      this.#live();
    }
  }

  /**
   * Until a condition holds, while it has to stay open.
   * @param {() => boolean} holds
   */
  async stay(holds) {
    const timer = setInterval(() => this.look(), tick);
    try {
      await this.#wait(() => this.#live() ?? (holds() || undefined));
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * Until a message has come back as it was sent.
   * @param {string | Uint8Array<ArrayBuffer>} message
   * @param {number} [seconds]
   */
  async echo(message, seconds) {
    this.socket.send(message);
    const reply = await this.next(seconds);
    const sent = typeof message === "string" ? message : message.buffer;
    if (
      typeof reply !== typeof sent || findDifference(sent, reply) !== undefined
    ) throw new CheckFault({ kind: "different" });
  }
}
