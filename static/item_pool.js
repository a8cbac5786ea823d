// @ts-check
import { createItem } from "./row_item.js";

/** @typedef {import("./log.js").Row} Row */

/**
 * How a row looks.
 * @typedef {object} Painter
 * @property {(row: Row) => unknown} version Changes when the row has to be painted anew.
 * @property {(button: Element, row: Row) => void} fill
 * @property {(row: Row) => HTMLElement} detail
 */

/** The version of what has to be painted anew. */
const expired = Symbol();

/** The items of the rows in view, and of those that are opened. */
export class ItemPool {
  /** @type {Map<Row, number>} The heights of the opened rows, in pixels. */
  heights = new Map();
  #list;
  #opened;
  #painter;
  /** @type {Map<Row, { item: HTMLLIElement, version: unknown }>} */
  #items = new Map();
  #resizes;

  /**
   * @param {HTMLElement} list
   * @param {Set<Row>} opened
   * @param {Painter} painter
   * @param {() => void} resized The height of an opened row has changed.
   */
  constructor(list, opened, painter, resized) {
    this.#list = list;
    this.#opened = opened;
    this.#painter = painter;
    this.#resizes = new ResizeObserver(() => {
      for (const row of this.heights.keys()) this.#measure(row);
      resized();
    });
  }

  /** @param {Row} row */
  itemOf(row) {
    return this.#items.get(row)?.item;
  }

  /** Has each item painted anew when it is shown. */
  expire() {
    for (const shown of this.#items.values()) shown.version = expired;
  }

  /** @param {Row} row Is opened in the document, or closed. */
  toggle(row) {
    const item = this.itemOf(row);
    if (item === undefined) return;
    const [button, detail] = item.children;
    button?.setAttribute("aria-expanded", String(detail === undefined));
    if (detail === undefined) {
      item.append(this.#painter.detail(row));
      this.#opened.add(row);
      this.#resizes.observe(item);
      this.#measure(row);
    } else {
      detail.remove();
      this.#opened.delete(row);
      this.#resizes.unobserve(item);
      this.heights.delete(row);
    }
  }

  /** @param {Row} row */
  #measure(row) {
    const item = this.itemOf(row);
    // Out of view, it has no height, and keeps the last one.
    if (!item?.isConnected) return;
    this.heights.set(row, item.getBoundingClientRect().height);
  }

  /**
   * Puts these rows into the document, and takes out the others.
   * @param {readonly { row: Row, index: number, top: number, isCurrent: boolean }[]} places
   * By rising index; the current one is in the tab order.
   * @param {number} count How many rows there are in all.
   */
  show(places, count) {
    const kept = new Set(places.map(({ row }) => row));
    for (const [row, { item }] of this.#items) {
      if (kept.has(row)) continue;
      item.remove();
      // An opened row keeps what the reader has chosen in it.
      if (this.#opened.has(row)) continue;
      this.#items.delete(row);
      this.heights.delete(row);
    }
    let next = this.#list.firstElementChild;
    for (const { row, index, top, isCurrent } of places) {
      const item = this.#paint(row);
      item.style.top = `${top}px`;
      item.ariaSetSize = String(count);
      item.ariaPosInSet = String(index + 1);
      const [button] = item.children;
      if (button instanceof HTMLElement) button.tabIndex = isCurrent ? 0 : -1;
      if (item === next) next = item.nextElementSibling;
      else this.#list.insertBefore(item, next);
    }
  }

  /** @param {Row} row */
  #paint(row) {
    const shown = this.#items.get(row) ??
      { item: createItem(row), version: expired };
    this.#items.set(row, shown);
    const [button, detail] = shown.item.children;
    const version = this.#painter.version(row);
    if (shown.version !== version && button !== undefined) {
      shown.version = version;
      this.#painter.fill(button, row);
      detail?.replaceWith(this.#painter.detail(row));
    }
    return shown.item;
  }
}
