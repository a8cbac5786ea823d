import { copyBy, createButton } from "./buttons.js";
import { closeName, endedWell } from "./close_code.js";
import { byId, create } from "./dom.js";
import { withWords, words } from "./language.js";
import { formatClock } from "./statistics.js";
import { escapeInvisible } from "./visible_text.js";

const badge = byId("state", HTMLElement);
const detail = byId("state-detail", HTMLElement);
const connect = byId("connect", HTMLButtonElement);
const closing = byId("closing", HTMLElement);
const tryNow = byId("try-now", HTMLButtonElement);
const failureBox = byId("failure", HTMLElement);

/**
 * The connection's state in words, beside the button that changes it.
 * @param {import("./session.js").Session} session
 * @param {import("./connection_form.js").ConnectionForm} form
 */
export function showStatus(session, form) {
  const { connection } = session;
  let timer = 0;
  session.on("state", show);
  withWords(show);
  for (const type of ["input", "change"]) {
    byId("connection", HTMLElement).addEventListener(type, () => {
      if (connection.state === "closed" && form.hasChanged) {
        session.forgetFailure();
      } else tick();
    });
  }
  tryNow.addEventListener("click", () => {
    connect.focus();
    connection.retryNow();
  });

  /** Shows the current state, and keeps its clocks running. */
  function show() {
    const { state } = connection;
    const isTrying = ["connecting", "waiting", "closing"].includes(state);
    badge.dataset.state = state;
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
    tick();
    clearInterval(timer);
    if (state === "open") timer = setInterval(tick, 1_000);
    if (state === "waiting") timer = setInterval(tick, 100);
    explain();
  }

  function tick() {
    const { state, openedAt, protocol, retry, url } = connection;
    const now = performance.now();
    const parts = [];
    if (state === "open") {
      parts.push(formatClock(now - openedAt), words.agreed(protocol));
      if (form.url !== url) parts.push(words.changed);
    }
    if (state === "waiting") {
      const left = Math.max(0, retry.at - now) / 1_000;
      parts.push(words.nextTry(left, retry.attempt));
    }
    if ((state === "closed" || state === "waiting") && session.ending) {
      parts.push(words.closed(session.ending));
    }
    detail.textContent = escapeInvisible(parts.join(" · "));
  }

  /** Says why the handshake failed, or why the connection did not end well. */
  function explain() {
    const { ending, failure } = session;
    const bad = ending !== undefined && !endedWell(ending);
    badge.classList.toggle("bad", bad && connection.state === "closed");
    const parts = failure
      ? describeFailure(failure.failure, failure.command)
      // A failed handshake is explained a moment later.
      : bad && !ending.handshakeFailed
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
  return create("p", "", create("strong", "", title), ` · ${explanation}`);
}

/** @type {(failure: import("./handshake_failure.js").Failure, command: string) => HTMLElement[]} With a command that shows the server's response. */
export function describeFailure(failure, command) {
  const text = describe(words.failedTitle, words.failure(failure));
  if (failure.kind === "unreachable" || failure.kind === "rejected") {
    return [text];
  }
  const copy = createButton(words.copy, () => copyBy(copy, command));
  const code = create("code", "command", command);
  const line = create("div", "command-line", code, copy);
  return [text, create("p", "ask", words.askServer), line];
}
