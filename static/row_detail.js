// @ts-check
import { copyBy, createButton } from "./buttons.js";
import { findDifference } from "./difference.js";
import { appendVisible, create, saveFile } from "./dom.js";
import { isJson, JsonLayout } from "./json_text.js";
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
/** @typedef {import("./session.js").Source} Session */

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
 * @param {Row} row
 * @param {Session} session
 * @param {boolean} inPairs
 * @returns {HTMLElement}
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
    create("h3", undefined, words.sent),
    createDetails(row, session, false),
    create("h3", undefined, words.received),
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
  const text = create("p");
  appendVisible(text, description);
  if (!["joined", "refused", "error"].includes(name)) return [text];
  const place = create("div");
  showJson(place, JSON.stringify(fields));
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
  views[0]?.show(content);

  const copy = createButton(words.copy, () => {
    const text = isText ? payload : toHex(new Uint8Array(payload), " ");
    copyBy(copy, text);
  });
  const fault = create("span", "fault");
  fault.role = "alert";
  const again = createButton(words.again, () => {
    fault.textContent = session.send(payload, size) ? "" : words.notConnected;
  });
  again.hidden = row.isCut === true;
  const save = createButton(words.save, () => {
    const type = isText
      ? "text/plain;charset=utf-8"
      : "application/octet-stream";
    saveFile(
      `wsecho-${time.replace(/[:.]/g, "-")}.${isText ? "txt" : "bin"}`,
      new Blob([payload], { type }),
    );
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

/** @type {(expected: Payload, received: Payload) => HTMLElement[]} Where and how they differ. */
function differenceParts(expected, received) {
  const found = findDifference(expected, received);
  const [wanted, kind] = [expected, received].map((payload) =>
    words.types[typeof payload === "string" ? "text" : "binary"]
  );
  const facts = [];
  if (found) facts.push(words.difference.at(found));
  if (wanted && kind && wanted !== kind) {
    facts.push(words.difference.types(wanted, kind));
  }
  if (found && found.expected.length !== found.received.length) {
    facts.push(words.difference.lengths(found));
  }
  const list = create("dl", "difference");
  for (const name of /** @type {const} */ (["expected", "received"])) {
    if (found === undefined) break;
    const { before, differing, after } = found[name];
    const content = create("dd", "code");
    appendVisible(content, before);
    appendVisible(content.appendChild(create("mark")), differing);
    appendVisible(content, after);
    list.append(create("dt", "", words.difference[name]), content);
  }
  return [create("p", "differs fault", facts.join(" · ")), list];
}

/** @typedef {{ name: string, show: (place: HTMLElement) => void }} View */

/**
 * @param {Payload} payload
 * @returns {View[]} The most useful one first.
 */
function listViews(payload) {
  const bytes = toBytes(payload);
  const hex = {
    name: words.hex,
    show: (/** @type {HTMLElement} */ place) =>
      showInParts(place, bytes.length, (pre, start) => {
        const end = Math.min(bytes.length, start + hexStep);
        pre.append(`${hexDump(bytes, start, end)}\n`);
        return end;
      }),
  };
  const content = typeof payload === "string" ? payload : decodeUtf8(bytes);
  if (!content) return [hex];
  const text = {
    name: words.text,
    show: (/** @type {HTMLElement} */ place) =>
      showInParts(place, content.length, (pre, start) => {
        const end = wholeCharacter(content, start + textStep);
        const piece = content.slice(start, end);
        return start + appendVisible(pre, piece, "marked", escapeStep);
      }),
  };
  const views = typeof payload === "string" ? [text, hex] : [hex, text];
  return isJson(content)
    ? [
      { name: words.json, show: (place) => showJson(place, content) },
      ...views,
    ]
    : views;
}

/** @type {(place: HTMLElement, json: string) => void} */
function showJson(place, json) {
  const layout = new JsonLayout(json);
  let rest = "";
  showInParts(place, json.length, (pre) => {
    rest += layout.take(textStep - rest.length);
    // Its line breaks are not the message's own.
    rest = rest.slice(appendVisible(pre, rest, "plain", escapeStep));
    return rest === "" ? layout.at : Math.min(layout.at, json.length - 1);
  });
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
  const buttons = views.map(({ name, show }, i) => {
    const choice = createButton(name, () => {
      show(content);
      for (const one of buttons) one.ariaPressed = String(one === choice);
    });
    choice.ariaPressed = String(i === 0);
    return choice;
  });
  group.append(...buttons);
  return group;
}
