import type { EndpointName } from "../endpoints.ts";
import { CONSOLE_PATH, listPlaced } from "./paths.ts";
import type { CheckedOptions } from "./service_options.ts";

/** Where a service is reached. */
export interface ServiceUrls {
  /** The page: that of the option `static`, or else the console. */
  page: string;
  /** The console, where the option `static` is given. */
  console?: string;
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
  { tls, paths, static: folder }: CheckedOptions,
): ServiceUrls {
  // A browser cannot open the address that stands for all interfaces.
  const hostname = isAnyAddress(addr.hostname) ? "localhost" : addr.hostname;
  const host = formatAddress({ ...addr, hostname });
  const s = tls ? "s" : "";
  const endpoints: ServiceUrls["endpoints"] = {};
  for (const { name, paths: list } of listPlaced(paths)) {
    endpoints[name] = list.map((path) => `ws${s}://${host}${path}`);
  }
  const origin = `http${s}://${host}`;
  return {
    page: `${origin}/`,
    ...(folder === undefined ? {} : { console: `${origin}${CONSOLE_PATH}` }),
    endpoints,
  };
}
