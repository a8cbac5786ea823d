// @ts-check
import { appendVisible, create } from "./dom.js";
import { words } from "./language.js";
import { formatSize, isSame, preview } from "./payload.js";
import { createDetail, describeEvent } from "./row_detail.js";
import { formatMilliseconds } from "./statistics.js";

/** @typedef {import("./log.js").Row} Row */

/**
 * A closed row of the log: a list item with the button that opens it.
 * @param {Row} row
 * @returns {HTMLLIElement}
 */
export function createItem(row) {
  const item = create("li");
  item.dataset.id = String(row.id);
  const button = create("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
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
  const reply = inPairs ? row.reply : undefined;
  const { roundTrip, verdict } = reply ?? row;
  button.className = `row ${row.direction}`;
  if (reply !== undefined) button.classList.add("received", "replied");
  if (row.event !== undefined) button.classList.add(kindOf(row.event));
  if (row.event?.name === "closed" && !row.event.wasClean) {
    button.classList.add("unclean");
  }
  const direction = reply === undefined ? row.direction : "replied";
  button.replaceChildren(
    create("span", "time", clock(row.at)),
    cell("direction", create("span", "word", words.directions[direction])),
    cell("preview", ...clientOf(row), ...contentOf(row, reply)),
    create("span", "size", row.event === undefined ? formatSize(row.size) : ""),
    create(
      "span",
      "trip",
      roundTrip === undefined ? "" : formatMilliseconds(roundTrip),
    ),
    create(
      "span",
      `verdict ${verdict ?? ""}`,
      verdict && { equal: "=", different: "≠" }[verdict],
    ),
  );
}

/** @param {Row} row */
function clientOf({ client }) {
  return client === undefined ? [] : [create("b", "number", `#${client}`), " "];
}

/**
 * @param {Row} row
 * @param {Row | undefined} reply
 * @returns {(string | Element)[]}
 */
function contentOf(row, reply) {
  if (row.event !== undefined) {
    const text = describeEvent(row.event);
    const kind = kindOf(row.event);
    const code = /^(closing|closed|failed)$/.test(kind)
      ? /^\d+(?= )/.exec(text)?.[0] ?? ""
      : "";
    return [
      create("span", "kind", words.types[kind]),
      " ",
      create("b", "code", code),
      text.slice(code.length),
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
 * @returns {HTMLElement}
 */
export function createDetails(row, session, inPairs) {
  const reply = inPairs ? row.reply : undefined;
  if (reply !== undefined && isEcho(row, reply)) {
    return createDetail(reply, session);
  }
  if (reply !== undefined) {
    const details = create("div", "details");
    for (
      const [title, one]
        of /** @type {const} */ ([[words.sent, row], [words.received, reply]])
    ) {
      details.append(
        create("h3", undefined, title),
        createDetails(one, session, false),
      );
    }
    return details;
  }
  if (!row.forgotten) return createDetail(row, session);
  const detail = create("div", "detail");
  detail.append(create("p", undefined, words.forgottenWhy));
  return detail;
}

/**
 * @param {Row} message
 * @param {Row} reply
 */
function isEcho(message, reply) {
  return message.forgotten === reply.forgotten &&
    isSame(message.payload, reply.payload);
}

/**
 * @param {string} className
 * @param {(string | Element)[]} content
 */
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
 * @returns {import("./log.js").ConnectionEvent["name"]}
 */
function kindOf(event) {
  return event.name === "closed" && event.handshakeFailed
    ? "failed"
    : event.name;
}

/**
 * A row's content as text, as a filter finds it.
 * @param {Row} row
 * @returns {string}
 */
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

/** @param {number} at Milliseconds since 1970. */
function clock(at) {
  const time = new Date(at);
  const pad = (/** @type {number} */ value, length = 2) =>
    String(value).padStart(length, "0");
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${
    pad(time.getSeconds())
  }.${pad(time.getMilliseconds(), 3)}`;
}
