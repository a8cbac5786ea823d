import { echo } from "./echo.ts";
import type { Handler } from "./handler.ts";
import { uppercase } from "./uppercase.ts";

/** A path to connect to, and what answers there. */
export interface Endpoint {
  /** Computes the reply to each message; without it, watchers connect here. */
  handler?: Handler;
  /** Its paths, unless the service is given others. */
  paths: readonly string[];
}

/**
 * The endpoints by name. The name is also the command-line option that replaces
 * the paths.
 */
export const ENDPOINTS = {
  echo: { handler: echo, paths: ["/", "/echo"] },
  uppercase: { handler: uppercase, paths: ["/uppercase"] },
  watch: { paths: ["/watch"] },
} as const satisfies Record<string, Endpoint>;

/** The name of an endpoint. */
export type EndpointName = keyof typeof ENDPOINTS;

/** All names, in the order of the table. */
export const ENDPOINT_NAMES: readonly EndpointName[] = Object.keys(
  ENDPOINTS,
) as EndpointName[];
