import { lengthOf, ReportingSocket } from "./socket.js";

/**
 * Of RFC 6455's states, plus `idle` before the first attempt and `waiting`
 * between two attempts.
 * @typedef {"idle" | "connecting" | "open" | "closing" | "closed" | "waiting"} State
 */

/**
 * `handshakeFailed`: it never opened, and the user did not cancel.
 * @typedef {{ code: number, reason: string, wasClean: boolean, handshakeFailed: boolean }} Ending
 */

/**
 * @typedef {object} Observer
 * @property {() => void} changed The state has changed.
 * @property {() => void} attempting A handshake begins.
 * @property {(handshake: number) => void} opened With its duration in
 * milliseconds.
 * @property {(at: number) => void} sent The next message was sent; times are
 * in milliseconds since 1970.
 * @property {(data: string | ArrayBuffer, at: number) => void} received
 * @property {(ending: Ending) => void} closed
 * @property {(message: string) => void} rejected The browser did not try.
 */

/** A connection must last this long, in milliseconds, to count as restored. */
const restoredAfter = 5_000;

/**
 * The pause before an attempt to reconnect, in milliseconds.
 * @param {number} attempt Counted from 1.
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
  /** When it opened, on the clock of `performance.now()`; 0: it has not. */
  openedAt = 0;
  /** When the next attempt is due, on the same clock, and which it is. */
  retry = { at: 0, attempt: 0 };
  /** The agreed subprotocol, or an empty string. */
  protocol = "";
  /** @type {(...command: import("./socket.js").Command) => void} */
  #ask;
  /** @type {(string | ArrayBuffer)[]} Goes to the socket in one piece. */
  #outbox = [];
  /** The length of what went to the socket and was not sent yet. */
  #handedOver = 0;
  /** The send queue of the browser at the last report. */
  #buffered = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #giveUp = false;
  #observer;

  /** @param {Observer} observer */
  constructor(observer) {
    this.#observer = observer;
    const url = new URL("./socket_worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    this.#ask = (...command) => worker.postMessage(command);
    worker.onmessage = ({ data }) => {
      worker.onerror = null;
      this.#happened(data);
    };
    // It does not start: then the page's own thread has to do.
    worker.onerror = () => {
      const socket = new ReportingSocket((report) => this.#happened(report));
      this.#ask = (...command) => socket.handle(command);
      if (this.state === "connecting") this.#open();
    };
  }

  /** About how many bytes wait to be sent: text counts as UTF-16 units. */
  get bufferedAmount() {
    return this.#handedOver + this.#buffered;
  }

  /** @type {(url: string, protocols: string[]) => void} */
  connect(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    this.retry.attempt = 0;
    this.#giveUp = false;
    this.#attempt();
  }

  /**
   * Closes, or gives up an attempt, the wait for one, or that for a close.
   * @type {(code?: number, reason?: string) => void}
   */
  disconnect(code, reason) {
    this.#giveUp = true;
    clearTimeout(this.#timer);
    if (this.state === "waiting") return this.#change("closed");
    if (this.state === "closing") return this.#ask("abandon");
    this.#change("closing");
    this.#handOver();
    this.#ask("close", code, reason);
  }

  /** Ends the wait for the next attempt. */
  retryNow() {
    if (this.state !== "waiting") return;
    clearTimeout(this.#timer);
    this.#attempt();
  }

  /** @param {string | ArrayBuffer} data */
  send(data) {
    if (this.#outbox.length === 0) queueMicrotask(() => this.#handOver());
    this.#outbox.push(data);
    this.#handedOver += lengthOf(data);
  }

  #handOver() {
    const payloads = this.#outbox.splice(0);
    if (payloads.length > 0) this.#ask("send", payloads);
  }

  #attempt() {
    this.openedAt = 0;
    this.protocol = "";
    this.#change("connecting");
    this.#observer.attempting();
    this.#open();
  }

  #open() {
    this.#ask("connect", this.url, this.protocols);
  }

  /** @param {import("./socket.js").Report} report */
  #happened({ events, buffered }) {
    this.#buffered = buffered;
    for (const event of events) {
      switch (event.type) {
        case "open":
          this.openedAt = event.at - performance.timeOrigin;
          this.protocol = event.protocol;
          // The user may have given up in the meantime.
          if (this.state !== "connecting") break;
          this.#change("open");
          this.#observer.opened(event.at - event.began);
          break;
        case "sent":
          this.#handedOver -= event.length;
          this.#observer.sent(event.at);
          break;
        case "message":
          this.#observer.received(event.data, event.at);
          break;
        case "close":
          this.#closed(event);
          break;
        case "rejected":
          this.#change("closed");
          this.#observer.rejected(event.message);
      }
    }
  }

  /** @param {{ at: number, code: number, reason: string, wasClean: boolean }} event */
  #closed({ at, code, reason, wasClean }) {
    this.#handedOver = 0;
    this.#outbox = [];
    const opened = this.openedAt > 0;
    const lasted = at - performance.timeOrigin - this.openedAt;
    if (opened && lasted >= restoredAfter) this.retry.attempt = 0;
    const handshakeFailed = !opened && !this.#giveUp;
    if (this.reconnect && !this.#giveUp) this.#wait();
    else this.#change("closed");
    this.#observer.closed({ code, reason, wasClean, handshakeFailed });
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
