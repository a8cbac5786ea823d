import { createButton } from "./buttons.js";
import { byId, create } from "./dom.js";
import { words } from "./language.js";
import { firstFrom, indexOf } from "./log.js";
import { createDetails } from "./row_detail.js";
import { fillButton } from "./row_item.js";
import { createLayout, walk } from "./shown_rows.js";

/** @typedef {import("./log.js").Row} Row */
/** @typedef {import("./shown_rows.js").RowIndex} RowIndex */

/**
 * A row in the document; `version` tells what is painted, and `height` is in pixels.
 * @typedef {{ element: HTMLLIElement, button: HTMLButtonElement, version: string, height: number }} Item
 */

/** Pixels from the end that still count as the end. */
const tolerance = 8;
/** Rows drawn beyond the view, at each end. */
const margin = 10;

const scroller = byId("rows", HTMLElement);
const list = byId("row-list", HTMLOListElement);

/** A list of which only the rows in view are in the document. */
export class RowList {
  /** Whether the end stays in view. */
  isFollowing = true;
  #session;
  #opened;
  #index;
  #moved;
  /** @type {Map<Row, Item>} Those in view; and those opened, as the reader left them. */
  #items = new Map();
  #layout = createLayout(0, 1, []);
  #rowHeight = 1;
  #height = 0;
  /** The last scroll position that was set or read. */
  #top = 0;
  /** What stays in place: the first row in view, and how much of it is above. */
  #anchor = { id: 0, offset: 0 };
  /** @type {Row | undefined} The row in the tab order. */
  #current;
  #resizes = new ResizeObserver(() => this.#resized());

