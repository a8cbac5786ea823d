// @ts-check
import { tabStore } from "./storage.js";

const storageKey = "wsecho.history";
const entryLimit = 50;
/** Characters; longer messages are not kept. */
const lengthLimit = 10_000;

/** The messages sent from this tab, the newest last, and a walk through them. */
export class History {
  /** @type {{ mode: string, text: string }[]} */
  #entries = [];
  /** The position of the walk; past the end: it has not begun. */
  #at;

  constructor() {
    const kept = tabStore.read(storageKey);
    if (Array.isArray(kept)) {
      this.#entries = kept.filter((entry) => typeof entry?.text === "string");
    }
    this.#at = this.#entries.length;
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  /** The text that the walk has reached; `undefined`: it has not begun. */
  get current() {
    return this.#entries[this.#at]?.text;
  }

  /**
   * Keeps a message that was sent, and begins the walk there.
   * @param {string} mode Messages of one are not found in another.
   * @param {string} text
   */
  add(mode, text) {
    this.leave();
    if (text === "" || text.length > lengthLimit) return;
    const others = this.#entries.filter((entry) =>
      entry.mode !== mode || entry.text !== text
    );
    this.#entries = [...others, { mode, text }].slice(-entryLimit);
    this.begin(mode, text);
    tabStore.write(storageKey, this.#entries);
  }

  /** Removes all messages, here and from the tab's storage. */
  forget() {
    this.#entries = [];
    this.leave();
    tabStore.write(storageKey, []);
  }

  /**
   * Begins the walk at a text, if it is among the messages.
   * @param {string} mode
   * @param {string} text
   */
  begin(mode, text) {
    const at = this.#entries.findLastIndex((entry) =>
      entry.mode === mode && entry.text === text
    );
    this.#at = at < 0 ? this.#entries.length : at;
  }

  /** Ends the walk. */
  leave() {
    this.#at = this.#entries.length;
  }

  /**
   * One step through the messages of a mode.
   * @param {string} mode
   * @param {1 | -1} step -1: towards older ones.
   * @returns {string | undefined} Empty after the newest; `undefined`: there is
   * nothing further that way.
   */
  walk(mode, step) {
    const isWalking = this.current !== undefined;
    let at = this.#at + step;
    while (this.#entries[at] && this.#entries[at]?.mode !== mode) at += step;
    if (this.#entries[at] === undefined) {
      if (step < 0 || !isWalking) return undefined;
      this.leave();
      return "";
    }
    this.#at = at;
    return this.current;
  }
}
