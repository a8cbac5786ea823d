import type { Behaviour } from "./behaviour.ts";
import { acceptKey } from "./handshake.ts";
import type { Limits } from "./limits.ts";
import type { Peer } from "./session.ts";

/** Headers whose values could be replayed by whoever reads the message. */
const WITHHELD = new Set(["authorization", "proxy-authorization", "cookie"]);

/**
 * Describes a connection to its client, as one JSON object: what the server saw
 * of the handshake, often not what was sent where proxies stand in between.
 *
 * @param headers of a request that has passed the handshake's checks
 */
export function describeConnection(
  { id, path, remote, subprotocol }: Peer,
  headers: Headers,
  behaviour: Behaviour,
  limits: Limits,
): string {
  const key = headers.get("sec-websocket-key") ?? "";
  return JSON.stringify({
    id,
    remoteAddress: remote,
    path,
    subprotocol: subprotocol ?? null,
    key,
    accept: acceptKey(key),
    headers: Object.fromEntries(
      Array.from(headers, ([name, value]) => [
        name,
        WITHHELD.has(name) ? "(withheld)" : value,
      ]),
    ),
    behaviour,
    limits,
  });
}
