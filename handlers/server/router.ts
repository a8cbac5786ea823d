import { ENDPOINTS } from "../endpoints.ts";
import { MAX_WAITING, Watcher } from "../watch/watcher.ts";
import type { Watches } from "../watch/watches.ts";
import {
  type Admission,
  type AdmissionRules,
  admit,
  MAX_SHOWN_CHARACTERS,
  watchKeyOf,
} from "../websocket/admission.ts";
import type {
  ConnectionContext,
  ConnectionIdentity,
} from "../websocket/connection.ts";
import { chooseSubprotocol, wantsWebSocket } from "../websocket/handshake.ts";
import {
  describeConnection,
  describeToWatchers,
  showToWatchers,
} from "../websocket/info.ts";
import type { Limits } from "../websocket/limits.ts";
import {
  type ParameterValues,
  parseParameters,
} from "../websocket/parameters.ts";
import { Refusal } from "../websocket/refusal.ts";
import { Replies } from "../websocket/replies.ts";
import { Schedule } from "../websocket/schedule.ts";
import { shorten } from "../websocket/text.ts";
import { openConnection } from "../websocket/upgrade.ts";
import type { Connections } from "./connections.ts";
import { listPlaced } from "./paths.ts";
import { createPlainHandler } from "./plain_requests.ts";
import type { CheckedOptions } from "./service_options.ts";
import type { Tally } from "./tally.ts";
import { formatAddress } from "./urls.ts";

/**
 * The log's message for a handshake without the header Upgrade. It is answered as
 * every request without that header is.
 */
const STRIPPED =
  "Cannot upgrade: the header Upgrade is missing or names another protocol, but Sec-WebSocket-Key came; a proxy in between may have dropped it";

/** A watcher's coming and going in the log. */
const WATCH_ENTRIES = {
  open: { event: "watch", action: "begin" },
  close: { event: "watch", action: "end" },
};

/** Answers a request. */
export type Router = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response;

/**
 * Creates the handler of all requests: upgrades go to the endpoint of their
 * path, everything else to what answers plain requests.
 *
 * It returns no promise: while one is pending, the platform leaks a descriptor
 * for every client that asks for an upgrade and leaves.
 */
export function createRouter(
  options: CheckedOptions,
  connections: Connections,
  tally: Tally,
  watches: Watches,
): Router {
  const rules = createRules(options);
  const { limits, origins } = options;
  const context: ConnectionContext = {
    ...options,
    registry: connections,
    counters: tally.counters,
  };
  const servePlain = createPlainHandler(
    options,
    rules,
    connections,
    tally,
  );

  return (request, info) => {
    const isUpgrade = wantsWebSocket(request.headers);
    const isStripped = !isUpgrade && request.headers.has("sec-websocket-key");
    if (!isUpgrade && !isStripped) return servePlain(request, info);

    // The header Host may make the URL invalid.
    const url = URL.parse(request.url);
    const path = url?.pathname ?? "/";

    const identity = identify(
      tally.nextId(),
      request.headers,
      path,
      info,
      options,
    );
    const { method, headers } = request;
    if (isStripped) {
      const response = servePlain(request, info);
      const { status } = response;
      noteRefusal(identity, headers, url, { status, message: STRIPPED });
      return response;
    }
    const admission = admit(
      { method, url, headers },
      rules,
      connections.unavailable,
    );
    if (!(admission instanceof Refusal)) {
      return open(request, identity, admission);
    }
    noteRefusal(identity, headers, url, admission);
    return respond(admission, options);
  };

  function noteRefusal(
    identity: ConnectionIdentity,
    headers: Headers,
    url: URL | null,
    { status, message }: { status: number; message: string },
  ) {
    options.log.write({ event: "refused", ...identity, status, message });
    tally.counters.refused(status);
    const watchKey = watchKeyOf(url, rules);
    if (watchKey === "") return;
    const { id, path, remote } = identity;
    const shown = showToWatchers(headers, origins);
    const event = { id, path, remote, status, message, headers: shown };
    watches.refused(watchKey, event);
  }

  function open(
    request: Request,
    identity: ConnectionIdentity,
    { endpoint, parameters }: Admission,
  ): Response {
    const { headers } = request;
    const idleTimeout = idleTimeoutOf(parameters, limits);
    if ("watchedKey" in endpoint) {
      return openConnection(request, {
        identity,
        idleTimeout,
        entries: WATCH_ENTRIES,
        maxBuffered: MAX_WAITING,
        behave: (connection) =>
          new Watcher(connection, watches, endpoint.watchedKey),
      }, context);
    }
    const { handler } = endpoint;
    const describe = parameters.info
      ? describeConnection(identity, headers, parameters, limits, origins)
      : undefined;
    return openConnection(request, {
      identity,
      idleTimeout,
      schedule: Schedule.of(parameters),
      observer: parameters.watch === "" ? undefined : watches.observe(
        parameters.watch,
        identity.id,
        describeToWatchers(identity, headers, parameters, origins),
      ),
      behave: (connection, accept) =>
        new Replies(connection, {
          handler,
          parameters,
          greeting: describe && (() => describe(accept)),
        }),
    }, context);
  }
}

/** The idle timeout of a connection, in seconds: what it asks, within the limit. */
function idleTimeoutOf(
  { idle }: ParameterValues,
  { idleTimeout }: Limits,
): number {
  if (idle === 0) return idleTimeout;
  return idleTimeout === 0 ? idle : Math.min(idle, idleTimeout);
}

function createRules(
  { origins, paths, prefix, watchKey }: CheckedOptions,
): AdmissionRules {
  const placed = listPlaced(paths);
  const defaults = parseParameters(new URLSearchParams(), {
    prefix,
    watch: watchKey,
  });
  // Without any parameter, there is none to refuse.
  if (defaults instanceof Refusal) throw new Error(defaults.message);
  return {
    origins,
    endpoints: new Map(
      placed.flatMap(({ name, paths }) =>
        paths.map((path) => [path, ENDPOINTS[name]])
      ),
    ),
    knownPaths: placed.map(({ name, paths }) => `${paths.join(", ")} (${name})`)
      .join(" and "),
    defaults,
  };
}

/** Copies what the log needs: after the upgrade, the request is closed. */
function identify(
  id: number,
  headers: Headers,
  path: string,
  { remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>,
  { subprotocols }: CheckedOptions,
): ConnectionIdentity {
  const origin = headers.get("origin");
  return {
    id,
    path: shorten(path, MAX_SHOWN_CHARACTERS),
    remote: formatAddress(remoteAddr),
    origin: origin === null ? undefined : shorten(origin, MAX_SHOWN_CHARACTERS),
    subprotocol: chooseSubprotocol(
      headers.get("sec-websocket-protocol"),
      subprotocols,
    ),
  };
}

/** The response of a refused handshake, by the embedding program's choice. */
function respond(
  refusal: Refusal,
  { refuse, reportError }: CheckedOptions,
): Response {
  try {
    const response = refuse?.(refusal);
    if (response instanceof Response) return response;
    if (refuse) {
      throw new TypeError(
        "Cannot refuse: the option refuse did not return a Response",
      );
    }
  } catch (error) {
    reportError(error);
  }
  // The platform gives a 304 no body.
  const body = refusal.status === 304 ? null : `${refusal.message}\n`;
  return new Response(body, {
    status: refusal.status,
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      ...refusal.headers,
    },
  });
}
