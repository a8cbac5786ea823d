// @ts-check
import { byId, saveFile } from "./dom.js";
import { withWords, words } from "./language.js";
import { exportLog, rowFilter } from "./log.js";
import { createDetail } from "./row_detail.js";
import { createItem, describeRow, fillItem } from "./row_item.js";

/** @typedef {import("./log.js").Row} Row */
/** @typedef {import("./log.js").Direction} Direction */

/** Rows drawn at once: about 10 ms of work. */
const batch = 500;
/** Milliseconds until the next drawing after one of more than `few` rows. */
const interval = 100;
const few = 20;
/** Pixels from the end that still count as the end. */
const tolerance = 8;

const scroller = byId("rows", HTMLElement);
const list = byId("row-list", HTMLOListElement);
const empty = byId("empty", HTMLElement);
const followButton = byId("follow", HTMLButtonElement);
const countPlace = byId("log-count", HTMLElement);
const filter = byId("filter", HTMLInputElement);
const directions = byId("direction", HTMLFieldSetElement);

/** Draws the log's rows, in batches, each within one animation frame. */
export class LogView {
  #session;
  #log;
  #waiting = false;
  /** The earliest time of the next drawing. */
  #notBefore = 0;
  /** The newest row that was drawn. */
  #drawn = 0;
  /** Rows in the list that pass the filter. */
  #shown = 0;
  /** Rows added while the end is out of view. */
  #unseen = 0;
  #following = true;
  /** The last scroll position that was read. */
  #top = 0;
  #filtering = false;
  /** @type {(row: Row) => boolean} */
  #passes = (row) => this.#session.shows?.(row) ?? true;
  /** @type {HTMLElement | undefined} The row in the tab order. */
  #current;

