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

  /** @param {import("./session.js").Source} session */
  constructor(session) {
    session.on("opened", () => this.#say(words.states.open));
    session.on("closed", (ending) => {
      const { handshakeFailed } = ending;
      const title = handshakeFailed ? words.failedTitle : words.states.closed;
      this.#say(`${title}: ${words.closed(ending)}`);
    });
    session.on(
      "failed",
      ({ failure }) =>
        this.#say(`${words.failedTitle}. ${words.failure(failure)}`),
    );
    session.on("row", ({ direction, payload }) => {
      if (direction === "sent") this.#sent++;
      else if (direction === "received") {
        this.#received++;
        this.#latest = payload;
      } else return;
      this.#soon();
    });
  }

  /** @param {string} text */
  #say(text) {
    place.textContent = text;
  }

  #soon() {
    if (this.#timer !== 0) return;
    // Waits, so that a message and its reply are one announcement.
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#say(
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
