import { byId, saveFile, setText } from "./dom.js";
import { withWords, words } from "./language.js";
import { exportLog, firstFrom } from "./log.js";
import { describeRow } from "./row_item.js";
import { RowList } from "./row_list.js";
import { rowFilter, RowIndex } from "./shown_rows.js";
import { store } from "./storage.js";

/** Milliseconds that rows are looked at in one task. */
const slice = 20;
/** Milliseconds between two drawings. */
const interval = 100;
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
  #timer = 0;
  /** When rows were last drawn. */
  #drawn = 0;
  #index;
  /** That of a new filter, until it is complete. */
  #next;
  #list;
  /** The last row that the reader has seen. */
  #seen = 0;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    this.#log = session.log;
    pairs.checked = store.read(storageKey) !== false;
    this.#index = this.#next = this.#createIndex();
    this.#list = new RowList(session, this.#index, () => this.#showCounts());
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
      this.#list.draw();
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
    this.#update();
  }

  /** Draws what has changed: in the next frame, unless the last one was just now. */
  #update() {
    const pause = Math.max(0, this.#drawn + interval - performance.now());
    const draw = () => requestAnimationFrame(() => this.#draw());
    this.#timer ||= setTimeout(draw, pause);
  }

  #draw() {
    this.#timer = 0;
    const end = performance.now() + slice;
    const isComplete = this.#next.advance(() => performance.now() > end);
    if (isComplete) {
      this.#index = this.#next;
      this.#drawn = performance.now();
    } else this.#update();
    this.#list.draw(this.#index);
    this.#showCounts();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    // An opened row is closed by Escape, and an input method may need it.
    if (event.defaultPrevented || event.isComposing) return;
    const { key } = event;
    const target = event.target instanceof Element ? event.target : null;
    const isField = target?.matches(
      "select, textarea, input:not([type=radio], [type=checkbox], [type=file])",
    );
    if (key === "/" && !isField) {
      event.preventDefault();
      filter.select();
    } else if (key === "Escape" && target?.closest("#filter, #rows")) {
      event.preventDefault();
      if (target === filter) {
        filter.value = "";
        this.#refilter();
      }
      byId("message", HTMLElement).focus();
    }
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
    const data = new Blob(json, { type: "application/json" });
    saveFile("wsecho-log", exported, "json", data);
  }

  #showCounts() {
    const { isAtEnd, isFollowing } = this.#list;
    const { rows: before } = this.#log;
    this.#log.isHeld = !isFollowing;
    const { rows, dropped, count } = this.#log;
    // What was held may be dropped now.
    if (rows !== before) this.#update();
    const { rows: shown, last, entries } = this.#index;
    if (isAtEnd || isFollowing) this.#seen = last;
    const isFiltering = this.#direction !== "all" ||
      filter.value.trim() !== "" || this.#session.shows !== undefined;
    const facts = [
      isFiltering && rows.length > 0
        ? words.entriesShown(entries, rows.length)
        : words.entries(rows.length),
    ];
    if (dropped > 0) facts.push(words.dropped(dropped));
    setText(countPlace, facts.join(" · "));
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
