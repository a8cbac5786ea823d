// @ts-check
import { Burst } from "./burst.js";
import { byId, setMarked, showFault } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { History } from "./history.js";
import { withWords, words } from "./language.js";
import { byteLength, parseHex } from "./payload.js";
import { parseTemplate } from "./template.js";

/** @typedef {"text" | "hex" | "file"} Mode */
/** @typedef {string | ArrayBuffer} Payload */

const form = byId("composer", HTMLFormElement);
const message = byId("message", HTMLTextAreaElement);
const drop = byId("drop", HTMLElement);
const picker = byId("file", HTMLInputElement);
const fileName = byId("file-name", HTMLElement);
const sizeOutput = byId("message-size", HTMLOutputElement);
const messageFault = byId("message-fault", HTMLElement);
const sendAnyway = byId("send-anyway", HTMLButtonElement);
const copies = byId("copies", HTMLInputElement);
const pause = byId("pause", HTMLInputElement);
const repeatFault = byId("repeat-fault", HTMLElement);
const sendButton = byId("send", HTMLButtonElement);
const progress = byId("progress", HTMLElement);
const verdict = byId("verdict", HTMLElement);

/** What the fields of a repetition accept. */
const accepted = {
  copies: { kind: "integer", min: 1, max: 1_000_000 },
  pause: { kind: "integer", min: 0, max: 60_000, unit: "ms" },
};

const narrow = matchMedia("(max-width: 599px)");

const onApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Writes and sends messages. */
export class Composer {
  /** @type {Mode} */
  #mode = "text";
  /** The text in the field of each mode. */
  #drafts = { text: "", hex: "" };
  /** @type {File | undefined} */
  #file;
  #history = new History();
  /** The text that the history put into the field. */
  #recalled = "";
  #burst;
  /** @type {import("./verdict.js").Outcome | undefined} Of the last burst. */
  #outcome;
  #session;
  /** @type {(() => string) | undefined} */
  #fault;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    this.#burst = new Burst(session);
    session.on("state", () => this.#connectionChanged());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#burst.running) this.#burst.stop();
      else this.#submit(false);
    });
    form.addEventListener("keydown", (event) => this.#pressed(event));
    form.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "mode") {
        this.#setMode(/** @type {Mode} */ (target.value));
      }
    });
    sendAnyway.addEventListener("click", () => this.#submit(true));
    message.addEventListener("input", () => this.#edited());
    picker.addEventListener("change", () => {
      if (picker.files?.[0] !== undefined) this.setFile(picker.files[0]);
    });
    for (const field of [copies, pause]) {
      field.addEventListener("input", () => this.#showRepeat());
    }
    withWords(() => this.#showAll());
  }

  /** Focuses the field; on a narrow screen, with the log below it in sight. */
  focus() {
    if (this.#mode === "file") picker.focus();
    else message.focus();
    if (narrow.matches) form.scrollIntoView({ block: "start" });
  }

  /** @param {File} file */
  setFile(file) {
    this.#file = file;
    this.#setMode("file");
  }

  /** The connection has changed: a fault may no longer apply. */
  #connectionChanged() {
    form.classList.toggle("unconnected", !this.#isOpen);
    if (!this.#isOpen) this.#burst.stop();
    if (this.#fault !== undefined && this.#isOpen) this.#setFault();
  }

  get #isOpen() {
    return this.#session.connection.state === "open";
  }

  /** The largest message that the server accepts, where it is known. */
  get #limit() {
    const { connection, server } = this.#session;
    return connection.url.startsWith(`${webSocketOrigin(location)}/`)
      ? server?.limits.maxMessageSize
      : undefined;
  }

  /** @param {Mode} mode */
  #setMode(mode) {
    if (this.#mode !== "file") this.#drafts[this.#mode] = message.value;
    this.#mode = mode;
    if (mode !== "file") message.value = this.#drafts[mode];
    this.#history.leave();
    this.#setFault();
    this.#showAll();
  }

  #showAll() {
    const mode = this.#mode;
    const radio = form.querySelector(`input[name="mode"][value="${mode}"]`);
    if (radio instanceof HTMLInputElement) radio.checked = true;
    const written = mode !== "file";
    message.hidden = !written;
    drop.hidden = written;
    message.classList.toggle("code", mode === "hex");
    message.setAttribute(
      "aria-label",
      mode === "hex" ? words.hexLabel : words.textLabel,
    );
    message.placeholder = mode === "hex"
      ? words.hexPlaceholder
      : words.textPlaceholder;
    const keys = words.keys(onApple ? "⌘ ↵" : "Ctrl+Enter");
    setMarked(
      byId("message-keys", HTMLElement),
      mode === "text" ? `${keys} · ${words.placeholders}` : written ? keys : "",
    );
    fileName.textContent = this.#file?.name ?? words.noFile;
    this.#showSize();
    this.#showFault();
    this.#showRepeat();
    this.#showOutcome(this.#outcome);
  }

  /** @param {import("./verdict.js").Outcome} [outcome] */
  #showOutcome(outcome) {
    this.#outcome = outcome;
    const text = outcome === undefined ? "" : words.verdict(outcome);
    // Assistive technology announces what is written anew.
    if (verdict.textContent !== text) verdict.textContent = text;
  }

  #edited() {
    if (message.value !== this.#recalled) this.#history.leave();
    this.#setFault();
    this.#showSize();
  }

  #showSize() {
    if (this.#mode === "file") {
      sizeOutput.textContent = this.#file ? words.size(this.#file.size) : "";
      return;
    }
    const { bytes, fault } = this.#written();
    // A single digit at the end is usually a half-typed byte.
    const unfinished = fault?.found === undefined;
    if (fault !== undefined && !unfinished) {
      this.#setFault(() => words.hexFault(fault));
    }
    sizeOutput.textContent = fault === undefined ? words.size(bytes) : "";
  }

  /** @returns {{ payload: Payload, bytes: number, fault?: import("./payload.js").HexFault }} */
  #written() {
    if (this.#mode !== "hex") {
      return { payload: message.value, bytes: byteLength(message.value) };
    }
    const read = parseHex(message.value);
    return "fault" in read
      ? { payload: "", bytes: 0, fault: read.fault }
      : { payload: read.bytes.buffer, bytes: read.bytes.length };
  }

  /** @param {() => string} [fault] */
  #setFault(fault) {
    this.#fault = fault;
    sendAnyway.hidden = true;
    this.#showFault();
  }

  #showFault() {
    const field = this.#mode === "file" ? picker : message;
    showFault(field, messageFault, this.#fault?.() ?? "");
  }

  /** @returns {{ copies: number, pause: number } | undefined} */
  #showRepeat() {
    const n = readWhole(copies.value, accepted.copies);
    const ms = readWhole(pause.value, accepted.pause);
    const countFault = n === undefined ? words.expected(accepted.copies) : "";
    const pauseFault = ms === undefined ? words.expected(accepted.pause) : "";
    showFault(copies, repeatFault, countFault);
    showFault(pause, repeatFault, countFault || pauseFault);
    if (ms !== undefined) pause.removeAttribute("aria-invalid");
    if (!this.#burst.running) {
      sendButton.textContent = n === undefined || n === 1
        ? words.send
        : words.sendMany(n);
    } else sendButton.textContent = words.stop;
    return n === undefined || ms === undefined
      ? undefined
      : { copies: n, pause: ms };
  }

  /** @param {boolean} anyway Also if it is above the server's limit. */
  async #submit(anyway) {
    const repeat = this.#showRepeat();
    if (repeat === undefined) {
      (copies.matches("[aria-invalid]") ? copies : pause).focus();
      return;
    }
    const mode = this.#mode;
    const written = mode === "file" ? undefined : this.#written();
    const fault = written?.fault;
    if (fault !== undefined) return this.#setFault(() => words.hexFault(fault));
    if (mode === "file" && this.#file === undefined) {
      return this.#setFault(() => words.noFile);
    }
    if (!this.#isOpen) return this.#setFault(() => words.notConnected);
    const size = written?.bytes ?? this.#file?.size ?? 0;
    const limit = this.#limit;
    if (limit !== undefined && size > limit && !anyway) {
      this.#setFault(() => words.tooBig(size, limit));
      sendAnyway.hidden = false;
      return;
    }
    this.#setFault();
    /** @type {Payload} */
    let payload;
    try {
      payload = written?.payload ?? await this.#file?.arrayBuffer() ?? "";
    } catch {
      return this.#setFault(() => words.fileGone);
    }
    if (!this.#isOpen) return this.#setFault(() => words.notConnected);
    if (mode !== "file") {
      this.#history.add(mode, message.value);
      message.value = "";
      this.#showSize();
    }
    this.#send(payload, size, repeat);
  }

  /**
   * @param {Payload} payload
   * @param {number} size
   * @param {{ copies: number, pause: number }} repeat
   */
  #send(payload, size, { copies, pause }) {
    progress.hidden = copies === 1;
    const isTemplate = this.#mode === "text";
    if (copies === 1) {
      const text = isTemplate && typeof payload === "string"
        ? parseTemplate(payload)?.fill(1)
        : undefined;
      return text === undefined
        ? this.#session.send(payload, size)
        : this.#session.send(text, byteLength(text));
    }
    this.#showOutcome();
    this.#burst.start({
      payload,
      size,
      isTemplate,
      copies,
      pause,
      progress: (done) => {
        progress.textContent = words.progress(done, copies);
      },
      ended: () => this.#showRepeat(),
      judged: (outcome) => this.#showOutcome(outcome),
    });
    this.#showRepeat();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const mode = this.#mode;
    if (event.target !== message || mode === "file") return;
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    if (message.value !== "" && message.value !== this.#recalled) return;
    if (event.shiftKey || event.isComposing) return;
    const text = this.#history.walk(mode, event.key === "ArrowUp" ? -1 : 1);
    if (text === undefined) return;
    event.preventDefault();
    this.#recalled = text;
    message.value = text;
    this.#setFault();
    this.#showSize();
  }
}

/**
 * @param {string} text
 * @param {{ min: number, max: number }} range
 * @returns {number | undefined}
 */
function readWhole(text, { min, max }) {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  return number >= min && number <= max ? number : undefined;
}
