// @ts-check
import { tabStore } from "./storage.js";

const storageKey = "wsecho.history";
const entryLimit = 50;
/** Characters; longer messages are not kept. */
const lengthLimit = 10_000;

/** The different messages sent from this tab, the newest last. */
export class History {
  /** @type {{ mode: string, text: string }[]} */
  #entries = [];

  constructor() {
    const kept = tabStore.read(storageKey);
    if (Array.isArray(kept)) {
      this.#entries = kept.filter((entry) => typeof entry?.text === "string");
    }
  }

  get isEmpty() {
    return this.#entries.length === 0;
  }

  /** @type {(mode: string, text: string) => void} Keeps a message that was sent. */
  add(mode, text) {
    if (text === "" || text.length > lengthLimit) return;
    const others = this.#entries.filter((entry) =>
      entry.mode !== mode || entry.text !== text
    );
    this.#keep([...others, { mode, text }].slice(-entryLimit));
  }

  /** Removes all messages, here and from the tab's storage. */
  forget() {
    this.#keep([]);
  }

  /** @param {{ mode: string, text: string }[]} entries */
  #keep(entries) {
    this.#entries = entries;
    tabStore.write(storageKey, entries);
  }

  /**
   * One step through the messages of a mode; an empty one is after the newest.
   * @param {string} mode
   * @param {string} text Where to begin.
   * @param {1 | -1} step -1: towards older ones.
   * @returns {string | undefined} `undefined`: this text is not among them, or there is
   * nothing further that way.
   */
  walk(mode, text, step) {
    const texts = this.#entries.filter((entry) => entry.mode === mode)
      .map((entry) => entry.text).concat("");
    const at = texts.indexOf(text);
    return at < 0 ? undefined : texts[at + step];
  }
}