  /** @param {import("./session.js").Source} session */
  constructor(session) {
    this.#session = session;
    this.#log = session.log;
    session.on("row", () => this.#update());
    session.on("shown", () => this.#refilter());
    list.addEventListener("click", ({ target }) => {
      const item = itemOf(target);
      if (item !== undefined && isButton(target)) this.#toggle(item);
    });
    list.addEventListener("keydown", (event) => this.#pressed(event));
    list.addEventListener("focusin", ({ target }) => {
      const item = itemOf(target);
      if (item !== undefined) this.#setCurrent(item);
    });
    scroller.addEventListener("scroll", () => this.#scrolled(), {
      passive: true,
    });
    new ResizeObserver(() => this.#followEnd()).observe(scroller);
    followButton.addEventListener("click", () => {
      this.#following = true;
      this.#followEnd();
      this.#lastShown()?.querySelector("button")?.focus();
      this.#showCounts();
    });
    filter.addEventListener("input", () => this.#refilter());
    directions.addEventListener("change", () => this.#refilter());
    byId("clear", HTMLElement).addEventListener("click", () => this.#clear());
    byId("export", HTMLElement).addEventListener("click", () => {
      const exported = new Date().toISOString();
      const { log, connection: { url }, statistics } = session;
      const { sent, received } = statistics;
      const json = exportLog(log, { exported, url, sent, received });
      saveFile(
        `wsecho-log-${exported.replace(/[:.]/g, "-")}.json`,
        new Blob([json], { type: "application/json" }),
      );
    });
    withWords(() => this.#redraw());
  }

  /** Schedules a drawing of the rows added since the last one. */
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
    this.#log.trim();
    const { rows } = this.#log;
    const first = rows[0]?.id ?? Infinity;
    for (let item = list.firstElementChild; item instanceof HTMLElement;) {
      if (Number(item.dataset.id) >= first) break;
      const next = item.nextElementSibling;
      if (!item.hidden) this.#shown--;
      if (item === this.#current) this.#current = undefined;
      item.remove();
      item = next;
    }
    // Rows have consecutive numbers.
    const start = Math.max(0, this.#drawn + 1 - first);
    const fresh = rows.slice(start, start + batch);
    if (fresh.length > few) this.#notBefore = performance.now() + interval;
    const items = fresh.map((row) => {
      const item = createItem(row);
      item.hidden = !this.#passes(row);
      return item;
    });
    list.append(...items);
    this.#drawn = fresh.at(-1)?.id ?? this.#drawn;
    const shown = items.filter((item) => !item.hidden).length;
    this.#shown += shown;
    if (!this.#following) this.#unseen += shown;
    this.#followEnd();
    this.#showCounts();
    if (start + batch < rows.length) this.#update();
  }

  /** Rewrites every row in the language in use. */
  #redraw() {
    for (const item of list.children) {
      const row = this.#rowOf(item);
      const [button, detail] = item.children;
      if (row === undefined || !(button instanceof HTMLElement)) continue;
      fillItem(button, row);
      detail?.replaceWith(createDetail(row, this.#session));
    }
    this.#showCounts();
  }

  /** @param {Element} item */
  #rowOf(item) {
    const { rows } = this.#log;
    const id = item instanceof HTMLElement ? Number(item.dataset.id) : NaN;
    return rows[id - (rows[0]?.id ?? 0)];
  }

  /** @param {HTMLElement} item */
  #toggle(item) {
    const [button, detail] = item.children;
    const row = this.#rowOf(item);
    if (row === undefined) return;
    button?.setAttribute("aria-expanded", String(detail === undefined));
    if (detail !== undefined) {
      detail.remove();
      return this.#scrolled();
    }
    const atEnd = item === this.#lastShown();
    item.append(createDetail(row, this.#session));
    // Following the end would move the opened row out of view.
    if (!atEnd) this.#following = false;
    item.scrollIntoView({ block: "nearest" });
    this.#showCounts();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const item = itemOf(event.target);
    if (item === undefined) return;
    if (event.key === "Escape" && item.children.length > 1) {
      this.#toggle(item);
      item.querySelector("button")?.focus();
      return;
    }
    if (!isButton(event.target)) return;
    const next = event.key === "ArrowUp"
      ? shownFrom(item.previousElementSibling, "previousElementSibling")
      : event.key === "ArrowDown"
      ? shownFrom(item.nextElementSibling, "nextElementSibling")
      : event.key === "Home"
      ? shownFrom(list.firstElementChild, "nextElementSibling")
      : event.key === "End"
      ? this.#lastShown()
      : undefined;
    if (next === undefined) return;
    event.preventDefault();
    next.querySelector("button")?.focus();
  }

  #lastShown() {
    return shownFrom(list.lastElementChild, "previousElementSibling");
  }

  /** @param {HTMLElement} [item] */
  #setCurrent(item) {
    if (item === this.#current) return;
    this.#current?.querySelector("button")?.setAttribute("tabindex", "-1");
    item?.querySelector("button")?.setAttribute("tabindex", "0");
    this.#current = item;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight <= tolerance;
    // New rows move the end; only scrolling up leaves it.
    this.#following = atEnd || (this.#following && scrollTop >= this.#top);
    this.#top = scrollTop;
    this.#showCounts();
  }

  #followEnd() {
    if (!this.#following) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.#top = scroller.scrollTop;
  }

  #refilter() {
    const checked = directions.querySelector("input:checked");
    const direction = checked instanceof HTMLInputElement
      ? /** @type {"all" | Direction} */ (checked.value)
      : "all";
    const text = filter.value.trim();
    this.#filtering = direction !== "all" || text !== "";
    const passes = rowFilter(direction, text, describeRow);
    this.#passes = (row) => (this.#session.shows?.(row) ?? true) && passes(row);
    this.#shown = 0;
    for (const item of list.children) {
      const row = this.#rowOf(item);
      if (row === undefined || !(item instanceof HTMLElement)) continue;
      item.hidden = !this.#passes(row);
      if (!item.hidden) this.#shown++;
    }
    this.#followEnd();
    this.#showCounts();
  }

  #clear() {
    this.#log.clear();
    list.replaceChildren();
    this.#shown = 0;
    this.#following = true;
    this.#setCurrent();
    this.#showCounts();
  }

  #showCounts() {
    if (this.#following) this.#unseen = 0;
    const { rows, dropped } = this.#log;
    const count = rows.length === 0 || !this.#filtering
      ? words.rows(rows.length)
      : words.rowsShown(this.#shown, rows.length);
    setText(
      countPlace,
      dropped === 0 ? count : `${count} · ${words.dropped(dropped)}`,
    );
    empty.hidden = this.#shown > 0;
    setText(
      empty,
      rows.length > 0
        ? words.noMatch
        : this.#drawn > 0
        ? words.cleared
        : words.empty,
    );
    followButton.hidden = this.#following;
    setText(followButton, words.follow(this.#unseen));
    const kept = this.#current?.isConnected && !this.#current.hidden;
    const inside = list.contains(document.activeElement);
    if (!kept || (this.#following && !inside)) {
      this.#setCurrent(this.#lastShown());
    }
  }
}

/** @param {EventTarget | null} target */
function itemOf(target) {
  const item = target instanceof Element ? target.closest("li") : null;
  return item ?? undefined;
}

/** @param {EventTarget | null} target Whether it is a row's own button. */
function isButton(target) {
  return target instanceof Element && target.closest(".row") !== null;
}

/**
 * @param {Element | null} item
 * @param {"previousElementSibling" | "nextElementSibling"} towards
 */
function shownFrom(item, towards) {
  while (item instanceof HTMLElement && item.hidden) item = item[towards];
  return item instanceof HTMLElement ? item : undefined;
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
