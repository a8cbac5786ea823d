// @ts-check

/**
 * `localStorage`, which may be forbidden, full, or hold what something else
 * wrote: then nothing is read or kept, and the page works all the same.
 */
export const store = {
  /**
   * @param {string} key
   * @returns {unknown} `undefined` where there is nothing that can be read.
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
      // Kept for as long as the page is open, then.
    }
  },
};
