// @ts-check
import {
  findFaults,
  parameters,
  readBehaviour,
  writeBehaviour,
} from "./behaviour.js";
import {
  closeChoices,
  closeName,
  pageMayClose,
  reasonLimit,
} from "./close_code.js";
import { byId, create, showFault } from "./dom.js";
import {
  completeUrl,
  findChoice,
  findUrlFault,
  parseSubprotocols,
  toHttp,
  webSocketOrigin,
} from "./endpoint.js";
import { withWords, words } from "./language.js";
import { byteLength } from "./payload.js";

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
const closeCode = byId("close-code", HTMLInputElement);
const closeReason = byId("close-reason", HTMLInputElement);
const closingFault = byId("closing-fault", HTMLElement);

const origin = webSocketOrigin(location);
/** The value of the choice "Any other URL". */
const other = "";
/** The page's own address as it was opened. */
const { pathname: ownPath, search: ownQuery, hash: ownHash } = location;

/** Where to connect, how, and how to close. */
export class ConnectionForm {
  /** @type {Choice[]} */
  #choices = [];
  /** The user pressed Connect while something was wrong. */
  #insisted = false;
  /** What the page offers by itself. */
  #offered = "";
  /** Whether the page's own path is an endpoint. */
  #atEndpoint = false;
  #serverKnown = false;

  constructor() {
    url.addEventListener("input", () => this.#urlChanged());
    url.addEventListener("change", () => {
      url.value = completeUrl(url.value, origin);
      this.#urlChanged();
      this.#keepInPageUrl();
    });
    endpoint.addEventListener("change", () => this.#endpointChanged());
    toggle.addEventListener("click", () => this.#open(options.hidden === true));
    for (const parameter of parameters) {
      const field = byId(parameter, HTMLInputElement);
      field.addEventListener("input", () => {
        const value = field.type === "checkbox"
          ? (field.checked ? "1" : "")
          : field.value;
        url.value = writeBehaviour(url.value, parameter, value);
        this.#showFaults();
      });
      field.addEventListener("change", () => this.#keepInPageUrl());
    }
    for (const field of [subprotocols, reconnect]) {
      field.addEventListener("input", () => this.#showFaults());
    }
    for (const field of [closeCode, closeReason]) {
      field.addEventListener("input", () => this.#showCloseFaults());
    }
    byId("close-codes", HTMLDataListElement).append(
      ...closeChoices.map((code) => {
        const choice = create("option", undefined, closeName(code));
        choice.value = String(code);
        return choice;
      }),
    );
    withWords(() => {
      this.#listChoices();
      this.#showFaults();
      if (closingFault.textContent !== "") this.#showCloseFaults();
    });
  }

  /** @returns {string} */
  get url() {
    return url.value.trim();
  }

  /** The subprotocols to offer. */
  get protocols() {
    return parseSubprotocols(subprotocols.value).names;
  }

  /** The choices are the server's own, and not guessed. */
  set serverKnown(/** @type {boolean} */ known) {
    this.#serverKnown = known;
    this.#showHint();
  }

  /** Whether a lost connection is to be restored. */
  get reconnect() {
    return reconnect.checked;
  }

  /**
   * @param {Choice[]} choices The server's endpoints. The page's own path may
   * name one of them.
   * @param {string} [typed] What is to stay in the field instead.
   */
  setEndpoints(choices, typed) {
    this.#choices = choices;
    const kept = ownHash.slice(1);
    this.#atEndpoint = findChoice(choices, ownPath) !== undefined;
    // A proxy may know the path with its slash at the end alone.
    const path = this.#atEndpoint ? ownPath : choices[0]?.path ?? "/";
    this.#offered = origin + path + ownQuery;
    url.value = typed ?? (/^wss?:/i.test(kept) ? kept : this.#offered);
    this.#listChoices();
    this.#urlChanged();
    if (readBehaviour(url.value).size > 0) this.#open(true);
  }

  /**
   * What to connect with; otherwise shows what is wrong and goes there.
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
    return { url: this.url, protocols: this.protocols };
  }

  /** @returns {HTMLElement | undefined} What keeps the page from connecting. */
  #wrongOption() {
    // Another server may take other values.
    const wrong = isOwn(this.url)
      ? options.querySelector("[aria-invalid]")
      : subprotocols.matches("[aria-invalid]")
      ? subprotocols
      : null;
    return wrong instanceof HTMLElement ? wrong : undefined;
  }

  /**
   * The code and reason to close with, or no code at all; otherwise shows what
   * is wrong and goes there.
   * @returns {{ code: number | undefined, reason: string } | undefined}
   */
  readClose() {
    if (this.#showCloseFaults()) {
      (closeCode.matches("[aria-invalid]") ? closeCode : closeReason).focus();
      return undefined;
    }
    const code = closeCode.value.trim();
    return {
      code: code === "" ? undefined : Number(code),
      reason: closeReason.value,
    };
  }

  /** @returns {boolean} Whether there are any. */
  #showCloseFaults() {
    const text = closeCode.value.trim();
    const code = /^\d+$/.test(text) ? Number(text) : NaN;
    const codeFault = text === ""
      ? closeReason.value === "" ? "" : words.reasonNeedsCode
      : pageMayClose(code)
      ? ""
      : words.pageCodeFault;
    const reasonFault = byteLength(closeReason.value) <= reasonLimit
      ? ""
      : words.fault({ kind: "bytes", limit: reasonLimit });
    showFault(closeReason, closingFault, reasonFault);
    showFault(closeCode, closingFault, codeFault || reasonFault);
    if (codeFault === "") closeCode.removeAttribute("aria-invalid");
    return codeFault !== "" || reasonFault !== "";
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

  /** The endpoint's list and the options follow the URL. */
  #urlChanged() {
    endpoint.value = this.#choiceOf(url.value)?.path ?? other;
    const behaviour = readBehaviour(url.value);
    for (const parameter of parameters) {
      const field = byId(parameter, HTMLInputElement);
      const value = behaviour.get(parameter)?.at(-1) ?? "";
      if (field.type === "checkbox") field.checked = value === "1";
      else if (field.value !== value) field.value = value;
    }
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
    const behaviour = readBehaviour(url.value);
    const faults = findFaults(behaviour);
    for (const parameter of parameters) {
      const fault = faults.get(parameter);
      showFault(
        byId(parameter, HTMLInputElement),
        byId(`${parameter}-fault`, HTMLElement),
        fault === undefined ? "" : words.fault(fault),
      );
    }
    const { names, fault } = parseSubprotocols(subprotocols.value);
    showFault(
      subprotocols,
      subprotocolsFault,
      fault === undefined ? "" : words.subprotocolFault(fault),
    );
    const set = behaviour.size + Number(names.length > 0) +
      Number(reconnect.checked);
    optionsCount.hidden = set === 0;
    optionsCount.textContent = String(set);
    optionsCount.title = words.optionsSet(set);

    const kind = findUrlFault(url.value, location.protocol === "https:");
    // Half a URL is wrong all the time while it is being typed.
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

  /** The page's own URL can be kept or passed on with all that is chosen. */
  #keepInPageUrl() {
    if (findUrlFault(url.value, false) !== undefined) return;
    const { pathname, search } = new URL(toHttp(url.value));
    history.replaceState(
      null,
      "",
      url.value === this.#offered
        ? ownPath + ownQuery
        // A page that a proxy brings from elsewhere has to stay there.
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
