// @ts-check
import { byId, copyText, create } from "./dom.js";
import { withWords, words } from "./language.js";
import { formatClock } from "./statistics.js";

/** @typedef {import("./connection.js").Connection} Connection */
/** @typedef {import("./handshake_failure.js").Failure} Failure */
/** @typedef {{ code: number, reason: string, wasClean: boolean }} Close */

const badge = byId("state", HTMLElement);
const detail = byId("state-detail", HTMLElement);
const connect = byId("connect", HTMLButtonElement);
const closing = byId("closing", HTMLElement);
const failureBox = byId("failure", HTMLElement);

/** The connection's state in words, beside the button that changes it. */
export class StatusLine {
  #connection;
  /** @type {Close | undefined} */
  #close;
  /** @type {{ failure: Failure, command: string } | undefined} */
  #failure;
  #urlChanged = false;
  #timer = 0;

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    withWords(() => {
      this.show();
      this.#showFailure();
    });
  }

  /**
   * @param {Close | undefined} close The last connection's close; `undefined`
   * where it no longer matters.
   */
  setClose(close) {
    this.#close = close;
    this.show();
  }

  /** @param {boolean} changed The form's URL is not the connected one. */
  setUrlChanged(changed) {
    this.#urlChanged = changed;
    this.#tick();
  }

  /** @param {{ failure: Failure, command: string } | undefined} failure */
  setFailure(failure) {
    this.#failure = failure;
    this.#showFailure();
  }

  /**
   * @param {Failure} failure
   * @returns {boolean} Whether this failure is already shown.
   */
  shows(failure) {
    return JSON.stringify(failure) === JSON.stringify(this.#failure?.failure);
  }

  /** Shows the current state, and keeps its clocks running. */
  show() {
    const { state } = this.#connection;
    badge.dataset.state = state;
    badge.textContent = words.states[state];
    connect.textContent = state === "open"
      ? words.disconnect
      : state === "connecting" || state === "waiting"
      ? words.cancel
      : words.connect;
    connect.classList.toggle("danger", state === "open");
    connect.classList.toggle(
      "plain",
      state === "connecting" || state === "waiting",
    );
    connect.setAttribute("aria-disabled", String(state === "closing"));
    closing.hidden = state !== "open" && state !== "closing";
    document.title = state === "idle"
      ? "wsecho"
      : `${words.states[state]} · wsecho`;
    this.#tick();
    clearInterval(this.#timer);
    if (state === "open") this.#timer = setInterval(() => this.#tick(), 1_000);
    if (state === "waiting") this.#timer = setInterval(() => this.#tick(), 100);
  }

  #tick() {
    const { state, openedAt, protocol, retry } = this.#connection;
    const now = performance.now();
    const parts = [];
    if (state === "open") {
      parts.push(formatClock(now - openedAt), words.agreed(protocol));
      if (this.#urlChanged) parts.push(words.changed);
    }
    if (state === "waiting") {
      const left = Math.max(0, retry.at - now) / 1_000;
      parts.push(
        words.nextTry(left < 10 ? left : Math.ceil(left), retry.attempt),
      );
    }
    if ((state === "closed" || state === "waiting") && this.#close) {
      parts.push(words.closed(this.#close));
    }
    detail.textContent = parts.join(" · ");
  }

  #showFailure() {
    failureBox.hidden = this.#failure === undefined;
    if (this.#failure === undefined) return failureBox.replaceChildren();
    const { failure, command } = this.#failure;
    failureBox.replaceChildren(...describeFailure(failure, command));
  }
}

/**
 * The explanation of a failed handshake, and a command that shows the server's
 * response.
 * @param {Failure} failure
 * @param {string} command
 * @returns {HTMLElement[]}
 */
export function describeFailure(failure, command) {
  const text = create("p");
  text.append(
    create("strong", undefined, words.failedTitle),
    " · ",
    words.failure(failure),
  );
  if (failure.kind === "unreachable" || failure.kind === "rejected") {
    return [text];
  }
  const code = create("code", "command", command);
  const copy = create("button", undefined, words.copyCommand);
  copy.type = "button";
  copy.addEventListener("click", async () => {
    copy.textContent = await copyText(command)
      ? words.copied
      : words.copyFailed;
  });
  const line = create("div", "command-line");
  line.append(code, copy);
  return [text, create("p", "ask", words.askServer), line];
}
