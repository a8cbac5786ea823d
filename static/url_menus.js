// @ts-check
import { clientCode, KINDS } from "./client_code.js";
import { byId, copyText } from "./dom.js";
import { webSocketOrigin } from "./endpoint.js";
import { withWords, words } from "./language.js";
import { fillMenu } from "./menu.js";

const endpoints = byId("endpoints-toggle", HTMLButtonElement);
const copyAs = byId("copy-as", HTMLButtonElement);

/** The menus of the URL: the server's endpoints, and code that uses the URL. */
export class UrlMenus {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./connection_form.js").ConnectionForm} form
   */
  constructor(session, form) {
    fillMenu(endpoints, byId("endpoints", HTMLElement), () => {
      const query = /\?[^#]*/.exec(form.url)?.[0] ?? "";
      return session.choices.map(({ name, path }) => ({
        label: `${name} · ${path}`,
        choose: () => form.setUrl(webSocketOrigin(location) + path + query),
      }));
    });
    fillMenu(copyAs, byId("copy-as-list", HTMLElement), () => {
      copyAs.textContent = words.copyAs;
      return KINDS.map(({ kind, label }) => ({
        label,
        choose: async () => {
          const isCopied = await copyText(
            clientCode(kind, form.url, form.protocols),
          );
          copyAs.textContent = isCopied ? words.copied : words.copyFailed;
        },
      }));
    });
    copyAs.addEventListener("blur", () => {
      copyAs.textContent = words.copyAs;
    });
    withWords(() => {
      copyAs.textContent = words.copyAs;
    });
  }
}
