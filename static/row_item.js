// @ts-check
import { appendVisible, create } from "./dom.js";
import { words } from "./language.js";
import { formatSize, preview } from "./payload.js";
import { describeEvent } from "./row_detail.js";
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
  const button = create("button", `row ${row.direction}`);
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-expanded", "false");
  if (row.event !== undefined) button.classList.add(kindOf(row.event));
  fillItem(button, row);
  item.append(button);
  return item;
}

/**
 * Writes a row's cells, in the language in use.
 * @param {HTMLElement} button
 * @param {Row} row
 */
export function fillItem(button, row) {
  const type = row.event !== undefined
    ? words.types[kindOf(row.event)]
    : typeof row.payload === "string"
    ? words.types.text
    : words.types.binary;
  const cells = [
    ["time", clock(row.at)],
    ["direction", words.directions[row.direction]],
    ["type", type],
    ["size", row.event === undefined ? formatSize(row.size) : ""],
    [
      "trip",
      row.roundTrip === undefined ? "" : formatMilliseconds(row.roundTrip),
    ],
  ];
  const content = create("span", "preview");
  appendVisible(content, describeRow(row));
  button.replaceChildren(
    ...cells.map(([name, text]) => create("span", name, text)),
    content,
  );
  if (row.client !== undefined) {
    button.lastElementChild?.prepend(create("b", "number", `#${row.client}`));
  }
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
 * A row's text in its last column.
 * @param {Row} row
 * @returns {string}
 */
export function describeRow(row) {
  if (row.event !== undefined) return describeEvent(row.event);
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
