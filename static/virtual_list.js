// @ts-check

/**
 * Where the rows of a list lie, in pixels from its beginning: all have the same
 * height but those that are opened.
 */
export class Layout {
  #count;
  #rowHeight;
  #opened;

  /**
   * @param {number} count How many rows there are.
   * @param {number} rowHeight The height of a closed one.
   * @param {readonly { index: number, extra: number }[]} opened By rising index, and
   * how much higher each is.
   */
  constructor(count, rowHeight, opened) {
    this.#count = count;
    this.#rowHeight = rowHeight;
    this.#opened = opened;
  }

  /** The height of all rows. */
  get height() {
    return this.top(this.#count);
  }

  /**
   * @param {number} index
   * @returns {number} Where the row begins.
   */
  top(index) {
    let top = index * this.#rowHeight;
    for (const one of this.#opened) {
      if (one.index >= index) break;
      top += one.extra;
    }
    return top;
  }

  /**
   * @param {number} y
   * @returns {number} The index of the row there, or of the nearest one; 0 where there is
   * none.
   */
  at(y) {
    let above = 0;
    for (const { index, extra } of this.#opened) {
      const top = index * this.#rowHeight + above;
      if (y < top) break;
      if (y < top + this.#rowHeight + extra) return index;
      above += extra;
    }
    const index = Math.floor((y - above) / this.#rowHeight);
    return Math.max(0, Math.min(index, this.#count - 1));
  }

  /**
   * The rows to draw.
   * @param {number} top Where the view begins.
   * @param {number} height The height of the view.
   * @param {number} margin Rows more at each end, for scrolling.
   * @returns {{ start: number, end: number }} `end` is not one of them.
   */
  window(top, height, margin) {
    return {
      start: Math.max(0, this.at(top) - margin),
      end: Math.min(this.#count, this.at(top + height) + 1 + margin),
    };
  }

  /**
   * How far to scroll to have a row in view; not at all if it is.
   * @param {number} index
   * @param {number} top Where the view begins.
   * @param {number} height The height of the view.
   * @returns {number} Where the view should begin.
   */
  reveal(index, top, height) {
    const start = this.top(index);
    return Math.min(start, Math.max(top, this.top(index + 1) - height));
  }
}

/**
 * Where a key leads in a list.
 * @param {string} key
 * @param {number} index The present row.
 * @param {number} page How many rows a page has.
 * @param {number} count How many rows there are.
 * @returns {number | undefined} The row's index; `undefined` for other keys.
 */
export function walk(key, index, page, count) {
  /** @type {Record<string, number>} */
  const targets = {
    ArrowUp: index - 1,
    ArrowDown: index + 1,
    PageUp: index - page,
    PageDown: index + page,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  return target && Math.max(0, Math.min(target, count - 1));
}
