// @ts-check
import { showChips } from "./chips.js";
import { byId, showFault } from "./dom.js";
import {
  completeUrl,
  findUrlFault,
  parseSubprotocols,
  webSocketOrigin,
} from "./endpoint.js";
import { withWords, words } from "./language.js";
import { isOwn, keepForm, keptForm, PageUrl } from "./page_url.js";
import { ParameterFields } from "./parameter_fields.js";
import { writeParameter } from "./parameters.js";

const url = byId("url", HTMLInputElement);
const urlFault = byId("url-fault", HTMLElement);
const urlHint = byId("url-hint", HTMLElement);
const toggle = byId("options-toggle", HTMLButtonElement);
const options = byId("options", HTMLElement);
const subprotocols = byId("subprotocols", HTMLInputElement);
const subprotocolsFault = byId("subprotocols-fault", HTMLElement);
const reconnect = byId("reconnect", HTMLInputElement);

/** Where to connect, and how. */
export class ConnectionForm {
  /** The user pressed Connect while there was a fault. */
  #insisted = false;
  #pageUrl = new PageUrl();
  #fields = new ParameterFields((name, value) => {
    url.value = writeParameter(url.value, name, value);
  });
  #session;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    subprotocols.value = keptForm.subprotocols;
    reconnect.checked = keptForm.reconnect;
    url.value = this.#pageUrl.start(session.choices, keptForm.url);
    const guessed = url.value;
    session.on("server", () => this.#setServer(guessed));
    url.addEventListener("input", () => this.#urlChanged());
    url.addEventListener("change", () => {
      url.value = completeUrl(url.value, webSocketOrigin(location));
      this.#urlChanged();
      this.#keep();
    });
    toggle.addEventListener("click", () => this.#open(options.hidden === true));
    options.addEventListener("change", () => {
      session.connection.reconnect = reconnect.checked;
      this.#keep();
    });
    options.addEventListener("input", ({ target }) => {
      if (target === subprotocols) this.#keep();
      this.#showFaults();
    });
    withWords(() => {
      this.#fields.showWords();
      this.#urlChanged();
    });
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
    this.#urlChanged();
    this.#keep();
  }

  /**
   * Connects, or shows what is wrong and moves the focus there.
   * @returns {boolean} Whether it connects.
   */
  connect() {
    const target = this.read();
    if (target === undefined) return false;
    if (options.contains(document.activeElement)) {
      byId("connect", HTMLElement).focus();
    }
    this.#open(false);
    this.#session.connection.reconnect = reconnect.checked;
    this.#session.connect(target.url, target.protocols);
    return true;
  }

  /**
   * Replaces the guessed endpoints by what the server says about itself.
   * @param {string} guessed The URL before; another one was typed meanwhile.
   */
  #setServer(guessed) {
    const { server, choices } = this.#session;
    if (server === undefined) return;
    byId("version", HTMLElement).textContent = server.version;
    this.#fields.parameters = server.parameters;
    const start = this.#pageUrl.start(choices, keptForm.url);
    if (url.value === guessed) url.value = start;
    this.#urlChanged();
  }

  /**
   * The URL and subprotocols; otherwise shows what is wrong and moves the
   * focus there.
   * @returns {{ url: string, protocols: string[] } | undefined}
   */
  read() {
    url.value = completeUrl(url.value, webSocketOrigin(location));
    this.#insisted = true;
    this.#urlChanged();
    this.#keep();
    const isWrong = url.hasAttribute("aria-invalid");
    const wrong = isWrong ? url : this.#wrongOption();
    if (wrong === undefined) {
      this.#insisted = false;
      return { url: this.url, protocols: this.protocols };
    }
    if (!isWrong) this.#open(true);
    wrong.focus();
    return undefined;
  }

  /** @returns {HTMLElement | undefined} The first field that is wrong. */
  #wrongOption() {
    // Another server may accept other values.
    const place = isOwn(this.url) ? options : subprotocols.parentElement;
    const wrong = place?.querySelector("[aria-invalid]");
    return wrong instanceof HTMLElement ? wrong : undefined;
  }

  /** Updates the options from the URL. */
  #urlChanged() {
    this.#fields.showValues(url.value);
    this.#showFaults();
    urlHint.hidden = this.#pageUrl.isEndpoint ||
      // The console's own path, where there is another page.
      /\/wsecho\/?$/.test(location.pathname) ||
      this.#session.server === undefined || !this.#pageUrl.offers(url.value);
  }

  #showFaults() {
    this.#fields.showFaults(url.value);
    const { fault } = parseSubprotocols(subprotocols.value);
    showFault(
      subprotocols,
      subprotocolsFault,
      fault === undefined ? "" : words.subprotocolFault(fault),
    );
    this.#showChips();

    const kind = findUrlFault(url.value, location.protocol === "https:");
    // A half-typed URL is always wrong.
    const quiet = document.activeElement === url && !this.#insisted;
    const wrong = !quiet && kind === undefined &&
      this.#wrongOption() !== undefined;
    if (wrong) this.#open(true);
    const urlText = quiet || kind === undefined
      ? ""
      : kind === "port"
      ? words.blockedPort(new URL(url.value).port)
      : words.urlFaults[kind] ?? "";
    showFault(url, urlFault, urlText, wrong ? words.optionsFault : urlText);
  }

  #showChips() {
    const chips = this.#fields.listSet(url.value)
      .map(({ name, text, title }) => ({
        text,
        title,
        remove: () => this.setUrl(writeParameter(url.value, name, "")),
      }));
    if (this.protocols.length > 0) {
      chips.push({
        text: this.protocols.join(", "),
        title: words.subprotocols,
        remove: () => {
          subprotocols.value = "";
          this.#keep();
          this.#showFaults();
        },
      });
    }
    if (reconnect.checked) {
      chips.push({
        text: words.reconnect,
        title: words.reconnectHint,
        remove: () => reconnect.click(),
      });
    }
    showChips(chips);
  }

  /** @param {boolean} open */
  #open(open) {
    options.hidden = !open;
    toggle.ariaExpanded = String(open);
  }

  /** Keeps the form for a reload; the page's own URL may not say it all. */
  #keep() {
    keptForm.url = url.value;
    keptForm.subprotocols = subprotocols.value;
    keptForm.reconnect = reconnect.checked;
    keepForm();
    this.#pageUrl.keep(url.value);
  }
}
