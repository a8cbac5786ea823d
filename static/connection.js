// @ts-check

/**
 * Of RFC 6455's states, plus `idle` before the first attempt and `waiting`
 * between two attempts.
 * @typedef {"idle" | "connecting" | "open" | "closing" | "closed" | "waiting"} State
 */

/**
 * @typedef {object} Ending
 * @property {number} code
 * @property {string} reason
 * @property {boolean} wasClean
 * @property {boolean} handshakeFailed It never opened, and the user did not
 * cancel.
 */

/**
 * @typedef {object} Observer
 * @property {() => void} changed The state has changed.
 * @property {() => void} attempting A handshake begins.
 * @property {(handshake: number) => void} opened With its duration in
 * milliseconds.
 * @property {(data: string | ArrayBuffer, at: number) => void} received
 * @property {(ending: Ending) => void} closed
 * @property {(message: string) => void} rejected The browser did not try.
 */

/** A connection must last this long, in milliseconds, to count as restored. */
const restoredAfter = 5_000;

/**
 * The pause before an attempt to reconnect: it doubles up to half a minute.
 * @param {number} attempt Counted from 1.
 * @returns {number} Milliseconds.
 */
export function pauseBefore(attempt) {
  return Math.min(500 * 2 ** (attempt - 1), 30_000);
}

/** One WebSocket at a time, and the attempts to reconnect it. */
export class Connection {
  /** @type {State} */
  state = "idle";
  url = "";
  /** @type {string[]} */
  protocols = [];
  /** Whether to reconnect after a close that the user did not ask for. */
  reconnect = false;
  /** When it opened, on the clock of `performance.now()`. */
  openedAt = 0;
  /** When the next attempt is due, on the same clock, and which it is. */
  retry = { at: 0, attempt: 0 };
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #giveUp = false;
  #observer;

  /** @param {Observer} observer */
  constructor(observer) {
    this.#observer = observer;
  }

  /** The agreed subprotocol, or an empty string. */
  get protocol() {
    return this.#socket?.protocol ?? "";
  }

  /** Bytes in the send queue of the browser. */
  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /**
   * @param {string} url
   * @param {string[]} protocols
   */
  connect(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    this.retry.attempt = 0;
    this.#giveUp = false;
    this.#attempt();
  }

  /**
   * Closes, or gives up an attempt or the wait for one.
   * @param {number} [code]
   * @param {string} [reason]
   */
  disconnect(code, reason) {
    this.#giveUp = true;
    clearTimeout(this.#timer);
    if (this.state === "waiting") return this.#change("closed");
    if (this.state === "closing") return;
    const opening = this.state === "connecting";
    this.#change("closing");
    if (opening || code === undefined) this.#socket?.close();
    else this.#socket?.close(code, reason);
  }

  /** Ends the wait for the next attempt. */
  retryNow() {
    if (this.state !== "waiting") return;
    clearTimeout(this.#timer);
    this.#attempt();
  }

  /** @param {string | ArrayBuffer | Uint8Array<ArrayBuffer>} data */
  send(data) {
    this.#socket?.send(data);
  }

  #attempt() {
    const began = performance.now();
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(this.url, this.protocols);
    } catch (error) {
      this.#change("closed");
      this.#observer.rejected(
        error instanceof Error ? error.message : String(error),
      );
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.openedAt = performance.now();
      this.#change("open");
      this.#observer.opened(this.openedAt - began);
    };
    socket.onmessage = ({ data }) =>
      this.#observer.received(data, performance.now());
    socket.onclose = ({ code, reason, wasClean }) => {
      const lasted = opened ? performance.now() - this.openedAt : 0;
      if (lasted >= restoredAfter) this.retry.attempt = 0;
      const handshakeFailed = !opened && !this.#giveUp;
      if (this.reconnect && !this.#giveUp) this.#wait();
      else this.#change("closed");
      this.#observer.closed({ code, reason, wasClean, handshakeFailed });
    };
    this.#change("connecting");
    this.#observer.attempting();
  }

  #wait() {
    const attempt = this.retry.attempt + 1;
    const pause = pauseBefore(attempt);
    this.retry = { attempt, at: performance.now() + pause };
    this.#timer = setTimeout(() => this.#attempt(), pause);
    this.#change("waiting");
  }

  /** @param {State} state */
  #change(state) {
    this.state = state;
    this.#observer.changed();
  }
}