  /**
   * @param {import("./session.js").Session} session
   * @param {RowIndex} index
   * @param {() => void} moved The reader has scrolled, opened or closed a row.
   */
  constructor(session, index, moved) {
    this.#session = session;
    this.#opened = session.log.opened;
    this.#index = index;
    this.#moved = moved;
    list.addEventListener("keydown", (event) => this.#pressed(event));
    list.addEventListener("focusin", ({ target }) => {
      this.#current = this.#rowOf(target) ?? this.#current;
      this.#render();
    });
    scroller.addEventListener("scroll", () => this.#scrolled());
    this.#resizes.observe(scroller);
  }

  /** Whether the last row is in view. */
  get isAtEnd() {
    return this.#layout.height - this.#top - this.#height <= tolerance;
  }

  /** @param {RowIndex} [index] What is in view stays in place, or follows the end. */
  draw(index = this.#index) {
    this.#index = index;
    const { rows } = index;
    const opened = Array.from(this.#opened, (row) => {
      const { height = 0 } = this.#items.get(row) ?? {};
      const extra = Math.max(0, height - this.#rowHeight);
      return { index: indexOf(rows, row), extra };
    }).filter(({ index }) => index >= 0);
    this.#layout = createLayout(rows.length, this.#rowHeight, opened);
    list.style.height = `${this.#layout.height}px`;
    const { id, offset } = this.#anchor;
    const first = firstFrom(rows, id);
    const top = this.#layout.top(first) + (rows[first]?.id === id ? offset : 0);
    this.#scrollTo(this.isFollowing ? this.#layout.height : top);
  }

  /** Goes to the end, and stays there. */
  follow() {
    this.#focus(this.#index.rows.length - 1);
  }

  /** @param {number} top */
  #scrollTo(top) {
    const end = Math.max(0, this.#layout.height - this.#height);
    this.#top = Math.max(0, Math.min(top, end));
    if (Math.abs(scroller.scrollTop - this.#top) > 0.5) {
      scroller.scrollTop = this.#top;
    }
    this.#render();
  }

  #scrolled() {
    const { scrollTop, clientHeight } = scroller;
    const change = scrollTop - this.#top;
    this.#top = scrollTop;
    // A list that grows at its end is scrolled up before its size is observed.
    this.#height = clientHeight;
    // New rows move the end; only scrolling up leaves it, and down returns.
    if (change > 0.5 && this.isAtEnd) this.isFollowing = true;
    if (change < -0.5 && !this.isAtEnd) this.isFollowing = false;
    this.#render();
    this.#moved();
  }

  /** Measures the view and the opened rows. */
  #resized() {
    const height = getComputedStyle(list).getPropertyValue("--row-height");
    this.#rowHeight = parseFloat(height);
    this.#height = scroller.clientHeight;
    for (const item of this.#items.values()) {
      // Out of view, it has no height, and keeps the last one.
      const { isConnected, children } = item.element;
      if (!isConnected || children.length < 2) continue;
      item.height = item.element.getBoundingClientRect().height;
    }
    this.draw();
    this.#moved();
  }

  /** Puts the rows in view into the document, and takes out the others. */
  #render() {
    const rows = this.#index.rows;
    const first = this.#layout.at(this.#top);
    const offset = this.#top - this.#layout.top(first);
    this.#anchor = { id: rows[first]?.id ?? 0, offset };
    const focused = list.contains(document.activeElement);
    const last = rows.length - 1;
    const kept = firstFrom(rows, this.#current?.id ?? Infinity);
    const current = this.isFollowing && !focused ? last : Math.min(kept, last);
    this.#current = rows[current];
    const { start, end } = this.#layout.window(this.#top, this.#height, margin);
    const shown = rows.slice(start, end);
    // The row in the tab order must be in the document.
    if (this.#current && current >= end) shown.push(this.#current);
    if (this.#current && current < start) shown.unshift(this.#current);
    for (const [row, { element }] of this.#items) {
      if (shown.includes(row)) continue;
      element.remove();
      if (!this.#opened.has(row)) this.#items.delete(row);
    }
    let next = list.firstElementChild;
    for (const row of shown) {
      const { element, button } = this.#paint(row);
      const index = indexOf(rows, row);
      element.style.top = `${this.#layout.top(index)}px`;
      element.ariaSetSize = String(rows.length);
      element.ariaPosInSet = String(index + 1);
      button.tabIndex = index === current ? 0 : -1;
      if (element === next) next = element.nextElementSibling;
      else list.insertBefore(element, next);
    }
    if (focused && !list.contains(document.activeElement)) this.#focusCurrent();
  }

  /** @param {Row} row */
  #paint(row) {
    const item = this.#items.get(row) ?? this.#createItem(row);
    const { inPairs } = this.#index;
    const isOpen = this.#opened.has(row);
    const { id, roundTrip } = inPairs && row.reply || row;
    const version = [words.code, inPairs, isOpen, id, roundTrip].join();
    if (item.version === version) return item;
    const { element, button } = item;
    item.version = version;
    fillButton(button, row, inPairs);
    button.ariaExpanded = String(isOpen);
    element.children[1]?.remove();
    if (isOpen) element.append(createDetails(row, this.#session, inPairs));
    return item;
  }

  /** @param {Row} row */
  #createItem(row) {
    const button = createButton("", () => this.#toggle(row));
    const element = create("li", "", button);
    const item = { element, button, version: "", height: 0 };
    this.#items.set(row, item);
    return item;
  }

  /** @param {Row} row Is opened, or closed. */
  #toggle(row) {
    const isOpen = !this.#opened.delete(row);
    if (isOpen) this.#opened.add(row);
    const { element } = this.#paint(row);
    if (isOpen) this.#resizes.observe(element);
    else this.#resizes.unobserve(element);
    // Following the end would move it out of view.
    this.isFollowing = false;
    this.#resized();
    const index = indexOf(this.#index.rows, row);
    this.#scrollTo(this.#layout.reveal(index, this.#top, this.#height));
    if (!isOpen) this.isFollowing = this.isAtEnd;
    this.#moved();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { key, target } = event;
    const row = this.#rowOf(target);
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    if (key === "Escape" && this.#opened.has(row)) {
      event.preventDefault();
      this.#toggle(row);
      return this.#focusCurrent();
    }
    const page = Math.floor(this.#height / this.#rowHeight) - 1;
    const index = indexOf(this.#index.rows, row);
    const next = walk(key, index, page, this.#index.rows.length);
    if (next === undefined || target !== this.#items.get(row)?.button) return;
    event.preventDefault();
    this.#focus(next);
    this.#moved();
  }

  /** @param {number} index */
  #focus(index) {
    this.#current = this.#index.rows[index];
    const before = this.#top;
    this.#scrollTo(this.#layout.reveal(index, before, this.#height));
    if (index === this.#index.rows.length - 1) this.isFollowing = true;
    else if (this.#top < before) this.isFollowing = false;
    this.#focusCurrent();
  }

  #focusCurrent() {
    const item = this.#current && this.#items.get(this.#current);
    item?.button.focus({ preventScroll: true });
  }

  /** @param {EventTarget | null} target */
  #rowOf(target) {
    for (const [row, { element }] of this.#items) {
      if (target instanceof Node && element.contains(target)) return row;
    }
  }
}
