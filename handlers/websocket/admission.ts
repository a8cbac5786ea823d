import type { Handler } from "../handler.ts";
import { checkHandshake, type HandshakeRequest } from "./handshake.ts";
import { type ParameterValues, parseParameters } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import { refuseAsRequested } from "./requested_refusal.ts";
import { shorten } from "./text.ts";

/** What a service asks of the handshakes that it accepts. */
export interface AdmissionRules {
  /** The origins that may connect; empty: all. */
  origins: readonly string[];
  /** The endpoints' handlers by path, without a trailing slash. */
  handlers: ReadonlyMap<string, Handler>;
  /** The paths, as a refusal lists them. */
  knownPaths: string;
  /** The parameters of a URL without any. */
  defaults: ParameterValues;
}

/** An accepted handshake. */
export interface Admission {
  handler: Handler;
  parameters: ParameterValues;
}

/** The longest path or origin in a log line, a refusal or a header. */
export const MAX_SHOWN_CHARACTERS = 500;

/**
 * Decides about an opening handshake. Everything that refuses one is decided
 * here, before the upgrade, which cannot be undone.
 *
 * @param unavailable why no new connection is accepted at the moment, if so
 */
export function admit(
  request: HandshakeRequest,
  rules: AdmissionRules,
  unavailable: string | undefined,
): Admission | Refusal {
  const refusal = checkHandshake(request, rules.origins);
  if (refusal) return refusal;
  const { pathname, search, searchParams } = request.url!;
  const handler = rules.handlers.get(withoutTrailingSlash(pathname));
  if (!handler) {
    return new Refusal(
      404,
      `Cannot upgrade: no endpoint has the path ${
        JSON.stringify(shorten(pathname, MAX_SHOWN_CHARACTERS))
      }, the endpoints are ${rules.knownPaths}`,
    );
  }
  const parameters = search === ""
    ? rules.defaults
    : parseParameters(searchParams, rules.defaults);
  if (parameters instanceof Refusal) return parameters;
  const requested = refuseAsRequested(
    parameters,
    request.headers.get("authorization"),
  );
  if (requested) return requested;
  if (unavailable !== undefined) {
    return new Refusal(503, `Cannot upgrade: ${unavailable}`, {
      "Retry-After": "1",
    });
  }
  return { handler, parameters };
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
