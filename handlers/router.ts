import { parseBehaviour } from "./behaviour.ts";
import {
  isSendableCloseCode,
  MAX_REASON_BYTES,
  SENDABLE_CLOSE_CODES,
} from "./close_code.ts";
import { describeConnection } from "./connection_info.ts";
import { echo } from "./echo.ts";
import {
  checkHandshake,
  chooseSubprotocol,
  type HandshakeRules,
  type Refusal,
  refuseHost,
  wantsWebSocket,
} from "./handshake.ts";
import {
  type Handler,
  openSession,
  type Peer,
  type SessionContext,
} from "./session.ts";
import { createStaticFiles } from "./static_files.ts";
import { uppercase } from "./uppercase.ts";

/** A place to connect to. */
export interface Endpoint {
  /** Also the option that replaces its paths. */
  name: string;
  handler: Handler;
  /** Its paths, where the option does not replace them. */
  paths: readonly string[];
}

/** The endpoints of the service. */
export const ENDPOINTS: readonly Endpoint[] = [
  { name: "echo", handler: echo, paths: ["/", "/echo"] },
  { name: "uppercase", handler: uppercase, paths: ["/uppercase"] },
];

/**
 * The endpoints of a service that puts some of them at other paths; those that
 * have none are left out.
 */
export function placeEndpoints(
  paths: Record<string, readonly string[]> = {},
): Endpoint[] {
  return ENDPOINTS.map((endpoint) => ({
    ...endpoint,
    paths: paths[endpoint.name] ?? endpoint.paths,
  })).filter(({ paths }) => paths.length > 0);
}

export interface RouterOptions extends HandshakeRules {
  /** The version that the page shows. */
  version: string;
  /** The paths of endpoints, by name. Default: those of {@link ENDPOINTS}. */
  paths?: Record<string, readonly string[]>;
  /** Goes before every text reply, where the URL chooses no other. */
  prefix: string;
  /** What the service speaks, in order of preference; empty: anything. */
  subprotocols: readonly string[];
}

const MAX_SHOWN_CHARACTERS = 500;

/**
 * What the log says of a handshake that has lost its header Upgrade on the way.
 * It gets the page, as every request without that header does.
 */
const STRIPPED = {
  status: 200,
  message:
    "Cannot upgrade: the header Upgrade is missing or names another protocol, but Sec-WebSocket-Key came; a proxy in between may have dropped it",
};

/** Answers a request; an upgrade synchronously, see {@link createRouter}. */
export type Router = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response | Promise<Response>;

/**
 * Creates the handler of all requests: upgrades go to the endpoint of their
 * path, everything else to the page.
 *
 * An upgrade is answered with a response, not a promise: the platform leaks a
 * file descriptor for every client that leaves while it waits for one.
 */
export function createRouter(
  options: RouterOptions,
  context: SessionContext,
): Router {
  const endpoints = placeEndpoints(options.paths);
  const handlers = new Map(
    endpoints.flatMap(({ paths, handler }) =>
      paths.map((path) => [path, handler] as const)
    ),
  );
  const behaviourRules = {
    prefix: options.prefix,
    isCloseCode: isSendableCloseCode,
    closeCodes: SENDABLE_CLOSE_CODES,
    maxReasonBytes: MAX_REASON_BYTES,
  };
  const defaultBehaviour = parseBehaviour(
    new URLSearchParams(),
    behaviourRules,
  );
  const serveStatic = createStaticFiles({
    describe: (path) =>
      JSON.stringify({
        version: options.version,
        path,
        endpoints: endpoints.map(({ name, paths }) => ({ name, paths })),
        subprotocols: options.subprotocols,
        origins: options.origins,
        limits: context.limits,
        refusing: context.connections.refusal() ?? null,
      }),
  });
  let lastId = 0;

  /** Decides first and upgrades last: the upgrade cannot be taken back. */
  function upgrade(
    request: Request,
    url: URL | null,
    peer: Peer,
  ): Response | Refusal {
    const { method, headers } = request;
    const refusal = checkHandshake(method, headers, options);
    if (refusal) return refusal;
    if (url === null) return refuseHost(headers.get("host"));
    const handler = handlers.get(withoutTrailingSlash(url.pathname));
    if (!handler) {
      const known = endpoints.map(({ name, paths }) =>
        `${paths.join(", ")} (${name})`
      );
      return {
        status: 404,
        message: `Cannot upgrade: no endpoint has the path ${
          JSON.stringify(peer.path)
        }, the endpoints are ${known.join(" and ")}`,
      };
    }
    let behaviour = defaultBehaviour;
    try {
      if (url.search !== "") {
        behaviour = parseBehaviour(url.searchParams, behaviourRules);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { status: 400, message: error.message };
    }
    const full = context.connections.refusal();
    if (full !== undefined) {
      return {
        status: 503,
        message: `Cannot upgrade: ${full}`,
        headers: { "Retry-After": "1" },
      };
    }
    const greeting = behaviour.info
      ? describeConnection(peer, headers, behaviour, context.limits)
      : undefined;
    return openSession(
      request,
      { peer, handler, behaviour, greeting },
      context,
    );
  }

  return (request, info) => {
    // The platform pastes the header Host in unchecked, so this may fail.
    const url = URL.parse(request.url);
    const path = url?.pathname ?? "/";
    const isUpgrade = wantsWebSocket(request.headers);
    const isStripped = !isUpgrade && request.headers.has("sec-websocket-key");
    if (!isUpgrade && !isStripped) return serveStatic(request, path);

    // All of this has to be copied: after the upgrade, the request is closed.
    const peer: Peer = {
      id: ++lastId,
      path: shorten(path),
      remote: formatAddress(info.remoteAddr),
      origin: shorten(request.headers.get("origin")) ?? undefined,
      subprotocol: chooseSubprotocol(
        request.headers.get("sec-websocket-protocol"),
        options.subprotocols,
      ),
    };
    if (isStripped) {
      context.log.write({ event: "refused", ...peer, ...STRIPPED });
      return serveStatic(request, path);
    }
    const answer = upgrade(request, url, peer);
    if (answer instanceof Response) return answer;
    const { status, message, headers } = answer;
    context.log.write({ event: "refused", ...peer, status, message });
    return new Response(`${message}\n`, {
      status,
      headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
    });
  };
}

/** An address as it stands in a URL: `host:port`, IPv6 in brackets. */
export function formatAddress({ hostname, port }: Deno.NetAddr): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** What a client chose, short enough for a log line and a sentence. */
function shorten<T extends string | null>(text: T): T | string {
  return text !== null && text.length > MAX_SHOWN_CHARACTERS
    ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`
    : text;
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
