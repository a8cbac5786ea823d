import { ENDPOINT_NAMES, type EndpointName, ENDPOINTS } from "../endpoints.ts";
import { wrongType, wrongValue } from "./settings.ts";

/** The paths of every endpoint. */
export type EndpointPaths = Record<EndpointName, readonly string[]>;

/** Where the console is, also after a prefix, whatever else the service shows. */
export const CONSOLE_PATH = "/wsecho";

/**
 * Brings a path into the form in which it stands in a request, without a
 * trailing slash.
 *
 * @param setting names the path in the error
 * @throws {TypeError} when it is not a string
 * @throws {RangeError} when it is not a path
 */
export function parsePath(setting: string, value: unknown): string {
  if (typeof value !== "string") throw wrongType(setting, value, "a path");
  const [mark] = /[?#]/.exec(value) ?? [];
  if (mark !== undefined) {
    throw wrongValue(setting, value, `a path without "${mark}"`);
  }
  const path = URL.parse(`http://localhost${value}`)?.pathname;
  // A URL reads a backslash as a slash, and drops tabs and line breaks.
  if (!value.startsWith("/") || !path || path.startsWith("//")) {
    throw wrongValue(setting, value, "a path that begins with one slash");
  }
  return path.replace(/(.)\/$/, "$1");
}

/**
 * Places the endpoints: an endpoint that is given paths has these alone, and
 * they are taken from the default paths of the others.
 *
 * @param given paths in the form of {@link parsePath}
 * @param nameOf names an endpoint's paths in the error
 * @throws {RangeError} when a path is given to two endpoints
 */
export function placeEndpoints(
  given: Partial<EndpointPaths>,
  nameOf: (endpoint: EndpointName) => string,
): EndpointPaths {
  const owners = new Map<string, EndpointName>();
  for (const name of ENDPOINT_NAMES) {
    for (const path of given[name] ?? []) {
      const owner = owners.get(path) ?? name;
      if (owner !== name) {
        throw new RangeError(
          `Cannot use ${nameOf(name)} ${
            JSON.stringify(path)
          }: the path belongs to ${nameOf(owner)}`,
        );
      }
      owners.set(path, name);
    }
  }
  for (const name of ENDPOINT_NAMES) {
    if (given[name]) continue;
    for (const path of ENDPOINTS[name].paths) {
      if (!owners.has(path)) owners.set(path, name);
    }
  }
  const paths = Object.fromEntries(
    ENDPOINT_NAMES.map((name) => [name, [] as string[]]),
  ) as Record<EndpointName, string[]>;
  for (const [path, name] of owners) paths[name].push(path);
  return paths;
}

/** The endpoints that have a path, in the order of their table. */
export function listPlaced(
  paths: EndpointPaths,
): { name: EndpointName; paths: readonly string[] }[] {
  return ENDPOINT_NAMES.map((name) => ({ name, paths: paths[name] }))
    .filter(({ paths }) => paths.length > 0);
}
