import { byId } from "./dom.js";
import { words } from "./language.js";
import { preview } from "./payload.js";
import { escapeInvisible } from "./visible_text.js";

/** Milliseconds from the first message to an announcement of traffic. */
const pause = 1_500;

const place = byId("announcer", HTMLElement);

/** @param {string} text */
function say(text) {
  place.textContent = escapeInvisible(text);
}

/** @param {import("./session.js").Session} session What a screen reader is told of its connection. */
export function announceConnection(session) {
  session.on("opened", () => say(words.states.open));
  session.on("closed", (ending) => {
    const { failedTitle, states } = words;
    const title = ending.handshakeFailed ? failedTitle : states.closed;
    say(`${title}: ${words.closed(ending)}`);
  });
  session.on("failed", ({ failure }) => {
    say(`${words.failedTitle}. ${words.failure(failure)}`);
  });
}

/** @param {import("./session.js").Session} session What a screen reader is told of its messages, but not of each. */
export function announceTraffic(session) {
  /** @type {import("./log.js").Row | undefined} The latest one received. */
  let reply;
  const counts = { sent: 0, received: 0 };
  session.on("row", (row) => {
    if (row.direction === "event") return;
    // Waits, so that a message and its reply are one announcement.
    if (counts.sent + counts.received === 0) setTimeout(sayTraffic, pause);
    counts[row.direction]++;
    if (row.direction === "received") reply = row;
  });

  function sayTraffic() {
    const { sent, received } = counts;
    say(
      reply !== undefined && received === 1 && sent <= 1
        ? words.announceReply(preview(reply.payload, 120))
        : words.announceTraffic(sent, received),
    );
    counts.sent = counts.received = 0;
    reply = undefined;
  }
}
