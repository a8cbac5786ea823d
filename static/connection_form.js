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

/** Where to connect, how, and how to close. */
export class ConnectionForm {
  /** @type {Choice[]} */
  #choices = [];
  /** The user pressed Connect while something was wrong. */
  #insisted = false;

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
      field.addEventListener("input", () => this.readClose());
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
      if (closingFault.textContent !== "") this.readClose();
    });
  }

  /** @returns {string} */
  get url() {
    return url.value.trim();
  }

  /** Whether a lost connection is to be restored. */
  get reconnect() {
    return reconnect.checked;
  }

  /**
   * @param {Choice[]} choices The server's endpoints.
   * @param {string} pagePath The page's path, which may name one of them.
   * @param {string} query The page's own, with its `?`.
   * @param {string} [typed] What is to stay in the field instead.
   */
  setEndpoints(choices, pagePath, query, typed) {
    this.#choices = choices;
    const kept = location.hash.slice(1);
    const chosen = findChoice(choices, pagePath) ?? choices[0];
    url.value = typed ??
      (/^wss?:/i.test(kept) ? kept : origin + (chosen?.path ?? "/") + query);
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
    // Another server may take other values.
    const wrong = subprotocols.hasAttribute("aria-invalid")
      ? subprotocols
      : options.querySelector("[aria-invalid]");
    if (
      wrong instanceof HTMLElement &&
      (wrong === subprotocols || isOwn(this.url))
    ) {
      this.#open(true);
      wrong.focus();
      return undefined;
    }
    this.#insisted = false;
    return {
      url: this.url,
      protocols: parseSubprotocols(subprotocols.value).names,
    };
  }

  /**
   * The code and reason to close with; otherwise shows what is wrong.
   * @returns {{ code: number, reason: string } | undefined}
   */
  readClose() {
    const code = /^\d+$/.test(closeCode.value.trim()) ? +closeCode.value : NaN;
    const codeFault = pageMayClose(code) ? "" : words.pageCodeFault;
    const reasonFault = byteLength(closeReason.value) <= reasonLimit
      ? ""
      : words.fault({ kind: "bytes", limit: reasonLimit });
    showFault(closeReason, closingFault, reasonFault);
    showFault(closeCode, closingFault, codeFault || reasonFault);
    if (codeFault === "") closeCode.removeAttribute("aria-invalid");
    return codeFault === "" && reasonFault === ""
      ? { code, reason: closeReason.value }
      : undefined;
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
    const optionsFault = faults.size > 0 || fault !== undefined
      ? words.optionsFault
      : "";
    // Half a URL is wrong all the time while it is being typed.
    const quiet = document.activeElement === url && !this.#insisted;
    showFault(
      url,
      urlFault,
      kind === undefined
        ? optionsFault
        : quiet
        ? ""
        : words.urlFaults[kind] ?? "",
    );
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
    const chosen = this.#choiceOf(url.value);
    const { search } = new URL(toHttp(url.value));
    history.replaceState(
      null,
      "",
      chosen === undefined
        ? `${location.pathname}#${url.value}`
        : chosen.path + search,
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
