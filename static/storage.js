// @ts-check

/**
 * `localStorage`, which may be forbidden, full or corrupt: reading then returns
 * `undefined`, and writing does nothing.
 */
export const store = {
  /**
   * @param {string} key
   * @returns {unknown} `undefined` where there is nothing readable.
   */
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null") ?? undefined;
    } catch {
      return undefined;
    }
  },

  /**
   * @param {string} key
   * @param {unknown} value
   */
  write(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Then the value lasts only while the page is open.
    }
  },
};
