// @ts-check
import {
  findChoice,
  findUrlFault,
  toHttp,
  webSocketOrigin,
  withoutSecrets,
} from "./endpoint.js";
import { tabStore } from "./storage.js";

/** The page's own address as it was opened. */
const { pathname: ownPath, search: ownQuery, hash: ownHash } = location;

const storageKey = "wsecho.connection";

/** What the tab remembers of the connection's form. */
export const keptForm = {
  url: "",
  subprotocols: "",
  reconnect: false,
  .../** @type {object} */ (tabStore.read(storageKey)),
};

export function keepForm() {
  tabStore.write(storageKey, keptForm);
}

/** The page's own URL says where to connect, so that it can be shared. */
export class PageUrl {
  /** The WebSocket URL that the page starts with. */
  #offered = "";
  /** Whether the page's own path is an endpoint. */
  isEndpoint = false;
  /** @type {readonly import("./endpoint.js").Choice[]} */
  #choices = [];

  /**
   * The WebSocket URL to start with.
   * @param {readonly import("./endpoint.js").Choice[]} choices The endpoints.
   * @param {string} full What the tab knows, with what is not shared.
   */
  start(choices, full) {
    this.#choices = choices;
    this.isEndpoint = findChoice(choices, ownPath) !== undefined;
    // A proxy may forward only the path with the slash at its end.
    const path = this.isEndpoint ? ownPath : choices[0]?.path ?? "/";
    this.#offered = webSocketOrigin(location) + path + ownQuery;
    const named = ownHash.slice(1);
    const shared = /^wss?:/i.test(named) ? named : this.#offered;
    return withoutSecrets(full) === shared ? full : shared;
  }

  /** @param {string} url Whether it is the one that the page starts with. */
  offers(url) {
    return url === this.#offered;
  }

  /**
   * Updates the page's own URL, without what is secret.
   * @param {string} url A WebSocket URL.
   */
  keep(url) {
    if (findUrlFault(url, false) !== undefined) return;
    const shared = withoutSecrets(url);
    const { pathname, search } = new URL(toHttp(shared));
    const isChoice = isOwn(shared) &&
      findChoice(this.#choices, pathname) !== undefined;
    history.replaceState(
      null,
      "",
      shared === this.#offered
        ? ownPath + ownQuery
        // Behind a proxy, the page may be found at its present path only.
        : this.isEndpoint && isChoice
        ? pathname + search
        : `${location.pathname}#${shared}`,
    );
  }
}

/** @param {string} text Whether it is a WebSocket URL of the page's own host. */
export function isOwn(text) {
  return URL.canParse(text) &&
    webSocketOrigin(new URL(toHttp(text))) === webSocketOrigin(location);
}
