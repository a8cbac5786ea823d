/**
 * A browser's storage. Where it is forbidden, full or corrupt, there is nothing to
 * read, and writing does nothing.
 * @param {() => Storage} open May throw.
 */
function createStore(open) {
  return {
    /** @type {(key: string) => unknown} */
    read(key) {
      try {
        return JSON.parse(open().getItem(key) ?? "null");
      } catch {
        return undefined;
      }
    },
    /** @type {(key: string, value: unknown) => void} */
    write(key, value) {
      try {
        open().setItem(key, JSON.stringify(value));
      } catch {
        // Then the value lasts only while the page is open.
      }
    },
  };
}

/** What all tabs share, and the next visit finds. */
export const store = createStore(() => localStorage);

/** What one tab keeps: it survives reload and Back, and ends with the tab. */
export const tabStore = createStore(() => sessionStorage);
