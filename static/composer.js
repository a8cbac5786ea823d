// @ts-check
import { Burst, parseTemplate } from "./burst.js";
import { byId, setMarked, showFault } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { History } from "./history.js";
import { withWords, words } from "./language.js";
import { byteLength, decodeUtf8, parseHex, toBytes } from "./payload.js";
import { RepeatFields } from "./repeat_fields.js";
import { store, tabStore } from "./storage.js";
import { escapeInvisible } from "./visible_text.js";

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
const asText = byId("as-text", HTMLInputElement);
const clearAfter = byId("clear-after", HTMLInputElement);
const forget = byId("forget", HTMLButtonElement);
const sendButton = byId("send", HTMLButtonElement);
const progress = byId("progress", HTMLElement);
const verdict = byId("verdict", HTMLElement);

const draftKey = "wsecho.draft";
const clearKey = "wsecho.clearAfter";

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
  #repeat = new RepeatFields(() => this.#showRepeat());
  /** Send was pressed before the connection was open. */
  #sendsOnOpen = false;
  #connect;
  #burst;
  /** @type {import("./burst.js").Outcome | undefined} Of the last burst. */
  #outcome;
  #session;
  /** @type {(() => string) | undefined} */
  #fault;

  /**
   * @param {import("./session.js").Source} session
   * @param {() => boolean} [connect] Begins to connect, unless something is
   * wrong.
   */
  constructor(session, connect = () => false) {
    this.#session = session;
    this.#connect = connect;
    this.#burst = new Burst(session);
    session.on("state", () => this.#connectionChanged());
    session.on("opened", () => {
      if (this.#sendsOnOpen) this.#submit(false);
      this.#sendsOnOpen = false;
    });
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
    clearAfter.checked = store.read(clearKey) === true;
    clearAfter.addEventListener("change", () => {
      store.write(clearKey, clearAfter.checked);
    });
    forget.addEventListener("click", () => {
      this.#history.forget();
      message.focus();
      this.#showAll();
    });
    this.#restore();
    addEventListener("pagehide", () => this.#keep());
    withWords(() => this.#showAll());
  }

  /** Keeps what was typed for a reload of the tab. */
  #keep() {
    if (this.#mode !== "file") this.#drafts[this.#mode] = message.value;
    const draft = { ...this.#drafts, ...this.#repeat.texts, mode: this.#mode };
    tabStore.write(draftKey, draft);
  }

  #restore() {
    const kept = /** @type {any} */ (tabStore.read(draftKey));
    const fields = ["text", "hex", "copies", "pause"];
    if (!fields.every((name) => typeof kept?.[name] === "string")) return;
    this.#drafts = { text: kept.text, hex: kept.hex };
    this.#repeat.texts = kept;
    this.#mode = kept.mode === "hex" ? "hex" : "text";
    message.value = this.#drafts[this.#mode];
    this.#history.begin(this.#mode, message.value);
  }

  /**
   * Sends a text as the user would, unless the user has written another one.
   * @param {string} text
   * @param {number} copies
   */
  say(text, copies) {
    if (this.#mode !== "text") this.#setMode("text");
    message.value ||= text;
    this.#repeat.texts = { copies: String(copies), pause: "0" };
    this.#showAll();
    this.#submit(false);
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
    if (this.#session.connection.state === "closed") this.#sendsOnOpen = false;
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
    if (mode !== "file") {
      message.value = this.#drafts[mode];
      this.#history.begin(mode, message.value);
    }
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
    fileName.textContent = escapeInvisible(this.#file?.name ?? words.noFile);
    byId("as-text-row", HTMLElement).hidden = this.#file === undefined;
    forget.hidden = !written || this.#history.isEmpty;
    this.#showSize();
    this.#showFault();
    this.#showRepeat();
    this.#showOutcome(this.#outcome);
  }

  /** @param {import("./burst.js").Outcome} [outcome] */
  #showOutcome(outcome) {
    this.#outcome = outcome;
    const text = outcome === undefined ? "" : words.verdict(outcome);
    // Assistive technology announces what is written anew.
    if (verdict.textContent !== text) verdict.textContent = text;
  }

  #edited() {
    if (message.value !== this.#history.current) this.#history.leave();
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

  #showRepeat() {
    this.#repeat.show();
    const n = this.#repeat.read()?.copies ?? 1;
    sendButton.textContent = this.#burst.running
      ? words.stop
      : n === 1
      ? words.send
      : words.sendMany(n);
  }

  /** @param {boolean} anyway Also if it is above the server's limit. */
  async #submit(anyway) {
    const repeat = this.#repeat.read();
    if (repeat === undefined) return this.#repeat.focus();
    const mode = this.#mode;
    const written = mode === "file" ? undefined : this.#written();
    const fault = written?.fault;
    if (fault !== undefined) return this.#setFault(() => words.hexFault(fault));
    if (mode === "file" && this.#file === undefined) {
      return this.#setFault(() => words.noFile);
    }
    if (!this.#isOpen) return this.#connectFirst();
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
    if (mode === "file" && asText.checked) {
      const text = decodeUtf8(toBytes(payload));
      if (text === undefined) return this.#setFault(() => words.notText);
      payload = text;
    }
    if (!this.#isOpen) return this.#setFault(() => words.notConnected);
    if (mode !== "file") {
      this.#history.add(mode, message.value);
      if (clearAfter.checked) {
        message.value = "";
        this.#history.leave();
      }
      this.#showAll();
    }
    this.#send(payload, size, repeat);
  }

  #connectFirst() {
    this.#setFault();
    this.#sendsOnOpen = true;
    if (this.#connect()) return;
    this.#sendsOnOpen = false;
    this.#setFault(() => words.notConnected);
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
    if (event.shiftKey || event.isComposing) return;
    const { value, selectionStart, selectionEnd } = message;
    if (value !== "" && value !== this.#history.current) return;
    const older = event.key === "ArrowUp";
    // Between the lines of a message, the keys move the cursor.
    const rest = older
      ? value.slice(0, selectionStart)
      : value.slice(selectionEnd);
    if (rest.includes("\n")) return;
    const text = this.#history.walk(mode, older ? -1 : 1);
    if (text === undefined) return;
    event.preventDefault();
    message.value = text;
    const end = older ? text.split("\n", 1)[0]?.length ?? 0 : text.length;
    message.setSelectionRange(end, end);
    this.#setFault();
    this.#showSize();
  }
}
