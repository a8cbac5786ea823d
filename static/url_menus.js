import { copyBy, createButton } from "./buttons.js";
import { clientCode, KINDS } from "./client_code.js";
import { byId } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { words } from "./language.js";

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
    // Its width in connection.css, and some space to the window's edge.
    list.style.left = `min(${left}px, 100vw - 256px)`;
    list.style.top = `${bottom + 4 + scrollY}px`;
  });
}
