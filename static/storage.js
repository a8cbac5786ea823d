// @ts-check

/**
 * A browser's storage. Where it is forbidden, full or corrupt, there is nothing to
 * read, and writing does nothing.
 */
class Store {
  #open;

  /** @param {() => Storage} open May throw. */
  constructor(open) {
    this.#open = open;
  }

  /**
   * @param {string} key
   * @returns {unknown}
   */
  read(key) {
    try {
      return JSON.parse(this.#open().getItem(key) ?? "null");
    } catch {
      return undefined;
    }
  }

  /** @type {(key: string, value: unknown) => void} */
  write(key, value) {
    try {
      this.#open().setItem(key, JSON.stringify(value));
    } catch {
      // Then the value lasts only while the page is open.
    }
  }
}

/** What all tabs share, and the next visit finds. */
export const store = new Store(() => localStorage);

/** What one tab keeps: it survives reload and Back, and ends with the tab. */
export const tabStore = new Store(() => sessionStorage);
