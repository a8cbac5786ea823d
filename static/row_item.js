import { create } from "./dom.js";
import { words } from "./language.js";
import { formatSize, isSame, preview } from "./payload.js";
import { formatMilliseconds } from "./statistics.js";

/** @typedef {import("./log.js").Row} Row */

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/**
 * Writes a row's cells, in the language in use; in pairs, with those of its reply.
 * @type {(button: Element, row: Row, inPairs: boolean) => void}
 */
export function fillButton(button, row, inPairs) {
  const { client, event, direction } = row;
  const reply = inPairs ? row.reply : undefined;
  const { roundTrip, verdict } = reply ?? row;
  button.className = `row ${direction}`;
  if (reply !== undefined) button.classList.add("received", "replied");
  if (event !== undefined) button.classList.add(kindOf(event));
  if (event?.name === "closed" && !event.wasClean) {
    button.classList.add("unclean");
  }
  const word = words.directions[reply === undefined ? direction : "replied"];
  const trip = roundTrip === undefined ? "" : formatMilliseconds(roundTrip);
  const mark = { equal: "=", different: "≠", none: "" }[verdict ?? "none"];
  const number = client === undefined
    ? undefined
    : create("b", "number", `#${client} `);
  button.replaceChildren(
    create("span", "time", clock.format(row.at)),
    create("span", "direction", create("span", "word", word)),
    create("span", "preview", number, ...contentOf(row, reply)),
    create("span", "size", event === undefined ? formatSize(row.size) : ""),
    create("span", "trip", trip),
    create("span", `verdict ${verdict ?? ""}`, mark),
  );
}

/** @type {(row: Row, reply: Row | undefined) => (string | Element)[]} */
function contentOf(row, reply) {
  const { event } = row;
  if (event !== undefined) {
    // The text begins with the code.
    const code = "code" in event ? String(event.code) : "";
    return [
      create("span", "kind", words.types[kindOf(event)]),
      " ",
      create("b", "code", code),
      describeEvent(event).slice(code.length),
    ];
  }
  const text = describeMessage(row);
  const content = typeof row.payload === "string" || row.size === 0
    ? [text]
    : [create("span", "kind", words.types.binary), " ", text];
  return reply === undefined || isSame(row.payload, reply.payload) ? content : [
    create("span", "part", ...content),
    " → ",
    create("span", "part", ...contentOf(reply, undefined)),
  ];
}

/** @param {import("./log.js").ConnectionEvent} event One that never opened has failed, not closed. */
function kindOf(event) {
  return event.name === "closed" && event.handshakeFailed
    ? "failed"
    : event.name;
}

/** @param {Row} row Its content as text, as a filter finds it. */
export function describeRow(row) {
  const { event } = row;
  return event === undefined
    ? describeMessage(row)
    : `${words.types[kindOf(event)]} ${describeEvent(event)}`;
}

/** @param {Row} row */
function describeMessage({ size, payload }) {
  return size === 0 ? words.emptyMessage : preview(payload);
}

/** @param {import("./log.js").ConnectionEvent} event Its text in the log's last column. */
export function describeEvent(event) {
  switch (event.name) {
    case "connecting":
      return words.connectingTo(event);
    case "open":
      return words.opened(event.protocol, formatMilliseconds(event.handshake));
    case "closing":
      return words.closing(event.code, event.reason);
    case "closed":
      return words.closed(event);
    case "failed":
      return words.failure(event.failure);
    default:
      return words.watch.event(event);
  }
}
