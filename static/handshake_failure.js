// @ts-check
import { findFaults, readBehaviour } from "./behaviour.js";
import {
  findChoice,
  listChoices,
  parseServerInfo,
  toHttp,
} from "./endpoint.js";

/**
 * Why a handshake failed, as far as a page can tell.
 * @typedef {{ kind: "rejected", message: string }
 *   | { kind: "unreachable" }
 *   | { kind: "status", status: number }
 *   | { kind: "stranger" }
 *   | { kind: "path", path: string }
 *   | { kind: "parameter", parameter: string }
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
  /** @type {Response} */
  let response;
  try {
    response = await fetch(href, {
      method: "HEAD",
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    return { kind: "unreachable" };
  }
  if (!response.ok) return { kind: "status", status: response.status };
  const info = parseServerInfo(response.headers.get("X-Wsecho"));
  if (info === undefined) return { kind: "stranger" };
  const choices = listChoices(info.endpoints, prefix);
  if (findChoice(choices, pathname) === undefined) {
    return { kind: "path", path: pathname };
  }
  const [parameter] = findFaults(readBehaviour(url)).keys();
  if (parameter !== undefined) return { kind: "parameter", parameter };
  const known = info.subprotocols;
  if (
    protocols.length > 0 && known.length > 0 &&
    !protocols.some((name) => known.includes(name))
  ) return { kind: "subprotocol", known };
  return { kind: "refused" };
}
