// @ts-check
import { Chips } from "./chips.js";
import { byId, showFault } from "./dom.js";
import {
  completeUrl,
  findUrlFault,
  parseSubprotocols,
  webSocketOrigin,
} from "./endpoint.js";
import { withWords, words } from "./language.js";
import { isOwn, KeptForm, PageUrl } from "./page_url.js";
import { ParameterFields } from "./parameter_fields.js";
import { writeParameter } from "./parameters.js";

const url = byId("url", HTMLInputElement);
const urlFault = byId("url-fault", HTMLElement);
const urlHint = byId("url-hint", HTMLElement);
const toggle = byId("options-toggle", HTMLButtonElement);
const options = byId("options", HTMLElement);
const connectButton = byId("connect", HTMLElement);
const subprotocols = byId("subprotocols", HTMLInputElement);
const subprotocolsFault = byId("subprotocols-fault", HTMLElement);
const reconnect = byId("reconnect", HTMLInputElement);

const origin = webSocketOrigin(location);

/** Where to connect, and how. */
export class ConnectionForm {
  /** The user pressed Connect while there was a fault. */
  #insisted = false;
  #serverKnown = false;
  /** The URL before the server was known. */
  #guessed = "";
  #pageUrl = new PageUrl();
  #kept = new KeptForm();
  #chips = new Chips();
  #fields = new ParameterFields((name, value) => {
    url.value = writeParameter(url.value, name, value);
    this.#showFaults();
  });

  #session;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    session.on("server", () => this.#setServer());
    url.addEventListener("input", () => this.#urlChanged());
    url.addEventListener("change", () => {
      url.value = completeUrl(url.value, origin);
      this.#urlChanged();
      this.#keep();
    });
    toggle.addEventListener("click", () => this.#open(options.hidden === true));
    byId("parameters", HTMLElement).addEventListener(
      "change",
      () => this.#keep(),
    );
    reconnect.addEventListener("change", () => {
      session.connection.reconnect = reconnect.checked;
    });
    for (const field of [subprotocols, reconnect]) {
      field.addEventListener("input", () => {
        this.#keep();
        this.#showFaults();
      });
    }
    subprotocols.value = this.#kept.subprotocols;
    reconnect.checked = this.#kept.reconnect;
    this.#setEndpoints();
    this.#guessed = this.url;
    withWords(() => {
      this.#fields.showWords();
      this.#showFaults();
    });
  }

  /** @returns {string} */
  get url() {
    return url.value.trim();
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
    if (options.contains(document.activeElement)) connectButton.focus();
    this.#open(false);
    this.#session.connection.reconnect = reconnect.checked;
    this.#session.connect(target.url, target.protocols);
    return true;
  }

  /** The subprotocols to offer. */
  get protocols() {
    return parseSubprotocols(subprotocols.value).names;
  }

  /** Replaces the guessed endpoints by what the server says about itself. */
  #setServer() {
    const { server } = this.#session;
    if (server === undefined) return;
    byId("version", HTMLElement).textContent = server.version;
    this.#serverKnown = true;
    this.#fields.parameters = server.parameters;
    // Keeps what was typed meanwhile.
    this.#setEndpoints(this.url === this.#guessed ? undefined : this.url);
  }

  /** @param {string} [typed] The text that stays in the URL field. */
  #setEndpoints(typed) {
    const start = this.#pageUrl.start(this.#session.choices, this.#kept.url);
    url.value = typed ?? start;
    this.#urlChanged();
  }

  /**
   * The URL and subprotocols; otherwise shows what is wrong and moves the
   * focus there.
   * @returns {{ url: string, protocols: string[] } | undefined}
   */
  read() {
    url.value = completeUrl(url.value, origin);
    this.#insisted = true;
    this.#urlChanged();
    this.#keep();
    if (url.hasAttribute("aria-invalid")) {
      url.focus();
      return undefined;
    }
    const wrong = this.#wrongOption();
    if (wrong !== undefined) {
      this.#open(true);
      wrong.focus();
      return undefined;
    }
    this.#insisted = false;
    return { url: this.url, protocols: this.protocols };
  }

  /** @returns {HTMLElement | undefined} The first field that is wrong. */
  #wrongOption() {
    // Another server may accept other values.
    const wrong = isOwn(this.url)
      ? options.querySelector("[aria-invalid]")
      : subprotocols.matches("[aria-invalid]")
      ? subprotocols
      : null;
    return wrong instanceof HTMLElement ? wrong : undefined;
  }

  /** Updates the options from the URL. */
  #urlChanged() {
    this.#fields.showValues(url.value);
    this.#showFaults();
    this.#showHint();
  }

  #showHint() {
    urlHint.hidden = this.#pageUrl.isEndpoint || !this.#serverKnown ||
      !this.#pageUrl.offers(url.value);
  }

  #showFaults() {
    this.#fields.showFaults(url.value);
    const { names, fault } = parseSubprotocols(subprotocols.value);
    showFault(
      subprotocols,
      subprotocolsFault,
      fault === undefined ? "" : words.subprotocolFault(fault),
    );
    this.#showChips(names);

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
    showFault(url, urlFault, wrong ? words.optionsFault : urlText);
    if (kind === undefined) url.toggleAttribute("aria-invalid", false);
  }

  /** @param {readonly string[]} names Of the subprotocols. */
  #showChips(names) {
    const chips = this.#fields.listSet(url.value)
      .map(({ name, text, title }) => ({
        text,
        title,
        remove: () => this.setUrl(writeParameter(url.value, name, "")),
      }));
    const clear = (/** @type {() => void} */ change) => () => {
      change();
      this.#keep();
      this.#showFaults();
    };
    if (names.length > 0) {
      chips.push({
        text: names.join(", "),
        title: words.subprotocols,
        remove: clear(() => subprotocols.value = ""),
      });
    }
    if (reconnect.checked) {
      chips.push({
        text: words.reconnect,
        title: words.reconnectHint,
        remove: clear(() => reconnect.click()),
      });
    }
    this.#chips.show(chips);
  }

  /** @param {boolean} open */
  #open(open) {
    options.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  }

  /** Keeps the form for a reload; the page's own URL may not say it all. */
  #keep() {
    this.#kept.url = url.value;
    this.#kept.subprotocols = subprotocols.value;
    this.#kept.reconnect = reconnect.checked;
    this.#kept.write();
    this.#pageUrl.keep(url.value);
  }
}
