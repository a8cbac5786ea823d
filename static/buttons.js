import { create } from "./dom.js";
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
 * @type {(button: HTMLElement, text: string, label?: () => string) => Promise<void>}
 */
export async function copyBy(button, text, label = () => words.copy) {
  const isDone = await writeClipboard(text);
  button.textContent = isDone ? words.copied : words.copyFailed;
  setTimeout(() => button.textContent = label(), 2_000);
}

/** @param {string} text */
async function writeClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages of plain http on another host have no clipboard API.
    const field = create("textarea", "hidden");
    field.value = text;
    const focused = document.activeElement;
    document.body.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isDone;
  }
}
