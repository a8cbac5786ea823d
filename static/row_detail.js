// @ts-check
import { closeName } from "./close_code.js";
import { differenceParts } from "./difference_view.js";
import { appendVisible, copyText, create, saveFile } from "./dom.js";
import { isJson, JsonLayout } from "./json_text.js";
import { words } from "./language.js";
import {
  byteLength,
  decodeUtf8,
  hexDump,
  toBytes,
  toHex,
  wholeCharacter,
} from "./payload.js";
import { formatMilliseconds } from "./statistics.js";
import { describeFailure } from "./status_line.js";

/** @typedef {import("./log.js").Row} Row */
/** @typedef {import("./log.js").ConnectionEvent} ConnectionEvent */
/** @typedef {import("./session.js").Source} Session */

/** Characters of text shown at first, and with each press of "Show more". */
const textStep = 128 * 1024;
/** Escapes and line breaks shown likewise: each is an element. */
const escapeStep = 4_000;
/** Bytes of the hex view shown likewise. */
const hexStep = 32 * 1024;

/**
 * An event's text in the log's last column.
 * @param {ConnectionEvent} event
 * @returns {string}
 */
export function describeEvent(event) {
  switch (event.name) {
    case "connecting":
      return words.connectingTo(event);
    case "open":
      return words.opened(
        event.protocol,
        formatMilliseconds(event.handshake),
      );
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

/**
 * The details of a row: a message's content in each suitable view, and its
 * actions; an event's explanation.
 * @param {Row} row
 * @param {Session} session
 * @returns {HTMLElement}
 */
export function createDetail(row, session) {
  const detail = create("div", "detail");
  if (row.event !== undefined) detail.append(...eventParts(row.event));
  else detail.append(...messageParts(row, session));
  return detail;
}

/** @param {ConnectionEvent} event */
function eventParts(event) {
  if (event.name === "failed") {
    return describeFailure(event.failure, event.command);
  }
  const text = create("p");
  appendVisible(text, describeEvent(event));
  /** @type {HTMLElement[]} */
  const parts = [text];
  const { name, ...fields } = event;
  if (["joined", "refused", "error"].includes(name)) {
    const place = create("div");
    listViews(JSON.stringify(fields))[0]?.show(place);
    parts.push(place);
  }
  if ("code" in event) {
    const meaning = words.closeMeaning[event.code] ?? closeName(event.code);
    parts.push(create("p", "hint", `${event.code}: ${meaning}`));
  }
  return parts;
}

/**
 * @param {Row} row
 * @param {Session} session
 */
function messageParts(row, session) {
  const content = create("div", "content");
  const bar = create("div", "detail-bar");
  const views = listViews(row.payload);
  if (views.length > 1) bar.append(viewSwitch(views, content));
  views[0]?.show(content);

  bar.append(copyButton(row.payload));
  const again = button(words.again);
  const fault = create("span", "fault");
  fault.role = "alert";
  again.addEventListener("click", () => {
    const isSent = session.send(row.payload, row.size);
    fault.textContent = isSent ? "" : words.notConnected;
  });
  const save = button(words.save);
  save.addEventListener("click", () => {
    const binary = typeof row.payload !== "string";
    const time = new Date(row.at).toISOString().replace(/[:.]/g, "-");
    saveFile(
      `wsecho-${time}.${binary ? "bin" : "txt"}`,
      new Blob([row.payload], {
        type: binary ? "application/octet-stream" : "text/plain;charset=utf-8",
      }),
    );
  });
  again.hidden = row.isCut === true;
  bar.append(again, save, fault);
  const facts = [new Date(row.at).toISOString(), words.size(row.size)];
  if (row.isCut) facts.push(words.watch.isCut(byteLength(row.payload)));
  if (row.roundTrip !== undefined) {
    facts.push(`${words.roundTrip} ${formatMilliseconds(row.roundTrip)}`);
  }
  const difference = row.verdict === "different" && row.expected !== undefined
    ? differenceParts(row.expected, row.payload)
    : [];
  return [
    ...difference,
    bar,
    content,
    create("p", "hint facts", facts.join(" · ")),
  ];
}

/** @typedef {{ name: string, show: (place: HTMLElement) => void }} View */

/**
 * @param {string | ArrayBuffer} payload
 * @returns {View[]} The most useful one first.
 */
function listViews(payload) {
  const bytes = toBytes(payload);
  const text = typeof payload === "string" ? payload : decodeUtf8(bytes);
  /** @type {View[]} */
  const views = [{
    name: words.hex,
    show: (place) =>
      showInParts(place, bytes.length, (pre, start) => {
        const end = Math.min(bytes.length, start + hexStep);
        pre.append(`${hexDump(bytes, start, end)}\n`);
        return end;
      }),
  }];
  if (text === undefined || text === "") return views;
  const view = {
    name: words.text,
    show: (/** @type {HTMLElement} */ place) =>
      showInParts(place, text.length, (pre, start) => {
        const end = wholeCharacter(text, start + textStep);
        const piece = text.slice(start, end);
        return start + appendVisible(pre, piece, "marked", escapeStep);
      }),
  };
  if (typeof payload === "string") views.unshift(view);
  else views.push(view);
  if (!isJson(text)) return views;
  const show = (/** @type {HTMLElement} */ place) => {
    const layout = new JsonLayout(text);
    let rest = "";
    showInParts(place, text.length, (pre) => {
      rest += layout.take(textStep - rest.length);
      // Its line breaks are not the message's own.
      rest = rest.slice(appendVisible(pre, rest, "plain", escapeStep));
      return rest === "" ? layout.at : Math.min(layout.at, text.length - 1);
    });
  };
  return [{ name: words.json, show }, ...views];
}

/**
 * Shows content in steps: a browser needs seconds to lay out megabytes.
 * @param {HTMLElement} place
 * @param {number} length
 * @param {(pre: HTMLElement, start: number) => number} append Appends the next
 * step, and returns its end.
 */
function showInParts(place, length, append) {
  const pre = create("pre");
  pre.tabIndex = 0;
  pre.setAttribute("aria-label", words.columns.preview);
  pre.role = "region";
  if (length === 0) pre.append(create("span", "hint", words.emptyMessage));
  const more = button("");
  let shown = 0;
  const showMore = () => {
    shown = append(pre, shown);
    more.hidden = shown >= length;
    more.textContent = words.more(length - shown);
  };
  more.addEventListener("click", showMore);
  showMore();
  place.replaceChildren(pre, more);
}

/**
 * @param {View[]} views
 * @param {HTMLElement} content
 */
function viewSwitch(views, content) {
  const group = create("div", "segments");
  group.role = "group";
  group.setAttribute("aria-label", words.view);
  const buttons = views.map(({ name, show }, i) => {
    const choice = button(name);
    choice.setAttribute("aria-pressed", String(i === 0));
    choice.addEventListener("click", () => {
      show(content);
      for (const one of buttons) {
        one.setAttribute("aria-pressed", String(one === choice));
      }
    });
    return choice;
  });
  group.append(...buttons);
  return group;
}

/** @param {string | ArrayBuffer} payload Binary data is copied as digits. */
function copyButton(payload) {
  const copy = button(words.copy);
  copy.addEventListener("click", async () => {
    const text = typeof payload === "string"
      ? payload
      : toHex(new Uint8Array(payload), " ");
    copy.textContent = await copyText(text) ? words.copied : words.copyFailed;
  });
  return copy;
}

/** @param {string} text */
function button(text) {
  const element = create("button", undefined, text);
  element.type = "button";
  return element;
}
