import type { Endpoint } from "../endpoints.ts";
import type { Handler } from "../handler.ts";
import { checkHandshake, type HandshakeRequest } from "./handshake.ts";
import { hasTrustedOrigin } from "./origin.ts";
import {
  isWatchKey,
  type ParameterValues,
  parseParameters,
  parseWatcherKey,
} from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import { refuseAsRequested } from "./requested_refusal.ts";
import { quote, shorten } from "./text.ts";

/** What a service asks of the handshakes that it accepts. */
export interface AdmissionRules {
  /** The origins that may connect; empty: all. */
  origins: readonly string[];
  /** The endpoints by path, without a trailing slash. */
  endpoints: ReadonlyMap<string, Endpoint>;
  /** The paths, as a refusal lists them. */
  knownPaths: string;
  /** The parameters of a URL without any. */
  defaults: ParameterValues;
}

/** An accepted handshake. */
export interface Admission {
  /** What the client gets: replies, or what happens on watched connections. */
  endpoint: { handler: Handler } | { watchedKey: string };
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
  const found = endpointAt(pathname, rules);
  if (!found) {
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
  const { handler } = found;
  const endpoint = handler ? { handler } : admitWatcher(request, rules.origins);
  if (endpoint instanceof Refusal) return endpoint;
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
  return { endpoint, parameters };
}

/** A watcher sees and does more than a foreign page may. */
function admitWatcher(
  { url, headers }: HandshakeRequest,
  origins: readonly string[],
): { watchedKey: string } | Refusal {
  if (!hasTrustedOrigin(headers, origins)) {
    return new Refusal(
      403,
      `Cannot upgrade: the header Origin is ${
        quote(headers.get("origin") ?? "")
      }, and only the service's own pages and those of --allow-origin may watch`,
    );
  }
  const key = parseWatcherKey(url!.searchParams);
  return key instanceof Refusal ? key : { watchedKey: key };
}

/**
 * The key under which a refused handshake is watched.
 *
 * @param rules of the service; `defaults.watch` is the key of those without one
 * @returns "" when nobody can watch it
 */
export function watchKeyOf(url: URL | null, rules: AdmissionRules): string {
  const endpoint = endpointAt(url?.pathname ?? "", rules);
  // Watchers are not watched.
  if (endpoint && !endpoint.handler) return "";
  const [key = ""] = url?.searchParams.getAll("watch") ?? [];
  return isWatchKey(key) ? key : rules.defaults.watch;
}

/** The endpoint at a path, which may have a slash at its end. */
export function endpointAt(
  path: string,
  { endpoints }: AdmissionRules,
): Endpoint | undefined {
  return endpoints.get(
    path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path,
  );
}
