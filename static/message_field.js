import { byId } from "./dom.js";
import { words } from "./language.js";
import { byteLength, decodeUtf8, parseHex } from "./payload.js";
import { store, tabStore } from "./storage.js";
import { escapeInvisible } from "./visible_text.js";

/** @typedef {"text" | "hex" | "file"} Mode */
/** @typedef {() => string} Fault In the language in use. */

const form = byId("composer", HTMLFormElement);
const message = byId("message", HTMLTextAreaElement);
const drop = byId("drop", HTMLElement);
const picker = byId("file", HTMLInputElement);
const fileName = byId("file-name", HTMLElement);
const size = byId("message-size", HTMLOutputElement);
const keys = byId("message-keys", HTMLElement);
const placeholders = byId("placeholders", HTMLElement);
const asText = byId("as-text", HTMLInputElement);
const clearAfter = byId("clear-after", HTMLInputElement);
const forget = byId("forget", HTMLButtonElement);

const clearKey = "wsecho.clearAfter";
const sentKey = "wsecho.history";
/** How many sent messages are kept, and of how many characters at most. */
const [sentLimit, lengthLimit] = [50, 10_000];

const sendKey = /Mac|iPhone|iPad/.test(navigator.userAgent)
  ? "⌘ ↵"
  : "Ctrl+Enter";

/** The message to send: a text, bytes in hexadecimal or a file. */
export class MessageField {
  /** @type {Mode} */
  mode = "text";
  /** The text in the field of each mode, unless it is shown. */
  #drafts = { text: "", hex: "" };
  /** @type {File | undefined} */
  #file;
  /** The different messages sent from this tab, the newest last. */
  #sent = readSent();
  #changed;

