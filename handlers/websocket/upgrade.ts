import type { Behavior } from "./behavior.ts";
import {
  Connection,
  type ConnectionContext,
  type ConnectionOptions,
} from "./connection.ts";

/** What differs between the upgrades of a service. */
export interface UpgradeOptions extends ConnectionOptions {
  /** Seconds, as in `Limits`. */
  idleTimeout: number;
  /**
   * Creates what the server does on the connection, given the value of the
   * response's `Sec-WebSocket-Accept`; must not throw.
   */
  behave(connection: Connection, accept: string | null): Behavior;
}

/**
 * Upgrades a request and serves the connection.
 *
 * After `Deno.upgradeWebSocket` nothing may be thrown, and no other response
 * returned: the platform would close the listener (denoland/deno#22333).
 *
 * @throws {TypeError} before the upgrade, when the platform refuses it
 */
export function openConnection(
  request: Request,
  { idleTimeout, behave, ...options }: UpgradeOptions,
  context: ConnectionContext,
): Response {
  // Where Upgrade came in several lines, the platform reads the headers again
  // after the upgrade, when the request is closed, and leaks its descriptor,
  // unless has() has read them all before. A list may come from several lines.
  const { headers } = request;
  if (headers.get("upgrade")?.includes(",")) headers.has("upgrade");

  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout });
  let accept: string | null = null;
  try {
    accept = response.headers.get("sec-websocket-accept");
    const { subprotocol } = options.identity;
    if (subprotocol !== undefined) {
      // The platform's own option throws on an offer such as "a,b".
      response.headers.set("Sec-WebSocket-Protocol", subprotocol);
    }
    for (const [name, value] of context.headers) {
      response.headers.append(name, value);
    }
  } catch (error) {
    context.reportError(error);
  }
  const connection = new Connection(
    socket,
    options,
    context,
    (connection) => behave(connection, accept),
  );
  context.registry.expect(connection);
  for (const type of ["open", "message", "error", "close"]) {
    socket.addEventListener(type, connection);
  }
  return response;
}
