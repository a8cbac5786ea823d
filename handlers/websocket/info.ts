import { acceptKey } from "./handshake.ts";
import type { ConnectionIdentity } from "./connection.ts";
import type { Limits } from "./limits.ts";
import type { ParameterValues } from "./parameters.ts";

/** Headers whose values would let a reader of the message act as the client. */
const WITHHELD = new Set(["authorization", "proxy-authorization", "cookie"]);

/**
 * Describes a connection to its client, as a JSON object: the handshake as the
 * server received it, which proxies may have changed on the way.
 *
 * @param headers of a request that has passed the handshake's checks
 */
export function describeConnection(
  { id, path, remote, subprotocol }: ConnectionIdentity,
  headers: Headers,
  parameters: ParameterValues,
  limits: Limits,
): string {
  const key = headers.get("sec-websocket-key") ?? "";
  const { close, reason, after, info, ...others } = parameters;
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
    behaviour: {
      ...others,
      ...(close === undefined ? {} : { close: { code: close, reason, after } }),
      info,
    },
    limits,
  });
}
