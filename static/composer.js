// @ts-check
import { Burst, parseTemplate } from "./burst.js";
import { byId, setText, showFault } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";
import { MessageField } from "./message_field.js";
import { byteLength } from "./payload.js";
import { RepeatFields } from "./repeat_fields.js";
import { tabStore } from "./storage.js";

const form = byId("composer", HTMLFormElement);
const messageFault = byId("message-fault", HTMLElement);
const sendAnyway = byId("send-anyway", HTMLButtonElement);
const sendButton = byId("send", HTMLButtonElement);
const progress = byId("progress", HTMLElement);
const verdict = byId("verdict", HTMLElement);

const draftKey = "wsecho.draft";
const noDraft = { text: "", hex: "", mode: "text", copies: "1", pause: "0" };

const narrow = matchMedia("(max-width: 599px)");

/** Writes and sends messages. */
export class Composer {
  #message = new MessageField(() => this.#edited());
  #repeat = new RepeatFields(() => this.#showRepeat());
  /** Send was pressed before the connection was open. */
  #sendsOnOpen = false;
  #connect;
  #burst;
  /** @type {import("./burst.js").Outcome | undefined} Of the last burst. */
  #outcome;
  #session;
  /** @type {import("./message_field.js").Fault | undefined} */
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
      if (this.#sendsOnOpen) this.#submit();
      this.#sendsOnOpen = false;
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#burst.running) this.#burst.stop();
      else this.#submit();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      form.requestSubmit();
    });
    sendAnyway.addEventListener("click", () => this.#submit(true));
    const kept = Object.assign({ ...noDraft }, tabStore.read(draftKey));
    this.#message.draft = /** @type {any} */ (kept);
    this.#repeat.texts = kept;
    this.#edited();
    const keep = () => {
      const draft = { ...this.#message.draft, ...this.#repeat.texts };
      tabStore.write(draftKey, draft);
    };
    // For a reload of the tab.
    addEventListener("pagehide", keep);
    byId("forget", HTMLElement).addEventListener("click", keep);
    withWords(() => {
      this.#message.show();
      this.#setFault(this.#fault, !sendAnyway.hidden);
      this.#showRepeat();
      this.#showOutcome(this.#outcome);
    });
  }

  /**
   * Sends a text as the user would, unless the user has written another one.
   * @param {string} text
   * @param {number} copies
   */
  say(text, copies) {
    this.#message.suggest(text);
    this.#repeat.texts = { copies: String(copies), pause: "0" };
    this.#showRepeat();
    this.#submit();
  }

  /** Focuses the field; on a narrow screen, with the log below it in sight. */
  focus() {
    this.#message.field.focus();
    if (narrow.matches) form.scrollIntoView({ block: "start" });
  }

  /** @param {File} file */
  setFile(file) {
    this.#message.setFile(file);
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

  /** @param {import("./burst.js").Outcome} [outcome] */
  #showOutcome(outcome) {
    this.#outcome = outcome;
    setText(verdict, outcome === undefined ? "" : words.verdict(outcome));
    // The verdict says how many were sent.
    if (outcome !== undefined) progress.hidden = true;
  }

  #edited() {
    const { fault, isUnfinished } = this.#message.inspect();
    this.#setFault(isUnfinished ? undefined : fault);
    this.#message.showSize();
  }

  /**
   * @param {import("./message_field.js").Fault} [fault]
   * @param {boolean} [mayInsist] The message can be sent all the same.
   */
  #setFault(fault, mayInsist = false) {
    this.#fault = fault;
    sendAnyway.hidden = !mayInsist;
    showFault(this.#message.field, messageFault, fault?.() ?? "");
  }

  #showRepeat() {
    const n = this.#repeat.read()?.copies ?? 1;
    sendButton.textContent = this.#burst.running
      ? words.stop
      : n === 1
      ? words.send
      : words.sendMany(n);
  }

  /** @param {boolean} [anyway] Also if it is above the server's limit. */
  async #submit(anyway = false) {
    const repeat = this.#repeat.read();
    if (repeat === undefined) return this.#repeat.focus();
    const { payload, bytes, fault } = this.#message.inspect();
    if (fault !== undefined) return this.#setFault(fault);
    if (!this.#isOpen) return this.#connectFirst();
    const limit = this.#limit ?? Infinity;
    if (bytes > limit && !anyway) {
      return this.#setFault(() => words.tooBig(bytes, limit), true);
    }
    this.#setFault();
    const isTemplate = this.#message.mode === "text";
    const read = payload === undefined
      ? await this.#message.readFile()
      : { payload };
    if ("fault" in read) return this.#setFault(read.fault);
    if (!this.#isOpen) return this.#setFault(() => words.notConnected);
    if (payload !== undefined) this.#message.sent();
    this.#send(read.payload, bytes, isTemplate, repeat);
  }

  #connectFirst() {
    this.#setFault();
    this.#sendsOnOpen = true;
    if (this.#connect()) return;
    this.#sendsOnOpen = false;
    this.#setFault(() => words.notConnected);
  }

  /** @type {(payload: string | ArrayBuffer, size: number, isTemplate: boolean, repeat: { copies: number, pause: number }) => unknown} */
  #send(payload, size, isTemplate, { copies, pause }) {
    progress.hidden = copies === 1;
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
}
