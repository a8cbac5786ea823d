// @ts-check
import { byId } from "./dom.js";
import { words } from "./language.js";
import { preview } from "./payload.js";

/** Milliseconds between two announcements of traffic. */
const interval = 3_000;

const place = byId("announcer", HTMLElement);

/** Announces what happens to a screen reader, but not every row. */
export class Announcer {
  #sent = 0;
  #received = 0;
  /** @type {string | ArrayBuffer} */
  #latest = "";
  #timer = 0;

  /** @param {string} text */
  say(text) {
    place.textContent = text;
  }

  sent() {
    this.#sent++;
    this.#soon();
  }

  /** @param {string | ArrayBuffer} payload */
  received(payload) {
    this.#received++;
    this.#latest = payload;
    this.#soon();
  }

  #soon() {
    if (this.#timer !== 0) return;
    // Waits, so that a message and its reply are one announcement.
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.say(
        this.#received === 1 && this.#sent <= 1
          ? words.announceReply(preview(this.#latest, 120))
          : words.announceTraffic(this.#sent, this.#received),
      );
      this.#sent = 0;
      this.#received = 0;
      this.#latest = "";
    }, interval / 2);
  }
}
