// @ts-check
import { copyText, create } from "./dom.js";
import { words } from "./language.js";

/** @type {(label: string, clicked: () => void, className?: string) => HTMLButtonElement} */
export function createButton(label, clicked, className) {
  const button = create("button", className, label);
  button.type = "button";
  button.addEventListener("click", clicked);
  return button;
}

/**
 * Copies a text, and says for a while in the button whether it worked.
 * @param {HTMLElement} button
 * @param {string} text
 * @param {() => string} [label] The button's own, in the language in use.
 */
export async function copyBy(button, text, label = () => words.copy) {
  button.textContent = await copyText(text) ? words.copied : words.copyFailed;
  setTimeout(() => button.textContent = label(), 2_000);
}
