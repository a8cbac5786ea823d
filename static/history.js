// @ts-check
import { tabStore } from "./storage.js";

const storageKey = "wsecho.history";
const entryLimit = 50;
/** Characters; longer messages are not kept. */
const lengthLimit = 10_000;

/** @typedef {"text" | "hex"} Mode */
/** @typedef {{ mode: Mode, text: string }} Entry */

/** The messages sent from this tab, the newest last, and a walk through them. */
export class History {
  /** @type {Entry[]} */
  #entries;
  /** The position of the walk; past the end: it has not begun. */
  #at;

  constructor() {
    const kept = tabStore.read(storageKey);
    this.#entries = Array.isArray(kept)
      ? kept.filter(isEntry).slice(-entryLimit)
      : [];
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
   * @param {Mode} mode
   * @param {string} text
   */
  add(mode, text) {
    this.leave();
    if (text === "" || text.length > lengthLimit) return;
    this.#entries = this.#entries.filter((entry) =>
      entry.mode !== mode || entry.text !== text
    );
    this.#entries.push({ mode, text });
    this.#entries.splice(0, this.#entries.length - entryLimit);
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
   * @param {Mode} mode
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
   * @param {Mode} mode
   * @param {1 | -1} step -1: towards older ones.
   * @returns {string | undefined} Empty after the newest; `undefined`: there is
   * nothing further that way.
   */
  walk(mode, step) {
    for (let at = this.#at + step;; at += step) {
      const entry = this.#entries[at];
      if (entry === undefined) {
        if (step < 0 || this.#at >= this.#entries.length) return undefined;
        this.leave();
        return "";
      }
      if (entry.mode === mode) {
        this.#at = at;
        return entry.text;
      }
    }
  }
}

/**
 * @param {any} value
 * @returns {value is Entry}
 */
function isEntry(value) {
  return typeof value?.text === "string" &&
    (value.mode === "text" || value.mode === "hex");
}