  /** @param {() => void} changed The message is another one. */
  constructor(changed) {
    this.#changed = changed;
    form.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "mode") {
        this.#setMode(/** @type {Mode} */ (target.value));
      }
    });
    message.addEventListener("input", () => this.#edited());
    message.addEventListener("keydown", (event) => this.#pressed(event));
    picker.addEventListener("change", () => {
      if (picker.files?.[0] !== undefined) this.#setFile(picker.files[0]);
    });
    this.#takeFiles();
    clearAfter.checked = store.read(clearKey) === true;
    clearAfter.addEventListener("change", () => {
      store.write(clearKey, clearAfter.checked);
    });
    forget.addEventListener("click", () => {
      this.#keep([]);
      this.#drafts = { text: "", hex: "" };
      message.value = "";
      message.focus();
      this.#edited();
    });
  }

  /** What a tab keeps: all but the file. */
  get draft() {
    const { mode } = this;
    if (mode === "file") return { ...this.#drafts, mode: "text" };
    return { ...this.#drafts, [mode]: message.value, mode };
  }

  /** @param {{ text: string, hex: string, mode: string }} draft */
  set draft({ text, hex, mode }) {
    this.#drafts = { text, hex };
    this.mode = /** @type {Mode} */ (mode);
    if (this.mode !== "file") message.value = this.#drafts[this.mode];
    this.#edited();
  }

  /** The field that is shown. */
  get field() {
    return this.mode === "file" ? picker : message;
  }

  /** @param {Mode} mode */
  #setMode(mode) {
    this.draft = { ...this.draft, mode };
  }

  /** @param {File} file */
  #setFile(file) {
    this.#file = file;
    this.#setMode("file");
  }

  /** Takes a file that is dropped on the page, or pasted. */
  #takeFiles() {
    const { body } = document;
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      body.classList.add("dragging");
    });
    document.addEventListener("dragleave", ({ relatedTarget }) => {
      // Null: it left the page, and not only one element for another.
      if (relatedTarget === null) body.classList.remove("dragging");
    });
    document.addEventListener("drop", (event) => {
      body.classList.remove("dragging");
      this.#take(event, event.dataTransfer);
    });
    document.addEventListener("paste", (event) => {
      const { clipboardData: data } = event;
      // Spreadsheets copy a picture along with their text.
      if (!data?.types.includes("text/plain")) this.#take(event, data);
    });
  }

  /** @type {(event: Event, data: DataTransfer | null) => void} */
  #take(event, data) {
    const file = data?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    this.#setFile(file);
  }

  /** @param {string} text Is written, unless there is another one. */
  suggest(text) {
    this.#setMode("text");
    message.value ||= text;
    this.#edited();
  }

  #edited() {
    this.show();
    this.#changed();
  }

  /** Shows the fields of the mode, in the language in use. */
  show() {
    const isHex = this.mode === "hex";
    const isFile = this.mode === "file";
    const modes = form.elements.namedItem("mode");
    if (modes instanceof RadioNodeList) modes.value = this.mode;
    message.hidden = isFile;
    drop.hidden = !isFile;
    message.classList.toggle("code", isHex);
    message.ariaLabel = isHex ? words.hexLabel : words.textLabel;
    message.placeholder = isHex ? words.hexPlaceholder : words.textPlaceholder;
    keys.textContent = isFile ? "" : words.keys(sendKey);
    placeholders.hidden = this.mode !== "text";
    fileName.textContent = escapeInvisible(this.#file?.name ?? words.noFile);
    byId("as-text-row", HTMLElement).hidden = this.#file === undefined;
    forget.hidden = isFile || this.#sent.length === 0;
    const { bytes, fault } = this.inspect();
    size.textContent = fault === undefined ? words.size(bytes) : "";
  }

  /**
   * What is to be sent, as far as it is known without reading the file.
   * @returns {{ payload?: string | ArrayBuffer, bytes: number, fault?: Fault, isUnfinished?: boolean }}
   */
  inspect() {
    if (this.mode === "file") {
      return this.#file === undefined
        ? { bytes: 0, fault: () => words.noFile, isUnfinished: true }
        : { bytes: this.#file.size };
    }
    const text = message.value;
    if (this.mode === "text") return { payload: text, bytes: byteLength(text) };
    const read = parseHex(text);
    if ("bytes" in read) {
      return { payload: read.bytes.buffer, bytes: read.bytes.length };
    }
    const { fault } = read;
    // A single digit at the end is usually a half-typed byte.
    const isUnfinished = fault.found === undefined;
    return { bytes: 0, fault: () => words.hexFault(fault), isUnfinished };
  }

  /** @returns {Promise<{ payload: string | ArrayBuffer } | { fault: Fault }>} */
  async readFile() {
    try {
      const content = await this.#file?.arrayBuffer() ?? new ArrayBuffer(0);
      if (!asText.checked) return { payload: content };
      const text = decodeUtf8(new Uint8Array(content));
      if (text !== undefined) return { payload: text };
      return { fault: () => words.notText };
    } catch {
      return { fault: () => words.fileGone };
    }
  }

  /** Keeps the message among those that were sent. */
  sent() {
    const { mode } = this;
    const text = message.value;
    if (text !== "" && text.length <= lengthLimit) {
      const others = this.#sent.filter((one) =>
        one.mode !== mode || one.text !== text
      );
      this.#keep([...others, { mode, text }].slice(-sentLimit));
    }
    if (clearAfter.checked) message.value = "";
    this.show();
  }

  /** @param {{ mode: Mode, text: string }[]} sent */
  #keep(sent) {
    this.#sent = sent;
    tabStore.write(sentKey, sent);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const isOlder = event.key === "ArrowUp";
    if (!isOlder && event.key !== "ArrowDown") return;
    if (event.shiftKey || event.isComposing) return;
    const { value, selectionStart, selectionEnd } = message;
    // Between the lines of a message, the keys move the cursor.
    const rest = isOlder
      ? value.slice(0, selectionStart)
      : value.slice(selectionEnd);
    if (rest.includes("\n")) return;
    // An empty one is after the newest; another text is not left.
    const texts = this.#sent.filter(({ mode }) => mode === this.mode)
      .map(({ text }) => text).concat("");
    const at = texts.indexOf(value);
    const text = at < 0 ? undefined : texts[at + (isOlder ? -1 : 1)];
    if (text === undefined) return;
    event.preventDefault();
    message.value = text;
    const end = isOlder ? text.split("\n", 1)[0]?.length ?? 0 : text.length;
    message.setSelectionRange(end, end);
    this.#edited();
  }
}

/** @returns {{ mode: Mode, text: string }[]} */
function readSent() {
  const kept = tabStore.read(sentKey);
  if (!Array.isArray(kept)) return [];
  return kept.filter((one) => typeof one?.text === "string");
}
