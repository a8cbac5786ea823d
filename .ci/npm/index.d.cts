/// <reference lib="esnext.disposable" />

/** The endpoints of the service. */
export type EndpointName = "echo" | "uppercase" | "watch";

/** Settings of {@link startWsecho}. */
export interface WsechoOptions {
  /**
   * Options of the command line, as `["--prefix", "x"]`. The service listens on
   * a free port of 127.0.0.1 unless they name others.
   */
  args?: readonly string[];
}

/** A running service, in a process of its own. */
export interface Wsecho {
  /** The port that it listens on. */
  readonly port: number;
  /**
   * The URL of an endpoint: that of its first path.
   *
   * @throws {RangeError} when the endpoint has no path
   */
  url(endpoint: EndpointName): string;
  /**
   * Closes the open connections with 1001 and ends the process; resolves when it
   * has ended. It also ends when this process does.
   */
  stop(): Promise<void>;
  /** The same as {@link stop}. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the service; resolves when it accepts connections.
 *
 * @throws {Error} when it cannot start, with what it wrote to standard error
 */
export function startWsecho(options?: WsechoOptions): Promise<Wsecho>;
