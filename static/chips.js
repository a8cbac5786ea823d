// @ts-check
import { byId, create } from "./dom.js";
import { words } from "./language.js";
import { escapeInvisible } from "./visible_text.js";

/** @typedef {{ text: string, title: string, remove: () => void }} Chip */

const list = byId("chips", HTMLUListElement);

/** The options that are set, each as a button that removes it. */
export class Chips {
  #shown = "";

  /** @param {Chip[]} chips */
  show(chips) {
    chips = chips.map(({ text, title, remove }) => ({
      text: escapeInvisible(text),
      title: escapeInvisible(title),
      remove,
    }));
    const texts = chips.map(({ text, title }) => `${text}\n${title}`);
    const shown = texts.join("\n");
    // A button that stays keeps the focus.
    if (shown === this.#shown) return;
    this.#shown = shown;
    list.hidden = chips.length === 0;
    list.replaceChildren(...chips.map(({ text, title, remove }, i) => {
      const button = create("button", "chip", text);
      button.type = "button";
      button.title = title;
      button.setAttribute("aria-label", words.remove(text));
      button.addEventListener("click", () => {
        remove();
        const buttons = list.querySelectorAll("button");
        const next = buttons[Math.min(i, buttons.length - 1)];
        (next ?? byId("options-toggle", HTMLElement)).focus();
      });
      const item = create("li");
      item.append(button);
      return item;
    }));
  }
}
