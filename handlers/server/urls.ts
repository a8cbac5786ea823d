import type { EndpointName } from "../endpoints.ts";
import { type EndpointPaths, listPlaced } from "./paths.ts";

/** Where a service is reached. */
export interface ServiceUrls {
  /** The page. */
  page: string;
  /** The endpoints, by name; those without a path are left out. */
  endpoints: Partial<Record<EndpointName, string[]>>;
}

/** An address as it stands in a URL: `host:port`, IPv6 in brackets. */
export function formatAddress({ hostname, port }: Deno.NetAddr): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** Whether an address stands for all interfaces of the machine. */
export function isAnyAddress(hostname: string): boolean {
  return ["0.0.0.0", "::", "::ffff:0.0.0.0"].includes(hostname);
}

/** Lists the URLs of a service that listens on an address. */
export function listUrls(
  addr: Deno.NetAddr,
  isSecure: boolean,
  paths: EndpointPaths,
): ServiceUrls {
  // A browser cannot open the address that stands for all interfaces.
  const hostname = isAnyAddress(addr.hostname) ? "localhost" : addr.hostname;
  const host = formatAddress({ ...addr, hostname });
  const s = isSecure ? "s" : "";
  const endpoints: ServiceUrls["endpoints"] = {};
  for (const { name, paths: list } of listPlaced(paths)) {
    endpoints[name] = list.map((path) => `ws${s}://${host}${path}`);
  }
  return { page: `http${s}://${host}/`, endpoints };
}
