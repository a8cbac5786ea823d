// @ts-check
import { setMarked } from "./dom.js";
import { store } from "./storage.js";
import { english } from "./words_en.js";
import { chinese } from "./words_zh.js";

/** @typedef {import("./words_en.js").Words} Words */

const storageKey = "wsecho.language";

/** The words of the language in use. */
export let words = firstLanguage();

/** @type {(() => void)[]} */
const listeners = [];

/** @returns {Words} */
function firstLanguage() {
  const kept = store.read(storageKey);
  const wanted = typeof kept === "string" ? [kept] : navigator.languages;
  for (const language of wanted) {
    if (/^zh\b/i.test(language)) return chinese;
    if (/^en\b/i.test(language)) return english;
  }
  return english;
}

/**
 * Calls back now, and again whenever the language changes.
 * @param {() => void} listener Writes words into the page.
 */
export function withWords(listener) {
  listeners.push(listener);
  listener();
}

/** Changes to the other language, and keeps it for the next visit. */
export function switchLanguage() {
  words = words === english ? chinese : english;
  store.write(storageKey, words.code);
  for (const listener of listeners) listener();
}

/**
 * Puts the words into an element's descendants that name them: `data-words`
 * is the text, with code in backticks, `data-words-label`, `-title` and `-placeholder` the attributes.
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-words]")) {
    setMarked(element, word(element.getAttribute("data-words")));
  }
  const attributes = {
    label: "aria-label",
    title: "title",
    placeholder: "placeholder",
  };
  for (const [name, attribute] of Object.entries(attributes)) {
    for (const element of root.querySelectorAll(`[data-words-${name}]`)) {
      element.setAttribute(
        attribute,
        word(element.getAttribute(`data-words-${name}`)),
      );
    }
  }
}

/**
 * @param {string | null} path As in `columns.time`.
 * @returns {string}
 */
function word(path) {
  /** @type {any} */
  let found = words;
  for (const name of (path ?? "").split(".")) found = found?.[name];
  if (typeof found !== "string") {
    throw new Error(`Cannot find words: "${path}"`);
  }
  return found;
}
