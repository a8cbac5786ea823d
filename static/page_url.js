import {
  findChoice,
  findUrlFault,
  toHttp,
  webSocketOrigin,
  withoutSecrets,
} from "./endpoint.js";

/** @typedef {readonly import("./endpoint.js").Choice[]} Choices The endpoints. */

/** The page's own address as it was opened. */
const { pathname: ownPath, search: ownQuery, hash: ownHash } = location;

/** @param {Choices} choices Whether the page's own path is one of them. */
export function isEndpoint(choices) {
  return findChoice(choices, ownPath) !== undefined;
}

/** @param {Choices} choices The WebSocket URL that the page's own path leads to. */
export function offeredUrl(choices) {
  // A proxy may forward only the path with the slash at its end.
  const path = isEndpoint(choices) ? ownPath : choices[0]?.path ?? "/";
  return webSocketOrigin(location) + path + ownQuery;
}

/**
 * The WebSocket URL to start with.
 * @param {Choices} choices
 * @param {string} full What the tab knows, with what is not shared.
 */
export function startUrl(choices, full) {
  const named = ownHash.slice(1);
  const shared = /^wss?:/i.test(named) ? named : offeredUrl(choices);
  return withoutSecrets(full) === shared ? full : shared;
}

/**
 * Has the page's own URL say where to connect, so that it can be shared: without
 * what is secret.
 * @type {(choices: Choices, url: string) => void}
 */
export function shareUrl(choices, url) {
  if (findUrlFault(url, false) !== undefined) return;
  const shared = withoutSecrets(url);
  const { pathname, search } = new URL(toHttp(shared));
  const isChoice = isOwn(shared) && findChoice(choices, pathname) !== undefined;
  history.replaceState(
    null,
    "",
    shared === offeredUrl(choices)
      ? ownPath + ownQuery
      // Behind a proxy, the page may be found at its present path only.
      : isEndpoint(choices) && isChoice
      ? pathname + search
      : `${location.pathname}#${shared}`,
  );
}

/** @param {string} text Whether it is a WebSocket URL of the page's own host. */
export function isOwn(text) {
  return URL.canParse(text) &&
    webSocketOrigin(new URL(toHttp(text))) === webSocketOrigin(location);
}
