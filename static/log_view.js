// @ts-check
import { byId, saveFile, setText } from "./dom.js";
import { withWords, words } from "./language.js";
import { exportLog, firstFrom } from "./log.js";
import { createDetails, describeRow, fillItem } from "./row_item.js";
import { RowList } from "./row_list.js";
import { rowFilter, RowIndex } from "./shown_rows.js";
import { store } from "./storage.js";

/** Milliseconds that rows are looked at in one task. */
const slice = 20;
/** Milliseconds until the next drawing after one of more than `few` rows. */
const interval = 100;
const few = 20;
const storageKey = "wsecho.pairs";

const empty = byId("empty", HTMLElement);
const followButton = byId("follow", HTMLButtonElement);
const countPlace = byId("log-count", HTMLElement);
const filter = byId("filter", HTMLInputElement);
const directions = byId("direction", HTMLFieldSetElement);
const pairs = byId("pairs", HTMLInputElement);

/** Shows the log: what passes the filter, in pairs or apart. */
export class LogView {
  #session;
  #log;
  #waiting = false;
  /** The earliest time of the next drawing. */
  #notBefore = 0;
  #index;
  /** @type {RowIndex | undefined} That of a new filter, until it is complete. */
  #next;
  #list;
  /** The last row that the reader has seen. */
  #seen = 0;

  /** @param {import("./session.js").Source} session */
  constructor(session) {
    this.#session = session;
    this.#log = session.log;
    pairs.checked = store.read(storageKey) !== false;
    this.#index = this.#createIndex();
    this.#list = new RowList(this.#log.opened, {
      version: (row) => {
        const reply = pairs.checked ? row.reply : undefined;
        return [row.forgotten, reply?.id, (reply ?? row).roundTrip].join();
      },
      fill: (button, row) => fillItem(button, row, pairs.checked),
      detail: (row) => createDetails(row, session, pairs.checked),
    }, () => this.#showCounts());
    session.on("row", () => this.#update());
    session.on("shown", () => this.#refilter());
    followButton.addEventListener("click", () => {
      this.#list.follow();
      this.#showCounts();
    });
    filter.addEventListener("input", () => this.#refilter());
    directions.addEventListener("change", () => this.#refilter());
    pairs.addEventListener("change", () => {
      store.write(storageKey, pairs.checked);
      this.#refilter();
    });
    document.addEventListener("keydown", (event) => this.#pressed(event));
    byId("clear", HTMLElement).addEventListener("click", () => {
      this.#log.clear();
      this.#list.isFollowing = true;
      this.#update();
    });
    byId("export", HTMLElement).addEventListener("click", () => this.#export());
    withWords(() => {
      this.#list.repaint();
      this.#showCounts();
    });
  }

  /** @returns {"all" | import("./log.js").Direction} */
  get #direction() {
    const checked = directions.querySelector("input:checked");
    return /** @type {any} */ (checked).value;
  }

  #createIndex() {
    const passes = rowFilter(this.#direction, filter.value.trim(), describeRow);
    const { shows = () => true } = this.#session;
    return new RowIndex(
      this.#log,
      (row) => shows(row) && passes(row),
      pairs.checked,
    );
  }

  #refilter() {
    this.#next = this.#createIndex();
    this.#notBefore = 0;
    this.#update();
  }

  /** Schedules a drawing of what has changed since the last one. */
  #update() {
    if (this.#waiting) return;
    this.#waiting = true;
    const draw = () => requestAnimationFrame(() => this.#draw());
    const pause = this.#notBefore - performance.now();
    if (pause > 0) setTimeout(draw, pause);
    else draw();
  }

  #draw() {
    this.#waiting = false;
    const index = this.#next ?? this.#index;
    const { last } = index;
    const now = performance.now();
    const isLate = () => performance.now() > now + slice;
    const isComplete = index.advance(isLate);
    if (isComplete) {
      if (index.last - last > few) this.#notBefore = now + interval;
      this.#index = index;
      this.#next = undefined;
    }
    this.#list.draw(this.#index.rows);
    this.#showCounts();
    if (!isComplete) this.#update();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) {
      return;
    }
    const isField = target instanceof Element && target.matches(
      "select, textarea, input:not([type=radio], [type=checkbox], [type=file])",
    );
    if (key === "/" && !isField) {
      event.preventDefault();
      filter.select();
    } else if (key === "Escape" && target === filter) {
      event.preventDefault();
      filter.value = "";
      this.#refilter();
      byId("message", HTMLElement).focus();
    } else if (
      // An opened row was closed by it.
      key === "Escape" && !event.defaultPrevented &&
      target instanceof Element && target.closest("#rows")
    ) byId("message", HTMLElement).focus();
  }

  async #export() {
    const exported = new Date().toISOString();
    const { connection: { url }, statistics: { sent, received } } =
      this.#session;
    /** @type {BlobPart[]} */
    let json = [];
    let start = performance.now();
    const context = { exported, url, sent, received };
    for (const part of exportLog(this.#log, context)) {
      json.push(part);
      if (performance.now() < start + slice) continue;
      // Otherwise the last task would encode all of it.
      json = [new Blob(json)];
      await new Promise((resolve) => setTimeout(resolve));
      start = performance.now();
    }
    const name = `wsecho-log-${exported.replace(/[:.]/g, "-")}.json`;
    saveFile(name, new Blob(json, { type: "application/json" }));
  }

  #showCounts() {
    const { isAtEnd, isFollowing } = this.#list;
    const { version } = this.#log;
    this.#log.isHeld = !isFollowing;
    // What was held may be dropped now.
    if (this.#log.version !== version) this.#update();
    const { rows, dropped, count } = this.#log;
    const { rows: shown, replies, last } = this.#index;
    if (isAtEnd || isFollowing) this.#seen = last;
    const isFiltering = this.#direction !== "all" ||
      filter.value.trim() !== "" || this.#session.shows !== undefined;
    const entries = rows.length === 0 || !isFiltering
      ? words.entries(rows.length)
      : words.entriesShown(shown.length + replies, rows.length);
    setText(
      countPlace,
      dropped === 0 ? entries : `${entries} · ${words.dropped(dropped)}`,
    );
    empty.hidden = shown.length > 0;
    setText(
      empty,
      rows.length > 0 ? words.noMatch : count > 0 ? words.cleared : words.empty,
    );
    followButton.hidden = isFollowing || isAtEnd;
    const unseen = shown.length - firstFrom(shown, this.#seen + 1);
    setText(followButton, words.follow(unseen));
  }
}
