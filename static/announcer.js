// @ts-check
import { byId } from "./dom.js";
import { words } from "./language.js";
import { preview } from "./payload.js";
import { escapeInvisible } from "./visible_text.js";

/** Milliseconds from the first message to an announcement of traffic. */
const pause = 1_500;

const place = byId("announcer", HTMLElement);

/** Announces what happens to a screen reader, but not every row. */
export class Announcer {
  #sent = 0;
  #received = 0;
  /** @type {string | ArrayBuffer} */
  #latest = "";
  #timer = 0;

  /** @param {import("./session.js").Source} session */
  constructor(session) {
    session.on("opened", () => this.#say(words.states.open));
    session.on("closed", (ending) => {
      const title = ending.handshakeFailed
        ? words.failedTitle
        : words.states.closed;
      this.#say(`${title}: ${words.closed(ending)}`);
    });
    session.on("failed", ({ failure }) => {
      this.#say(`${words.failedTitle}. ${words.failure(failure)}`);
    });
    session.on("row", ({ direction, payload }) => {
      if (direction === "event") return;
      if (direction === "sent") this.#sent++;
      else {
        this.#received++;
        this.#latest = payload;
      }
      // Waits, so that a message and its reply are one announcement.
      this.#timer ||= setTimeout(() => this.#sayTraffic(), pause);
    });
  }

  /** @param {string} text */
  #say(text) {
    place.textContent = escapeInvisible(text);
  }

  #sayTraffic() {
    this.#timer = 0;
    this.#say(
      this.#received === 1 && this.#sent <= 1
        ? words.announceReply(preview(this.#latest, 120))
        : words.announceTraffic(this.#sent, this.#received),
    );
    this.#sent = 0;
    this.#received = 0;
    this.#latest = "";
  }
}
