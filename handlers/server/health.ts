import type { Content } from "../response_limit.ts";
import type { Connections } from "./connections.ts";
import { residentMemory } from "./memory.ts";
import type { CheckedOptions } from "./service_options.ts";
import type { Tally } from "./tally.ts";

/**
 * Whether a request asks for the health: it is for `/?health`, or for any folder
 * with this query, as a proxy may have left its prefix in the path.
 */
export function isHealthRequest(url: URL | null): boolean {
  return url !== null && url.pathname.endsWith("/") &&
    url.searchParams.has("health");
}

/**
 * Reports, for monitors, whether the service accepts new connections, with what
 * the process has in use.
 */
export function reportHealth(
  { version, limits, maxMemory }: CheckedOptions,
  connections: Connections,
  tally: Tally,
): Content {
  const reason = connections.unavailable;
  const health = {
    status: reason === undefined ? "ok" : "refusing",
    reason,
    version,
    workers: tally.total("workers"),
    connections: tally.total("open"),
    maxConnections: limits.maxConnections,
    memory: residentMemory(),
    maxMemory,
  };
  return {
    status: reason === undefined ? 200 : 503,
    headers: {
      "Cache-Control": "no-store",
      "Content-Type": "application/json",
    },
    body: new TextEncoder().encode(`${JSON.stringify(health)}\n`),
  };
}
