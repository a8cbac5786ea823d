/** Milliseconds between two reports under load. */
const interval = 4;

/**
 * A method of the socket, and what it takes.
 * @typedef {["connect", url: string, protocols: string[]]
 *   | ["send", payloads: (string | ArrayBuffer)[]]
 *   | ["close", code: number | undefined, reason: string | undefined]
 *   | ["abandon"]
 * } Command
 */

/**
 * What happened, and when: in milliseconds since 1970, so that threads agree.
 * @typedef {{ type: "open", began: number, at: number, protocol: string }
 *   | { type: "sent", at: number, length: number }
 *   | { type: "message", at: number, data: string | ArrayBuffer }
 *   | { type: "close", at: number, code: number, reason: string, wasClean: boolean }
 *   | { type: "rejected", message: string }
 * } SocketEvent
 */

/** @typedef {{ events: SocketEvent[], buffered: number }} Report */

/**
 * The length of a payload for a send queue: bytes, or UTF-16 units of text,
 * which cost nothing to count.
 * @param {string | ArrayBuffer} payload
 */
export function lengthOf(payload) {
  return typeof payload === "string" ? payload.length : payload.byteLength;
}

/**
 * A WebSocket that stamps what it sends and receives, and reports it in
 * batches. It runs in a worker, where drawing the page does not delay it.
 */
export class ReportingSocket {
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {SocketEvent[]} */
  #events = [];
  #buffered = 0;
  #reportedAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #report;

  /** @param {(report: Report, transfer: ArrayBuffer[]) => void} report */
  constructor(report) {
    this.#report = report;
  }

  /** @param {Command} command */
  handle([action, ...given]) {
    /** @type {(...given: any[]) => void} */ (this[action])(...given);
  }

  /** @type {(url: string, protocols: string[]) => void} */
  connect(url, protocols) {
    const began = now();
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(url, protocols);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return this.#add({ type: "rejected", message });
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      const { protocol } = socket;
      this.#add({ type: "open", began, at: now(), protocol });
    };
    socket.onmessage = ({ data }) =>
      this.#add({ type: "message", at: now(), data });
    socket.onclose = ({ code, reason, wasClean }) =>
      this.#add({ type: "close", at: now(), code, reason, wasClean });
  }

  /** @param {(string | ArrayBuffer)[]} payloads */
  send(payloads) {
    for (const payload of payloads) {
      if (this.#socket?.readyState !== WebSocket.OPEN) return;
      const at = now();
      this.#socket.send(payload);
      this.#events.push({ type: "sent", at, length: lengthOf(payload) });
    }
    // The reply usually comes sooner: one report then says both.
    this.#flushIn(interval);
  }

  /** @type {(code?: number, reason?: string) => void} */
  close(code, reason) {
    // With a reason, also an empty one, Chromium would send 1000.
    if (code === undefined) this.#socket?.close();
    else this.#socket?.close(code, reason);
  }

  /** Counts as closed from now on, whatever the server does. */
  abandon() {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.CLOSING) return;
    socket.onmessage = socket.onclose = null;
    this.#socket = undefined;
    const close = { code: 1006, reason: "", wasClean: false };
    this.#add({ type: "close", at: now(), ...close });
  }

  /** @param {SocketEvent} event */
  #add(event) {
    this.#events.push(event);
    const pause = this.#reportedAt + interval - performance.now();
    if (pause <= 0) this.#flush();
    else this.#flushIn(pause);
  }

  /** @param {number} pause */
  #flushIn(pause) {
    this.#timer ??= setTimeout(() => this.#flush(), pause);
  }

  #flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const socket = this.#socket;
    // A closed socket never empties its send queue.
    const isClosed = socket?.readyState === WebSocket.CLOSED;
    const buffered = isClosed ? 0 : socket?.bufferedAmount ?? 0;
    const events = this.#events;
    if (events.length > 0 || buffered !== this.#buffered) {
      this.#events = [];
      this.#buffered = buffered;
      this.#reportedAt = performance.now();
      const transfer = events.flatMap((event) =>
        event.type === "message" && typeof event.data !== "string"
          ? [event.data]
          : []
      );
      this.#report({ events, buffered }, transfer);
    }
    // No event tells that the send queue has emptied.
    if (buffered > 0) this.#flushIn(interval);
  }
}

/** Milliseconds since 1970. */
function now() {
  return performance.timeOrigin + performance.now();
}
