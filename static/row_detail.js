import { copyBy, createButton } from "./buttons.js";
import { findDifference } from "./difference.js";
import { appendVisible, create, saveFile } from "./dom.js";
import { layOutJson } from "./json_text.js";
import { words } from "./language.js";
import {
  byteLength,
  decodeUtf8,
  hexDump,
  isSame,
  toBytes,
  toHex,
  wholeCharacter,
} from "./payload.js";
import { describeEvent } from "./row_item.js";
import { formatMilliseconds } from "./statistics.js";
import { describeClose, describeFailure } from "./status_line.js";

/** @typedef {import("./log.js").Row} Row */
/** @typedef {import("./log.js").ConnectionEvent} ConnectionEvent */
/** @typedef {import("./payload.js").Payload} Payload */
/** @typedef {import("./session.js").Session} Session */

/** Characters of text shown at first, and with each press of "Show more". */
const textStep = 64 * 1024;
/** Escapes and line breaks shown likewise: each is an element. */
const escapeStep = 2_000;
/** Bytes of the hex view shown likewise. */
const hexStep = 32 * 1024;

/**
 * The details of a row. Of a message, its content in each suitable view, and its
 * actions; in pairs, those of its reply, or of both where they differ. Of an event,
 * its explanation.
 * @type {(row: Row, session: Session, inPairs: boolean) => HTMLElement}
 */
export function createDetails(row, session, inPairs) {
  const { event, payload, reply } = row;
  if (!inPairs || !reply) {
    const parts = event ? eventParts(event) : messageParts(row, session);
    return create("div", "detail", ...parts);
  }
  if (isSame(payload, reply.payload)) {
    return createDetails(reply, session, inPairs);
  }
  return create(
    "div",
    "details",
    create("h3", "", words.sent),
    createDetails(row, session, false),
    create("h3", "", words.received),
    createDetails(reply, session, false),
  );
}

/** @param {ConnectionEvent} event */
function eventParts(event) {
  if (event.name === "failed") {
    return describeFailure(event.failure, event.command);
  }
  const { name, ...fields } = event;
  const description = describeEvent(event);
  if ("code" in event) return [describeClose(event.code, description)];
  const text = create("p", "", description);
  if (!["joined", "refused", "error"].includes(name)) return [text];
  const place = create("div");
  show(place, textView(words.json, JSON.stringify(fields, null, 2), "plain"));
  return [text, place];
}

/** @type {(row: Row, session: Session) => HTMLElement[]} */
function messageParts(row, session) {
  const { payload, size } = row;
  const isText = typeof payload === "string";
  const time = new Date(row.at).toISOString();
  const content = create("div", "content");
  const bar = create("div", "detail-bar");
  const views = listViews(payload);
  if (views.length > 1) bar.append(viewSwitch(views, content));
  if (views[0]) show(content, views[0]);

  const copy = createButton(words.copy, () => {
    const text = isText ? payload : toHex(new Uint8Array(payload), " ");
    copyBy(copy, text);
  });
  const fault = create("span", "fault");
  fault.role = "alert";
  const again = createButton(words.again, () => {
    fault.textContent = session.send(payload) ? "" : words.notConnected;
  });
  again.hidden = row.isCut === true;
  const save = createButton(words.save, () => {
    const type = isText
      ? "text/plain;charset=utf-8"
      : "application/octet-stream";
    const data = new Blob([payload], { type });
    saveFile("wsecho", time, isText ? "txt" : "bin", data);
  });
  bar.append(copy, again, save, fault);
  const facts = [time, words.size(size)];
  if (row.isCut) facts.push(words.watch.isCut(byteLength(payload)));
  if (row.roundTrip !== undefined) {
    facts.push(`${words.roundTrip} ${formatMilliseconds(row.roundTrip)}`);
  }
  return [
    ...row.expected === undefined ? [] : differenceParts(row.expected, payload),
    bar,
    content,
    create("p", "hint facts", facts.join(" · ")),
  ];
}

/** @type {(expected: Payload, received: Payload) => HTMLElement[]} */
function differenceParts(expected, received) {
  const found = findDifference(expected, received);
  const facts = [];
  if (typeof expected !== typeof received) {
    facts.push(words.difference.types(typeof expected === "string"));
  }
  if (found === undefined) return [create("p", "differs fault", ...facts)];
  facts.unshift(words.difference.at(found));
  if (found.expected.length !== found.received.length) {
    facts.push(words.difference.lengths(found));
  }
  const list = create("dl", "difference");
  for (const name of /** @type {const} */ (["expected", "received"])) {
    const { before, differing, after } = found[name];
    const mark = create("mark", "", differing);
    const content = create("dd", "code", before, mark, after);
    list.append(create("dt", "", words.difference[name]), content);
  }
  return [create("p", "differs fault", facts.join(" · ")), list];
}

/**
 * A way to see content: `append` shows the next step from `start`, and returns its end.
 * @typedef {{ name: string, length: number, append: (pre: HTMLElement, start: number) => number }} View
 */

/** @type {(payload: Payload) => View[]} The most useful one first. */
function listViews(payload) {
  const isText = typeof payload === "string";
  const bytes = toBytes(payload);
  const { length } = bytes;
  /** @type {View[]} */
  const views = [{
    name: words.hex,
    length,
    append(pre, start) {
      const end = Math.min(length, start + hexStep);
      pre.append(`${hexDump(bytes, start, end)}\n`);
      return end;
    },
  }];
  const text = isText ? payload : decodeUtf8(bytes);
  if (!text) return views;
  views.splice(isText ? 0 : 1, 0, textView(words.text, text, "marked"));
  const json = layOutJson(text);
  // Its line breaks are not the message's own.
  return json ? [textView(words.json, json, "plain"), ...views] : views;
}

/** @type {(name: string, text: string, breaks: "marked" | "plain") => View} */
function textView(name, text, breaks) {
  return {
    name,
    length: text.length,
    append(pre, start) {
      const end = wholeCharacter(text, start + textStep);
      const piece = text.slice(start, end);
      return start + appendVisible(pre, piece, breaks, escapeStep);
    },
  };
}

/**
 * Shows content in steps: a browser needs seconds to lay out megabytes.
 * @type {(place: HTMLElement, view: View) => void}
 */
function show(place, { length, append }) {
  const pre = create("pre");
  pre.tabIndex = 0;
  pre.ariaLabel = words.columns.preview;
  pre.role = "region";
  if (length === 0) pre.append(create("span", "hint", words.emptyMessage));
  let shown = 0;
  const showMore = () => {
    shown = append(pre, shown);
    more.hidden = shown >= length;
    more.textContent = words.more(length - shown);
  };
  const more = createButton("", showMore);
  showMore();
  place.replaceChildren(pre, more);
}

/** @type {(views: View[], content: HTMLElement) => HTMLElement} */
function viewSwitch(views, content) {
  const group = create("div", "segments");
  group.role = "group";
  group.ariaLabel = words.view;
  for (const view of views) {
    const choice = createButton(view.name, () => {
      show(content, view);
      for (const one of group.children) {
        one.ariaPressed = String(one === choice);
      }
    });
    choice.ariaPressed = String(view === views[0]);
    group.append(choice);
  }
  return group;
}
