import { createButton } from "./buttons.js";
import { byId, create, showFault } from "./dom.js";
import {
  completeUrl,
  findUrlFault,
  parseSubprotocols,
  webSocketOrigin,
} from "./endpoint.js";
import { withWords, words } from "./language.js";
import {
  isEndpoint,
  isOwn,
  offeredUrl,
  shareUrl,
  startUrl,
} from "./page_url.js";
import { ParameterFields } from "./parameter_fields.js";
import { writeParameter } from "./parameters.js";
import { tabStore } from "./storage.js";
import { escapeInvisible } from "./visible_text.js";

const url = byId("url", HTMLInputElement);
const urlFault = byId("url-fault", HTMLElement);
const urlHint = byId("url-hint", HTMLElement);
const toggle = byId("options-toggle", HTMLButtonElement);
const options = byId("options", HTMLElement);
const subprotocols = byId("subprotocols", HTMLInputElement);
const subprotocolsFault = byId("subprotocols-fault", HTMLElement);
const reconnect = byId("reconnect", HTMLInputElement);
const chipList = byId("chips", HTMLUListElement);

const storageKey = "wsecho.connection";

/** Where to connect, and how. */
export class ConnectionForm {
  /** The user pressed Connect while there was a fault. */
  #insisted = false;
  #fields = new ParameterFields((name, value) => {
    url.value = writeParameter(url.value, name, value);
  });
  /** The texts of the chips. */
  #chips = "";
  #session;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    const kept = { url: "", subprotocols: "", reconnect: false };
    Object.assign(kept, tabStore.read(storageKey));
    subprotocols.value = kept.subprotocols;
    session.connection.reconnect = reconnect.checked = kept.reconnect;
    const guessed = url.value = startUrl(session.choices, kept.url);
    const build = () => {
      this.#fields.build(session.server?.parameters ?? []);
      this.#show();
    };
    session.on("server", () => {
      byId("version", HTMLElement).textContent = session.server?.version ?? "";
      // Another one may have been typed meanwhile.
      if (url.value === guessed) {
        url.value = startUrl(session.choices, kept.url);
      }
      build();
    });
    // The page's own URL may not say it all.
    addEventListener("pagehide", () => {
      tabStore.write(storageKey, {
        url: url.value,
        subprotocols: subprotocols.value,
        reconnect: reconnect.checked,
      });
    });
    url.addEventListener("input", () => this.#show());
    url.addEventListener("change", () => this.#complete());
    toggle.addEventListener("click", () => this.#open(options.hidden === true));
    options.addEventListener("input", () => this.#show());
    options.addEventListener("change", () => {
      session.connection.reconnect = reconnect.checked;
      this.setUrl(url.value);
    });
    withWords(build);
  }

  get url() {
    return url.value.trim();
  }

  /** The subprotocols to offer. */
  get protocols() {
    return parseSubprotocols(subprotocols.value).names;
  }

  /** Whether the form describes another connection than the last one. */
  get hasChanged() {
    const { url, protocols } = this.#session.connection;
    return this.url !== url || String(this.protocols) !== String(protocols);
  }

  /** @param {string} text As if it had been typed. */
  setUrl(text) {
    url.value = text;
    this.#show();
    shareUrl(this.#session.choices, text);
  }

  #complete() {
    this.setUrl(completeUrl(url.value, webSocketOrigin(location)));
  }

  /** Connects if nothing is wrong, and returns whether it does. */
  connect() {
    if (!this.check()) return false;
    if (options.contains(document.activeElement)) {
      byId("connect", HTMLElement).focus();
    }
    this.#open(false);
    this.#session.connect(this.url, this.protocols);
    return true;
  }

  /** Returns whether nothing is wrong; otherwise shows what is, and moves the focus there. */
  check() {
    this.#insisted = true;
    this.#complete();
    const wrong = url.matches("[aria-invalid]") ? url : this.#wrongOption();
    this.#insisted = wrong !== null;
    if (wrong !== null && wrong !== url) this.#open(true);
    wrong?.focus();
    return wrong === null;
  }

  /** @returns {HTMLElement | null} The first field that is wrong. */
  #wrongOption() {
    // Another server may accept other values.
    const place = isOwn(this.url) ? options : subprotocols.parentElement;
    return place?.querySelector("[aria-invalid]") ?? null;
  }

  /** Shows what the fields say: everything else follows from them. */
  #show() {
    this.#fields.show(url.value);
    const { fault } = parseSubprotocols(subprotocols.value);
    showFault(
      subprotocols,
      subprotocolsFault,
      fault === undefined ? "" : words.subprotocolFault(fault),
    );
    this.#showChips();
    const { server, choices } = this.#session;
    // The console's own path, where there is another page, is none either.
    urlHint.hidden = server === undefined || isEndpoint(choices) ||
      /\/wsecho\/?$/.test(location.pathname) ||
      url.value !== offeredUrl(choices);

    // A half-typed URL is always wrong.
    const quiet = document.activeElement === url && !this.#insisted;
    if (quiet) return showFault(url, urlFault, "");
    const kind = findUrlFault(url.value, location.protocol === "https:");
    const wrong = kind === undefined && this.#wrongOption() !== null;
    if (wrong) this.#open(true);
    const text = kind === undefined
      ? ""
      : kind === "port"
      ? words.blockedPort(new URL(url.value).port)
      : words.urlFaults[kind] ?? "";
    showFault(url, urlFault, text, wrong ? words.optionsFault : text);
  }

  /** Shows the options that are set, each as a button that removes it. */
  #showChips() {
    const chips = this.#fields.listSet(url.value);
    if (this.protocols.length > 0) {
      const text = this.protocols.join(", ");
      chips.push({ input: subprotocols, text, title: words.subprotocols });
    }
    if (reconnect.checked) {
      const text = words.reconnect;
      chips.push({ input: reconnect, text, title: words.reconnectHint });
    }
    // A button that stays keeps the focus.
    const wanted = JSON.stringify(chips);
    if (wanted === this.#chips) return;
    this.#chips = wanted;
    chipList.hidden = chips.length === 0;
    chipList.replaceChildren(...chips.map(createChip));
  }

  /** @param {boolean} open */
  #open(open) {
    options.hidden = !open;
    toggle.ariaExpanded = String(open);
  }
}

/** @type {(chip: import("./parameter_fields.js").Chip, i: number) => HTMLElement} */
function createChip({ input, text, title }, i) {
  const shown = escapeInvisible(text);
  const button = createButton(shown, () => {
    // As if the user had done it.
    if (input.type === "checkbox") input.checked = false;
    else input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    const buttons = chipList.querySelectorAll("button");
    (buttons[Math.min(i, buttons.length - 1)] ?? toggle).focus();
  }, "chip");
  button.title = escapeInvisible(title);
  button.ariaLabel = words.remove(shown);
  return create("li", "", button);
}
