// @ts-check
import { create } from "./dom.js";

/** @typedef {{ label: string, choose: () => void }} Item */

/** Pixels, as in connection.css; and the least distance to the window's edge. */
const width = 240;
const margin = 8;

/**
 * A list of choices that a button opens below it; the browser closes it by
 * Escape and by a click elsewhere.
 * @param {HTMLButtonElement} button Has the list as its `popovertarget`.
 * @param {HTMLElement} list
 * @param {() => Item[]} items Called each time it opens.
 */
export function fillMenu(button, list, items) {
  list.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    list.replaceChildren(
      ...items().map(({ label, choose }) => {
        const item = create("button", undefined, label);
        item.type = "button";
        item.addEventListener("click", () => {
          list.hidePopover();
          choose();
        });
        return item;
      }),
    );
    // Anchor positioning is not in every browser.
    const { left, bottom } = button.getBoundingClientRect();
    const most = document.documentElement.clientWidth - width - margin;
    list.style.left = `${Math.max(margin, Math.min(left, most)) + scrollX}px`;
    list.style.top = `${bottom + 4 + scrollY}px`;
  });
}
