import type { ConnectionIdentity } from "./connection.ts";
import type { Limits } from "./limits.ts";
import { hasTrustedOrigin } from "./origin.ts";
import { shorten } from "./text.ts";
import {
  type Parameter,
  PARAMETERS,
  type ParameterValues,
} from "./parameters.ts";

/**
 * Names of headers whose values would let a reader of the message act as the
 * client: those of browsers, and those that authenticating proxies add.
 */
const CREDENTIALS =
  /authorization|cookie|token|jwt|oidc|csrf|xsrf|secret|password|(?<!^sec-websocket-)key$/;
const WITHHELD = "(withheld)";
/** How much of the headers is kept for watchers, of one value and in all. */
const MAX_KEPT_VALUE = 1_000;
const MAX_KEPT_CHARACTERS = 8_000;

/**
 * Describes a connection to its client, as a JSON object: the handshake as the
 * server received it, which proxies may have changed on the way. The page of a
 * foreign origin gets the names of the headers alone: the values may be what a
 * proxy knows about the user, whose browser the page is in.
 *
 * @param headers of a request that has passed the handshake's checks
 * @param origins the allowed origins; empty: all, of which none is trusted
 * @returns what gives the description, with the value of the response's
 * `Sec-WebSocket-Accept`, also when the request is closed
 */
export function describeConnection(
  { id, path, remote, subprotocol }: ConnectionIdentity,
  headers: Headers,
  parameters: ParameterValues,
  limits: Limits,
  origins: readonly string[],
): (accept: string | null) => string {
  const key = headers.get("sec-websocket-key");
  const shown = showHeaders(headers, origins);
  const { close, reason, after, info, ...others } = showParameters(parameters);
  return (accept) =>
    JSON.stringify({
      id,
      remoteAddress: remote,
      path,
      subprotocol: subprotocol ?? null,
      key,
      accept,
      headers: shown,
      behaviour: {
        ...others,
        ...(close === undefined
          ? {}
          : { close: { code: close, reason, after } }),
        info,
      },
      limits,
    });
}

/**
 * Describes a connection to those who watch it.
 *
 * @param headers of a request that has passed the handshake's checks
 * @returns what is known of it beside its number
 */
export function describeToWatchers(
  { path, remote, origin, subprotocol }: ConnectionIdentity,
  headers: Headers,
  parameters: ParameterValues,
  origins: readonly string[],
) {
  return {
    path,
    remote,
    origin: origin ?? null,
    subprotocol: subprotocol ?? null,
    headers: showToWatchers(headers, origins),
    parameters: withoutDefaults(showParameters(parameters)),
  };
}

/**
 * The headers of a handshake as those see them who watch it: as with the
 * parameter `info`, but cut, because they are kept as long as the connection is:
 * each value, and headers beyond a sum are left out.
 */
export function showToWatchers(
  headers: Headers,
  origins: readonly string[],
): Record<string, string> {
  const shown = Object.entries(showHeaders(headers, origins));
  const kept: [name: string, value: string][] = [];
  let left = MAX_KEPT_CHARACTERS;
  for (const [name, value] of shown) {
    const cut = shorten(value, MAX_KEPT_VALUE);
    left -= name.length + cut.length;
    if (left >= 0) kept.push([name, cut]);
  }
  return Object.fromEntries(kept);
}

function withoutDefaults(parameters: ParameterValues) {
  return Object.fromEntries(
    PARAMETERS.map((row: Parameter) =>
      [row, parameters[row.name as keyof ParameterValues]] as const
    ).filter(([row, value]) =>
      value !== ("default" in row ? row.default : undefined)
    ).map(([{ name }, value]) => [name, value]),
  );
}

/**
 * The headers of a handshake without the values that would let a reader act as
 * the client; of the page of a foreign origin, without any value.
 */
function showHeaders(
  headers: Headers,
  origins: readonly string[],
): Record<string, string> {
  const isTrusted = hasTrustedOrigin(headers, origins);
  return Object.fromEntries(
    Array.from(headers, ([name, value]) => [
      name,
      isTrusted && !CREDENTIALS.test(name) ? value : WITHHELD,
    ]),
  );
}

/** The parameters of a connection without the value of a password. */
function showParameters(parameters: ParameterValues): ParameterValues {
  return parameters.auth === ""
    ? parameters
    : { ...parameters, auth: WITHHELD };
}
