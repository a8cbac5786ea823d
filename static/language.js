import { setMarked } from "./dom.js";
import { store } from "./storage.js";
import { chinese, english } from "./words.js";

const storageKey = "wsecho.language";

/** The words of the language in use. */
export let words = firstLanguage();

/** @type {(() => void)[]} */
const listeners = [];

function firstLanguage() {
  const kept = store.read(storageKey);
  const wanted = typeof kept === "string" ? [kept] : navigator.languages;
  const known = wanted.find((language) => /^(?:zh|en)\b/i.test(language));
  return /^zh/i.test(known ?? "") ? chinese : english;
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

/** The attributes with words of the page, and those that name the words. */
const attributes = {
  "aria-label": "data-words-label",
  title: "data-words-title",
  placeholder: "data-words-placeholder",
};

/** Puts the words into the page's elements that name them. */
export function translate() {
  for (const element of document.querySelectorAll("[data-words]")) {
    setMarked(element, word(element, "data-words"));
  }
  for (const [attribute, source] of Object.entries(attributes)) {
    for (const element of document.querySelectorAll(`[${source}]`)) {
      element.setAttribute(attribute, word(element, source));
    }
  }
}

/**
 * @param {Element} element
 * @param {string} source The attribute that names the words, as in `columns.time`.
 */
function word(element, source) {
  const path = element.getAttribute(source) ?? "";
  /** @type {any} */
  let found = words;
  for (const name of path.split(".")) found = found?.[name];
  if (typeof found === "string") return found;
  throw new Error(`Cannot find words: "${path}"`);
}
