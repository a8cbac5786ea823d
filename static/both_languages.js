/** @typedef {[english: string, chinese: string]} Both A text in both languages. */

/**
 * Texts by name; a function makes one of what it is given. A table of them is
 * laid out by hand: `deno fmt` would take four lines for a pair instead of two.
 * @typedef {{ [name: string]: Both | ((...given: never[]) => Both) | BothWords }} BothWords
 */

/**
 * The same texts in one language.
 * @template T
 * @typedef {T extends Both ? string
 *   : T extends (...given: infer Given) => Both ? (...given: Given) => string
 *   : { [Name in keyof T]: InOne<T[Name]> }} InOne
 */

/**
 * @template {object} T
 * @param {T} words As in `BothWords`, which each table of them satisfies: errors
 * are shown there, and not where a word is used.
 * @param {0 | 1} language The position of its texts.
 * @returns {InOne<T>}
 */
export function inOne(words, language) {
  /** @type {any} TypeScript cannot follow that its names are those of `T`. */
  const texts = {};
  for (const [name, word] of Object.entries(/** @type {BothWords} */ (words))) {
    if (Array.isArray(word)) texts[name] = word[language];
    else if (typeof word !== "function") texts[name] = inOne(word, language);
    else {
      /** @param {never[]} given */
      texts[name] = (...given) => word(...given)[language];
    }
  }
  return texts;
}

/** Both languages write numbers in the same way. */
export const format = new Intl.NumberFormat("en").format;

/** @type {(n: number, one: string, many?: string) => string} In English. */
export function count(n, one, many = `${one}s`) {
  return `${format(n)} ${n === 1 ? one : many}`;
}
