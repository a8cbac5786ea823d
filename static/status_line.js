// @ts-check
import { copyBy, createButton } from "./buttons.js";
import { closeName, endedWell } from "./close_code.js";
import { appendVisible, byId, create } from "./dom.js";
import { withWords, words } from "./language.js";
import { formatClock } from "./statistics.js";
import { escapeInvisible } from "./visible_text.js";

/** @typedef {import("./connection.js").Ending} Ending */

const badge = byId("state", HTMLElement);
const detail = byId("state-detail", HTMLElement);
const connect = byId("connect", HTMLButtonElement);
const closing = byId("closing", HTMLElement);
const tryNow = byId("try-now", HTMLButtonElement);
const failureBox = byId("failure", HTMLElement);

/** The connection's state in words, beside the button that changes it. */
export class StatusLine {
  #session;
  #form;
  #timer = 0;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./connection_form.js").ConnectionForm} form
   */
  constructor(session, form) {
    this.#session = session;
    this.#form = form;
    session.on("state", () => this.#show());
    for (const type of ["input", "change"]) {
      byId("connection", HTMLElement).addEventListener(type, () => {
        if (session.connection.state === "closed" && form.hasChanged) {
          session.forgetFailure();
        } else this.#tick();
      });
    }
    tryNow.addEventListener("click", () => {
      connect.focus();
      session.connection.retryNow();
    });
    withWords(() => this.#show());
  }

  /** Shows the current state, and keeps its clocks running. */
  #show() {
    const { connection: { state }, ending } = this.#session;
    const bad = ending !== undefined && !endedWell(ending);
    const isTrying = ["connecting", "waiting", "closing"].includes(state);
    badge.dataset.state = state;
    badge.classList.toggle("bad", bad && state === "closed");
    badge.textContent = words.states[state];
    tryNow.hidden = state !== "waiting";
    connect.textContent = state === "open"
      ? words.disconnect
      : isTrying
      ? words.cancel
      : words.connect;
    connect.classList.toggle("danger", state === "open");
    connect.classList.toggle("plain", isTrying);
    closing.hidden = state !== "open" && state !== "closing";
    document.title = state === "idle"
      ? "wsecho"
      : `${words.states[state]} · wsecho`;
    this.#tick();
    clearInterval(this.#timer);
    if (state === "open" || state === "waiting") {
      const interval = state === "open" ? 1_000 : 100;
      this.#timer = setInterval(() => this.#tick(), interval);
    }
    // A failed handshake is explained a moment later.
    this.#explain(bad && !ending.handshakeFailed ? ending : undefined);
  }

  #tick() {
    const { connection, ending } = this.#session;
    const { state, openedAt, protocol, retry, url } = connection;
    const now = performance.now();
    const parts = [];
    if (state === "open") {
      parts.push(formatClock(now - openedAt), words.agreed(protocol));
      if (this.#form.url !== url) parts.push(words.changed);
    }
    if (state === "waiting") {
      const left = Math.max(0, retry.at - now) / 1_000;
      parts.push(words.nextTry(left, retry.attempt));
    }
    if ((state === "closed" || state === "waiting") && ending) {
      parts.push(words.closed(ending));
    }
    detail.textContent = escapeInvisible(parts.join(" · "));
  }

  /** @param {Ending} [ending] One to explain, unless a handshake failed. */
  #explain(ending) {
    const { failure } = this.#session;
    const parts = failure
      ? describeFailure(failure.failure, failure.command)
      : ending
      ? [describeClose(ending.code, words.closing(ending.code, ending.reason))]
      : [];
    const text = parts.map(({ textContent }) => textContent).join("");
    // What repeats, as between two attempts, must not move the page again.
    if (text === failureBox.textContent) return;
    failureBox.hidden = text === "";
    failureBox.replaceChildren(...parts);
    failureBox.scrollIntoView({ block: "nearest" });
  }
}

/** @type {(code: number, title: string) => HTMLElement} A close, explained. */
export function describeClose(code, title) {
  const range = closeName(code);
  return describe(title, words.closeMeaning[code] ?? words.noMeaning(range));
}

/** @type {(title: string, explanation: string) => HTMLElement} */
function describe(title, explanation) {
  const text = create("p");
  appendVisible(text.appendChild(create("strong")), title);
  appendVisible(text, ` · ${explanation}`);
  return text;
}

/**
 * The explanation of a failed handshake, and a command that shows the server's
 * response.
 * @param {import("./handshake_failure.js").Failure} failure
 * @param {string} command
 */
export function describeFailure(failure, command) {
  const text = describe(words.failedTitle, words.failure(failure));
  if (failure.kind === "unreachable" || failure.kind === "rejected") {
    return [text];
  }
  const copy = createButton(words.copy, () => copyBy(copy, command));
  const line = create("div", "command-line");
  line.append(create("code", "command", command), copy);
  return [text, create("p", "ask", words.askServer), line];
}
