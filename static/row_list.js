// @ts-check
import { byId } from "./dom.js";
import { ItemPool } from "./item_pool.js";
import { firstFrom } from "./log.js";
import { Layout, walk } from "./shown_rows.js";

/** @typedef {import("./log.js").Row} Row */

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
  #moved;
  #opened;
  /** @type {readonly Row[]} */
  #rows = [];
  #layout = new Layout(0, 1, []);
  #pool;
  #rowHeight = 1;
  #height = 0;
  /** The last scroll position that was set or read. */
  #top = 0;
  /** What stays in place: the first row in view, and how much of it is above. */
  #anchor = { id: 0, offset: 0 };
  /** @type {Row | undefined} The row in the tab order. */
  #current;

  /**
   * @param {Set<Row>} opened
   * @param {import("./item_pool.js").Painter} painter
   * @param {() => void} moved The reader has scrolled, opened or closed a row.
   */
  constructor(opened, painter, moved) {
    this.#opened = opened;
    this.#moved = moved;
    const resized = () => {
      this.draw(this.#rows);
      moved();
    };
    this.#pool = new ItemPool(list, opened, painter, resized);
    list.addEventListener("click", ({ target }) => {
      if (isButton(target)) this.#toggle(this.#rowOf(target));
    });
    list.addEventListener("keydown", (event) => this.#pressed(event));
    list.addEventListener("focusin", ({ target }) => {
      this.#current = this.#rowOf(target) ?? this.#current;
      this.#render();
    });
    scroller.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => {
      const height = getComputedStyle(list).getPropertyValue("--row-height");
      this.#rowHeight = parseFloat(height);
      this.#height = scroller.clientHeight;
      resized();
    }).observe(scroller);
  }

  /** Whether the last row is in view. */
  get isAtEnd() {
    return this.#layout.height - this.#top - this.#height <= tolerance;
  }

  /**
   * Shows these rows; what is in view stays in place, or follows the end.
   * @param {readonly Row[]} rows By rising id.
   */
  draw(rows) {
    this.#rows = rows;
    const opened = [...this.#pool.heights]
      .map(([row, height]) => (
        { index: this.#indexOf(row), extra: height - this.#rowHeight }
      ))
      .filter(({ index }) => index >= 0)
      .sort((a, b) => a.index - b.index);
    this.#layout = new Layout(rows.length, this.#rowHeight, opened);
    list.style.height = `${this.#layout.height}px`;
    const { id, offset } = this.#anchor;
    const index = firstFrom(rows, id);
    const top = this.#layout.top(index) + (rows[index]?.id === id ? offset : 0);
    this.#scrollTo(this.isFollowing ? this.#layout.height : top);
  }

  /** Paints each row anew. */
  repaint() {
    this.#pool.expire();
    this.draw(this.#rows);
  }

  /** Goes to the end, and stays there. */
  follow() {
    this.#focus(this.#rows.length - 1);
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

  /** Puts the rows in view into the document, and takes out the others. */
  #render() {
    const first = this.#layout.at(this.#top);
    const offset = this.#top - this.#layout.top(first);
    this.#anchor = { id: this.#rows[first]?.id ?? 0, offset };
    const focused = list.contains(document.activeElement);
    const current = this.#chooseCurrent(focused);
    const { start, end } = this.#layout.window(this.#top, this.#height, margin);
    const wanted = this.#rows.slice(start, end);
    // The row in the tab order must be in the document.
    if (this.#current && current >= end) wanted.push(this.#current);
    if (this.#current && current < start) wanted.unshift(this.#current);
    this.#pool.show(
      wanted.map((row) => {
        const index = this.#indexOf(row);
        const isCurrent = row === this.#current;
        return { row, index, top: this.#layout.top(index), isCurrent };
      }),
      this.#rows.length,
    );
    if (focused && !list.contains(document.activeElement)) {
      this.#buttonOf(this.#current)?.focus({ preventScroll: true });
    }
  }

  /**
   * @param {boolean} focused Whether the focus is in the list.
   * @returns {number} The index of the row in the tab order, -1 where there is none.
   */
  #chooseCurrent(focused) {
    const last = this.#rows.length - 1;
    const id = this.#current?.id ?? Infinity;
    const index = this.isFollowing && !focused
      ? last
      : Math.min(firstFrom(this.#rows, id), last);
    this.#current = this.#rows[index];
    return index;
  }

  /** @param {Row | undefined} row */
  #toggle(row) {
    if (row === undefined) return;
    this.#pool.toggle(row);
    if (this.#opened.has(row)) {
      // Following the end would move it out of view.
      this.isFollowing = false;
      this.draw(this.#rows);
      const index = this.#indexOf(row);
      this.#scrollTo(this.#layout.reveal(index, this.#top, this.#height));
    } else {
      // Its first line stays in view.
      if (this.#anchor.id === row.id) this.#anchor.offset = 0;
      this.draw(this.#rows);
      this.isFollowing = this.isAtEnd;
    }
    this.#moved();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const row = this.#rowOf(event.target);
    if (row === undefined || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === "Escape" && this.#opened.has(row)) {
      event.preventDefault();
      this.#toggle(row);
      return this.#buttonOf(row)?.focus();
    }
    const page = Math.floor(this.#height / this.#rowHeight) - 1;
    const index = this.#indexOf(row);
    const target = walk(event.key, index, page, this.#rows.length);
    if (target === undefined || !isButton(event.target)) return;
    event.preventDefault();
    this.#focus(target);
    this.#moved();
  }

  /** @param {number} index */
  #focus(index) {
    this.#current = this.#rows[index];
    const before = this.#top;
    this.#scrollTo(this.#layout.reveal(index, before, this.#height));
    if (index === this.#rows.length - 1) this.isFollowing = true;
    else if (this.#top < before) this.isFollowing = false;
    this.#buttonOf(this.#current)?.focus({ preventScroll: true });
  }

  /** @param {Row | undefined} row */
  #buttonOf(row) {
    return row && this.#pool.itemOf(row)?.querySelector("button");
  }

  /** @param {Row} row */
  #indexOf(row) {
    const index = firstFrom(this.#rows, row.id);
    return this.#rows[index] === row ? index : -1;
  }

  /** @param {EventTarget | null} target */
  #rowOf(target) {
    const item = target instanceof Element ? target.closest("li") : null;
    const id = Number(item?.dataset.id);
    return this.#rows[firstFrom(this.#rows, id)];
  }
}

/** @param {EventTarget | null} target Whether it is a row's own button. */
function isButton(target) {
  return target instanceof Element && target.closest(".row") !== null;
}
