import {
  allowsOrigin,
  findChoice,
  listChoices,
  parseServerInfo,
  toHttp,
} from "./endpoint.js";
import { findFault, readParameters } from "./parameters.js";

/**
 * Why a handshake failed, as far as a page can know; a redirect's `url` is
 * empty where the browser hides it.
 * @typedef {{ kind: "rejected", message: string }
 *   | { kind: "unreachable" }
 *   | { kind: "redirected", url: string }
 *   | { kind: "status", status: number }
 *   | { kind: "otherServer" }
 *   | { kind: "origin", origin: string }
 *   | { kind: "path", path: string }
 *   | { kind: "parameter", parameter: string }
 *   | { kind: "requested", parameter: string }
 *   | { kind: "full", refusal: string }
 *   | { kind: "subprotocol", known: readonly string[] }
 *   | { kind: "refused" }
 *   | { kind: "tls", secure: boolean }
 *   | { kind: "hidden" }} Failure
 */

/** How long a plain request may take, in milliseconds. */
const timeout = 5_000;

/**
 * Finds out why a handshake failed, by a plain request for the same URL.
 * Browsers hide the status of a refused handshake from pages, and a plain
 * request cannot carry `Upgrade`: its response says whether the server runs and
 * how it is configured, and the rest is inferred. The page's own security policy
 * forbids requests to other origins.
 * @param {string} url The WebSocket URL.
 * @param {readonly string[]} protocols The subprotocols offered.
 * @param {string} prefix The proxy's mount prefix.
 * @returns {Promise<Failure>}
 */
export async function explainFailure(url, protocols, prefix) {
  const address = new URL(toHttp(url));
  // fetch() takes no URL with a user.
  address.username = address.password = "";
  const { host, pathname, protocol, href } = address;
  if (host !== location.host) return { kind: "hidden" };
  if (protocol !== location.protocol) {
    return { kind: "tls", secure: protocol === "https:" };
  }
  const response = await ask(href, "manual");
  if (response === undefined) return { kind: "unreachable" };
  if (response.type === "opaqueredirect") {
    // Only a request that follows it shows its target, on this origin only.
    const followed = await ask(href, "follow");
    return { kind: "redirected", url: followed?.url ?? "" };
  }
  if (!response.ok) return { kind: "status", status: response.status };
  const info = parseServerInfo(response.headers.get("X-Wsecho"));
  if (info === undefined) return { kind: "otherServer" };
  // From here on, in the order of the server's own checks.
  const { origin } = location;
  if (!allowsOrigin(info.origins, origin, host)) {
    return { kind: "origin", origin };
  }
  const choices = listChoices(info.endpoints, prefix);
  if (findChoice(choices, pathname) === undefined) {
    return { kind: "path", path: pathname };
  }
  const given = readParameters(url);
  const wrong = info.parameters.find((one) => findFault(one, given));
  if (wrong !== undefined) return { kind: "parameter", parameter: wrong.name };
  for (const parameter of ["auth", "status"]) {
    if (given.has(parameter)) return { kind: "requested", parameter };
  }
  if (info.refusing !== null) return { kind: "full", refusal: info.refusing };
  const known = info.subprotocols;
  const isAgreed = protocols.length === 0 || known.length === 0 ||
    protocols.some((name) => known.includes(name));
  return isAgreed ? { kind: "refused" } : { kind: "subprotocol", known };
}

/** @type {(url: string, redirect: RequestRedirect) => Promise<Response | undefined>} The response, if any. */
function ask(url, redirect) {
  const signal = AbortSignal.timeout(timeout);
  return fetch(url, { method: "HEAD", cache: "no-store", redirect, signal })
    .catch(() => undefined);
}
