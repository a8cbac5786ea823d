// @ts-check
import { appendVisible, create } from "./dom.js";
import { words } from "./language.js";
import { formatSize, isSame, preview } from "./payload.js";
import { createDetail, describeEvent } from "./row_detail.js";
import { formatMilliseconds } from "./statistics.js";

/** @typedef {import("./log.js").Row} Row */

const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

/** @param {Row} row A closed one: a list item with the button that opens it. */
export function createItem(row) {
  const item = create("li");
  item.dataset.id = String(row.id);
  const button = create("button");
  button.type = "button";
  button.ariaExpanded = "false";
  item.append(button);
  return item;
}

/**
 * Writes a row's cells, in the language in use.
 * @param {Element} button
 * @param {Row} row
 * @param {boolean} inPairs Whether a message and its reply share a row.
 */
export function fillItem(button, row, inPairs) {
  const { event, direction } = row;
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
  const mark = verdict && { equal: "=", different: "≠" }[verdict];
  button.replaceChildren(
    create("span", "time", clock.format(row.at)),
    cell("direction", create("span", "word", word)),
    cell("preview", ...clientOf(row), ...contentOf(row, reply)),
    create("span", "size", event === undefined ? formatSize(row.size) : ""),
    create("span", "trip", trip),
    create("span", `verdict ${verdict ?? ""}`, mark),
  );
}

/** @param {Row} row */
function clientOf({ client }) {
  return client === undefined ? [] : [create("b", "number", `#${client}`), " "];
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
  return reply === undefined || isEcho(row, reply) ? content : [
    cell("part", ...content),
    " → ",
    cell("part", ...contentOf(reply, undefined)),
  ];
}

/**
 * The details of a row: of a message and its reply, both where they differ.
 * @param {Row} row
 * @param {import("./session.js").Source} session
 * @param {boolean} inPairs
 */
export function createDetails(row, session, inPairs) {
  const reply = inPairs ? row.reply : undefined;
  if (reply === undefined || isEcho(row, reply)) {
    return createDetail(reply ?? row, session);
  }
  const details = create("div", "details");
  details.append(
    create("h3", undefined, words.sent),
    createDetail(row, session),
    create("h3", undefined, words.received),
    createDetail(reply, session),
  );
  return details;
}

/** @type {(message: Row, reply: Row) => boolean} */
function isEcho(message, reply) {
  return message.forgotten === reply.forgotten &&
    isSame(message.payload, reply.payload);
}

/** @type {(className: string, ...content: (string | Element)[]) => Element} */
function cell(className, ...content) {
  const span = create("span", className);
  for (const part of content) {
    if (typeof part === "string") appendVisible(span, part);
    else span.append(part);
  }
  return span;
}

/**
 * The kind of an event; a connection that never opened has failed, not closed.
 * @param {import("./log.js").ConnectionEvent} event
 */
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
function describeMessage(row) {
  if (row.forgotten) return words.forgotten;
  return row.size === 0 ? words.emptyMessage : preview(row.payload);
}
