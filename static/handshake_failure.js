// @ts-check
import { findFaults, readBehaviour } from "./behaviour.js";
import {
  findChoice,
  listChoices,
  parseServerInfo,
  toHttp,
} from "./endpoint.js";

/**
 * Why a handshake failed, as far as a page can tell; a redirect's `url` is
 * empty where that stays hidden.
 * @typedef {{ kind: "rejected", message: string }
 *   | { kind: "unreachable" }
 *   | { kind: "redirected", url: string }
 *   | { kind: "status", status: number }
 *   | { kind: "stranger" }
 *   | { kind: "origin", origin: string }
 *   | { kind: "path", path: string }
 *   | { kind: "parameter", parameter: string }
 *   | { kind: "full", refusal: string }
 *   | { kind: "subprotocol", known: readonly string[] }
 *   | { kind: "refused" }
 *   | { kind: "tls", secure: boolean }
 *   | { kind: "hidden" }} Failure
 */

/** How long a plain request may take, in milliseconds. */
const patience = 5_000;

/**
 * Asks the same URL by a plain request. Browsers hide a refused handshake's
 * status from pages, and a plain request cannot carry `Upgrade`, so its answer
 * tells whether the server lives and what it knows; the rest is inferred.
 * Requests to other origins are forbidden by the page's own security policy.
 * @param {string} url The WebSocket URL.
 * @param {readonly string[]} protocols The subprotocols offered.
 * @param {string} prefix The proxy's mount prefix.
 * @returns {Promise<Failure>}
 */
export async function explainFailure(url, protocols, prefix) {
  const { host, pathname, protocol, href } = new URL(toHttp(url));
  if (host !== location.host) return { kind: "hidden" };
  if (protocol !== location.protocol) {
    return { kind: "tls", secure: protocol === "https:" };
  }
  const response = await ask(href, "manual");
  if (response === undefined) return { kind: "unreachable" };
  if (response.type === "opaqueredirect") {
    // Only following it tells where to; not allowed to another origin.
    const followed = await ask(href, "follow");
    return { kind: "redirected", url: followed?.url ?? "" };
  }
  if (!response.ok) return { kind: "status", status: response.status };
  const info = parseServerInfo(response.headers.get("X-Wsecho"));
  if (info === undefined) return { kind: "stranger" };
  // From here on, in the order in which the server looks.
  const { origin } = location;
  if (info.origins.length > 0 && !info.origins.includes(origin)) {
    return { kind: "origin", origin };
  }
  const choices = listChoices(info.endpoints, prefix);
  if (findChoice(choices, pathname) === undefined) {
    return { kind: "path", path: pathname };
  }
  const [parameter] = findFaults(readBehaviour(url)).keys();
  if (parameter !== undefined) return { kind: "parameter", parameter };
  if (info.refusing !== null) {
    return { kind: "full", refusal: info.refusing };
  }
  const known = info.subprotocols;
  if (
    protocols.length > 0 && known.length > 0 &&
    !protocols.some((name) => known.includes(name))
  ) return { kind: "subprotocol", known };
  return { kind: "refused" };
}

/**
 * @param {string} url
 * @param {RequestRedirect} redirect
 * @returns {Promise<Response | undefined>} `undefined`: there was no answer.
 */
async function ask(url, redirect) {
  try {
    return await fetch(url, {
      method: "HEAD",
      cache: "no-store",
      redirect,
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    return undefined;
  }
}
