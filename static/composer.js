import { Burst, parseTemplate } from "./burst.js";
import { byId, setText, showFault } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";
import { MessageField } from "./message_field.js";
import { tabStore } from "./storage.js";

const form = byId("composer", HTMLFormElement);
const messageFault = byId("message-fault", HTMLElement);
const sendAnyway = byId("send-anyway", HTMLButtonElement);
const copiesField = byId("copies", HTMLInputElement);
const pauseField = byId("pause", HTMLInputElement);
const repeatFault = byId("repeat-fault", HTMLElement);
const sendButton = byId("send", HTMLButtonElement);
const progress = byId("progress", HTMLElement);
const verdict = byId("verdict", HTMLElement);

const draftKey = "wsecho.draft";
const noDraft = { text: "", hex: "", mode: "text", copies: "1", pause: "0" };

/** Writes and sends messages. */
export class Composer {
  #message = new MessageField(() => this.#edited());
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
   * @param {import("./session.js").Session} session
   * @param {() => boolean} [connect] Begins to connect, unless something is wrong;
   * without it, clients are waited for.
   */
  constructor(session, connect) {
    this.#session = session;
    this.#connect = connect;
    this.#burst = new Burst(session, (done, copies) => {
      progress.textContent = words.progress(done, copies);
      this.#showRepeat();
    }, (outcome) => this.#showOutcome(outcome));
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
    form.addEventListener("input", () => this.#showRepeat());
    sendAnyway.addEventListener("click", () => this.#submit(true));
    const kept = Object.assign({ ...noDraft }, tabStore.read(draftKey));
    this.#message.draft = kept;
    copiesField.value = kept.copies;
    pauseField.value = kept.pause;
    const keep = () => {
      const repeat = { copies: copiesField.value, pause: pauseField.value };
      tabStore.write(draftKey, { ...this.#message.draft, ...repeat });
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

  /** @type {(text: string, copies: number) => void} Unless the user has written another one. */
  say(text, copies) {
    this.#message.suggest(text);
    copiesField.value = String(copies);
    pauseField.value = "0";
    this.#showRepeat();
    this.#submit();
  }

  /** Focuses the field; on a narrow screen, with the log below it in sight. */
  focus() {
    this.#message.field.focus();
    const { matches } = matchMedia("(max-width: 599px)");
    if (matches) form.scrollIntoView({ block: "start" });
  }

  /** The connection has changed: a fault may no longer apply. */
  #connectionChanged() {
    form.classList.toggle("unconnected", !this.#session.isOpen);
    if (!this.#session.isOpen) this.#burst.stop();
    if (this.#session.connection.state === "closed") this.#sendsOnOpen = false;
    if (this.#fault !== undefined && this.#session.isOpen) this.#setFault();
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
  }

  /** @type {(fault?: import("./message_field.js").Fault, mayInsist?: boolean) => void} */
  #setFault(fault, mayInsist = false) {
    this.#fault = fault;
    sendAnyway.hidden = !mayInsist;
    showFault(this.#message.field, messageFault, fault?.() ?? "");
  }

  /**
   * How often to send, and with which pauses in milliseconds; shows what is wrong.
   * @returns {{ copies: number, pause: number } | undefined}
   */
  #readRepeat() {
    const copies = readWhole(copiesField, { min: 1, max: 1_000_000 });
    const pause = readWhole(pauseField, { min: 0, max: 60_000, unit: "ms" });
    const fault = copies.fault || pause.fault;
    showFault(copiesField, repeatFault, copies.fault, fault);
    showFault(pauseField, repeatFault, pause.fault, fault);
    return fault === "" ? { copies: copies.n, pause: pause.n } : undefined;
  }

  #showRepeat() {
    const { copies = 1 } = this.#readRepeat() ?? {};
    sendButton.textContent = this.#burst.running
      ? words.stop
      : copies === 1
      ? words.send
      : words.sendMany(copies);
  }

  /** @param {boolean} [anyway] Also if it is above the server's limit. */
  async #submit(anyway = false) {
    const repeat = this.#readRepeat();
    if (repeat === undefined) {
      const wrong = [copiesField, pauseField];
      return wrong.find((field) => field.matches("[aria-invalid]"))?.focus();
    }
    const { payload, bytes, fault } = this.#message.inspect();
    if (fault !== undefined) return this.#setFault(fault);
    this.#setFault();
    if (!this.#session.isOpen) return this.#connectFirst();
    const { connection: { url }, server } = this.#session;
    const isOwn = url.startsWith(`${webSocketOrigin(location)}/`);
    const limit = isOwn && server?.limits.maxMessageSize || Infinity;
    if (bytes > limit && !anyway) {
      return this.#setFault(() => words.tooBig(bytes, limit), true);
    }
    const read = payload === undefined
      ? await this.#message.readFile()
      : { payload };
    if ("fault" in read) return this.#setFault(read.fault);
    if (!this.#session.isOpen) return this.#setFault(() => words.notConnected);
    if (payload !== undefined) this.#message.sent();
    // Only what is written as text has placeholders, not a file.
    const template = typeof payload === "string" && parseTemplate(payload) ||
      { fill: () => read.payload, isDistinct: false };
    progress.hidden = repeat.copies === 1;
    if (repeat.copies === 1) return this.#session.send(template.fill(1));
    this.#showOutcome();
    this.#burst.start({ ...template, ...repeat });
  }

  #connectFirst() {
    if (!this.#connect) return this.#setFault(() => words.watch.nobody);
    this.#sendsOnOpen = true;
    if (this.#connect()) return;
    this.#sendsOnOpen = false;
    this.#setFault(() => words.notConnected);
  }
}

/** @type {(field: HTMLInputElement, range: { min: number, max: number, unit?: string }) => { n: number, fault: string }} */
function readWhole({ value }, range) {
  const n = /^\d+$/.test(value.trim()) ? Number(value) : NaN;
  const isIn = n >= range.min && n <= range.max;
  return {
    n,
    fault: isIn ? "" : words.expected({ kind: "integer", ...range }),
  };
}
