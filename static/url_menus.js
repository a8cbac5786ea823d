// @ts-check
import { copyBy, createButton } from "./buttons.js";
import { clientCode, KINDS } from "./client_code.js";
import { byId } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { words } from "./language.js";

/** Pixels, as in connection.css; and the least distance to the window's edge. */
const width = 240;
const margin = 8;

/**
 * The menus of the URL: the server's endpoints, and code that uses the URL.
 * @param {import("./session.js").Session} session
 * @param {import("./connection_form.js").ConnectionForm} form
 */
export function addUrlMenus(session, form) {
  fillMenu("endpoints-toggle", () => {
    const query = /\?[^#]*/.exec(form.url)?.[0] ?? "";
    return session.choices.map(({ name, path }) => ({
      label: `${name} · ${path}`,
      choose: () => form.setUrl(webSocketOrigin(location) + path + query),
    }));
  });
  fillMenu(
    "copy-as",
    (button) =>
      Object.entries(KINDS).map(([kind, label]) => ({
        label,
        choose: () => {
          const code = clientCode(kind, form.url, form.protocols);
          copyBy(button, code, () => words.copyAs);
        },
      })),
  );
}

/**
 * Fills the list of choices that a button opens below it, each time it does; the
 * browser closes it by Escape and by a click elsewhere.
 * @param {string} id Of the button.
 * @param {(button: HTMLElement) => { label: string, choose: () => void }[]} items
 */
function fillMenu(id, items) {
  const button = byId(id, HTMLButtonElement);
  const list = byId(button.getAttribute("popovertarget") ?? "", HTMLElement);
  list.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    list.replaceChildren(
      ...items(button).map(({ label, choose }) =>
        createButton(label, () => {
          list.hidePopover();
          choose();
        })
      ),
    );
    // Anchor positioning is not in every browser.
    const { left, bottom } = button.getBoundingClientRect();
    const most = document.documentElement.clientWidth - width - margin;
    list.style.left = `${Math.max(margin, Math.min(left, most)) + scrollX}px`;
    list.style.top = `${bottom + 4 + scrollY}px`;
  });
}
