// @ts-check
import { createButton } from "./buttons.js";
import { byId, create } from "./dom.js";
import { words } from "./language.js";
import { escapeInvisible } from "./visible_text.js";

/** @typedef {{ text: string, title: string, remove: () => void }} Chip */

const list = byId("chips", HTMLUListElement);
let shown = "";

/**
 * Shows the options that are set, each as a button that removes it.
 * @param {Chip[]} chips
 */
export function showChips(chips) {
  chips = chips.map(({ text, title, remove }) => ({
    text: escapeInvisible(text),
    title: escapeInvisible(title),
    remove,
  }));
  // A button that stays keeps the focus.
  const wanted = JSON.stringify(chips);
  if (wanted === shown) return;
  shown = wanted;
  list.hidden = chips.length === 0;
  list.replaceChildren(...chips.map(({ text, title, remove }, i) => {
    const button = createButton(text, () => {
      remove();
      const buttons = list.querySelectorAll("button");
      const next = buttons[Math.min(i, buttons.length - 1)];
      (next ?? byId("options-toggle", HTMLElement)).focus();
    }, "chip");
    button.title = title;
    button.setAttribute("aria-label", words.remove(text));
    const item = create("li");
    item.append(button);
    return item;
  }));
}
