// @ts-check
import { byId, showFault } from "./dom.js";
import {
  completeUrl,
  findChoice,
  findUrlFault,
  parseSubprotocols,
  toHttp,
  webSocketOrigin,
} from "./endpoint.js";
import { withWords, words } from "./language.js";
import { ParameterFields } from "./parameter_fields.js";
import { writeParameter } from "./parameters.js";

/** @typedef {import("./endpoint.js").Choice} Choice */

const endpoint = byId("endpoint", HTMLSelectElement);
const url = byId("url", HTMLInputElement);
const urlFault = byId("url-fault", HTMLElement);
const urlHint = byId("url-hint", HTMLElement);
const toggle = byId("options-toggle", HTMLButtonElement);
const optionsCount = byId("options-count", HTMLElement);
const options = byId("options", HTMLElement);
const subprotocols = byId("subprotocols", HTMLInputElement);
const subprotocolsFault = byId("subprotocols-fault", HTMLElement);
const reconnect = byId("reconnect", HTMLInputElement);

const origin = webSocketOrigin(location);
/** The value of the choice "Any other URL". */
const other = "";
/** The page's own address as it was opened. */
const { pathname: ownPath, search: ownQuery, hash: ownHash } = location;

/** Where to connect, and how. */
export class ConnectionForm {
  /** @type {Choice[]} */
  #choices = [];
  /** The user pressed Connect while there was a fault. */
  #insisted = false;
  /** The URL that the page starts with. */
  #offered = "";
  /** Whether the page's own path is an endpoint. */
  #atEndpoint = false;
  #serverKnown = false;
  /** The URL before the server was known. */
  #guessed = "";
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
      this.#keepInPageUrl();
    });
    endpoint.addEventListener("change", () => this.#endpointChanged());
    toggle.addEventListener("click", () => this.#open(options.hidden === true));
    byId("parameters", HTMLElement).addEventListener(
      "change",
      () => this.#keepInPageUrl(),
    );
    reconnect.addEventListener("change", () => {
      session.connection.reconnect = reconnect.checked;
    });
    for (const field of [subprotocols, reconnect]) {
      field.addEventListener("input", () => this.#showFaults());
    }
    this.#setEndpoints();
    this.#guessed = this.url;
    withWords(() => {
      this.#listChoices();
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
    return this.url !== url || String(this.#protocols) !== String(protocols);
  }

  /** Connects, or shows what is wrong and moves the focus there. */
  connect() {
    const target = this.read();
    if (target === undefined) return;
    this.#session.connection.reconnect = reconnect.checked;
    this.#session.connect(target.url, target.protocols);
  }

  get #protocols() {
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
    const { choices } = this.#session;
    this.#choices = choices;
    const kept = ownHash.slice(1);
    this.#atEndpoint = findChoice(choices, ownPath) !== undefined;
    // A proxy may forward only the path with the slash at its end.
    const path = this.#atEndpoint ? ownPath : choices[0]?.path ?? "/";
    this.#offered = origin + path + ownQuery;
    url.value = typed ?? (/^wss?:/i.test(kept) ? kept : this.#offered);
    this.#listChoices();
    this.#urlChanged();
    if (this.#fields.count(url.value) > 0) this.#open(true);
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
    this.#keepInPageUrl();
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
    return { url: this.url, protocols: this.#protocols };
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

  #listChoices() {
    const chosen = endpoint.value;
    endpoint.replaceChildren(
      ...this.#choices.map(({ name, path }) =>
        new Option(`${name} · ${path}`, path)
      ),
      new Option(words.otherUrl, other),
    );
    endpoint.value = chosen;
  }

  #endpointChanged() {
    if (endpoint.value === other) {
      url.focus();
      url.select();
      return;
    }
    const query = /\?[^#]*/.exec(url.value)?.[0] ?? "";
    url.value = origin + endpoint.value + query;
    this.#urlChanged();
    this.#keepInPageUrl();
  }

  /** Updates the endpoint and the options from the URL. */
  #urlChanged() {
    endpoint.value = this.#choiceOf(url.value)?.path ?? other;
    this.#fields.showValues(url.value);
    this.#showFaults();
    this.#showHint();
  }

  #showHint() {
    urlHint.hidden = this.#atEndpoint || !this.#serverKnown ||
      url.value !== this.#offered;
  }

  /** @param {string} text */
  #choiceOf(text) {
    return isOwn(text)
      ? findChoice(this.#choices, new URL(text).pathname)
      : undefined;
  }

  #showFaults() {
    this.#fields.showFaults(url.value);
    const { names, fault } = parseSubprotocols(subprotocols.value);
    showFault(
      subprotocols,
      subprotocolsFault,
      fault === undefined ? "" : words.subprotocolFault(fault),
    );
    const set = this.#fields.count(url.value) + Number(names.length > 0) +
      Number(reconnect.checked);
    optionsCount.hidden = set === 0;
    optionsCount.textContent = String(set);
    optionsCount.title = words.optionsSet(set);

    const kind = findUrlFault(url.value, location.protocol === "https:");
    // A half-typed URL is always wrong.
    const quiet = document.activeElement === url && !this.#insisted;
    const wrong = !quiet && kind === undefined &&
      this.#wrongOption() !== undefined;
    if (wrong) this.#open(true);
    const urlText = quiet || kind === undefined
      ? ""
      : words.urlFaults[kind] ?? "";
    showFault(url, urlFault, wrong ? words.optionsFault : urlText);
    if (kind === undefined) url.toggleAttribute("aria-invalid", false);
  }

  /** @param {boolean} open */
  #open(open) {
    options.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  }

  /** Updates the page's own URL, so that it can be bookmarked and shared. */
  #keepInPageUrl() {
    if (findUrlFault(url.value, false) !== undefined) return;
    const { pathname, search } = new URL(toHttp(url.value));
    history.replaceState(
      null,
      "",
      url.value === this.#offered
        ? ownPath + ownQuery
        // Behind a proxy, the page may be found at its present path only.
        : this.#atEndpoint && this.#choiceOf(url.value) !== undefined
        ? pathname + search
        : `${location.pathname}#${url.value}`,
    );
  }
}

/**
 * Whether a WebSocket URL leads to the host that the page came from.
 * @param {string} text
 */
function isOwn(text) {
  return URL.canParse(text) &&
    webSocketOrigin(new URL(toHttp(text))) === origin;
}
