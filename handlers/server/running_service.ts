import type { EndpointName } from "../endpoints.ts";
import type { Watches } from "../watch/watches.ts";
import { CLOSE_CODE } from "../websocket/close_codes.ts";
import { Connections, OUT_OF_MEMORY, type Suspension } from "./connections.ts";
import { Listener } from "./listener.ts";
import { createRouter } from "./router.ts";
import type { CheckedOptions } from "./service_options.ts";
import type { Tally } from "./tally.ts";
import { listUrls, type ServiceUrls } from "./urls.ts";
import { pause, within } from "./wait.ts";

/** How a service ends, see {@link RunningService.end}. */
export interface EndOptions {
  /** Sent with the close frames. */
  code: number;
  reason: string;
  /** Milliseconds until it stops waiting. */
  graceMs: number;
  /**
   * Whether others listen on the port: then it stops listening as soon as the
   * close frames have left, and refuses nobody until then.
   */
  hasSiblings: boolean;
}

/** How all connections are closed when the service ends. */
export const SERVICE_ENDS = {
  code: CLOSE_CODE.goingAway,
  reason: "The service is ending",
} as const;

/**
 * The bytes that all connections may hold back together: a quarter of the memory
 * limit.
 */
export function heldLimit(maxMemory = Infinity): number {
  return maxMemory / 4;
}

/** How long the close frames of all connections take to be written. */
const CLOSE_FRAMES_MS = 100;
/** How long a listener that has siblings may take to end its connections. */
const FLUSH_MS = 1_000;

/** A service that listens, with all that its owner can have it do. */
export class RunningService {
  readonly #options: CheckedOptions;
  readonly #listener: Listener;
  #clearing: Promise<void> | undefined;
  readonly connections: Connections;
  /** The address that it listens on: a name is resolved. */
  readonly hostname: string;
  /** The port that it listens on. */
  readonly port: number;
  /** The URLs of the page and of the endpoints. */
  readonly urls: ServiceUrls;

  /**
   * Starts a service.
   *
   * @param watches of this thread
   * @param onLost is called when the platform's listener has ended
   * @throws {Error} when it cannot listen or has no page, in one sentence
   */
  constructor(
    options: CheckedOptions,
    tally: Tally,
    watches: Watches,
    onLost = () => {},
  ) {
    const { limits, log, reportError, maxMemory } = options;
    this.#options = options;
    this.connections = new Connections({
      max: limits.maxConnections,
      maxHeld: heldLimit(maxMemory),
      suspension: outOfMemory(maxMemory),
      tally,
    });
    this.#listener = new Listener(
      createRouter(options, this.connections, tally, watches),
      options,
      {
        onLost(error) {
          log.write({
            event: "lost",
            error: `${error ?? "the listener ended"}`,
          });
          onLost();
        },
        onError(error) {
          reportError(error);
          return new Response("Internal server error\n", { status: 500 });
        },
      },
    );
    tally.add("workers", 1);
    const { addr } = this.#listener;
    this.hostname = addr.hostname;
    this.port = addr.port;
    this.urls = listUrls(addr, options);
  }

  /**
   * The URL of an endpoint: that of its first path.
   *
   * @throws {RangeError} when the endpoint has no path
   */
  url(endpoint: EndpointName): string {
    const { endpoints } = this.urls;
    const [url] = Object.hasOwn(endpoints, endpoint)
      ? endpoints[endpoint] ?? []
      : [];
    if (url === undefined) {
      throw new RangeError(
        `Cannot give a URL: there is no path of an endpoint "${endpoint}"`,
      );
    }
    return url;
  }

  /** Closes all connections with 1013, and listens again. */
  clear(): Promise<void> {
    return this.#clearing ??= this.#clear().finally(() => {
      this.#clearing = undefined;
    });
  }

  async #clear() {
    const { code, reason } = OUT_OF_MEMORY;
    this.connections.closeAll(code, reason, 0);
    await pause(CLOSE_FRAMES_MS);
    await this.#listener.restart();
  }

  /**
   * Closes the open connections and stops listening. Connections of clients
   * that do not answer in time stay open until the thread ends.
   */
  async end({ code, reason, graceMs, hasSiblings }: EndOptions) {
    const { connections } = this;
    if (!hasSiblings) {
      connections.suspend({ refusal: "the service is ending", code, reason });
    }
    // Half of the time to drain, the other half for the clients' answers.
    connections.closeAll(code, reason, graceMs / 2);
    const deadline = performance.now() + graceMs;
    const closing = hasSiblings
      ? connections.closeFramesSent()
      : connections.empty();
    await within(closing, graceMs);
    // With siblings, the end of the listener closes them in an orderly way.
    if (!hasSiblings) connections.terminateAll();
    // A client that does not read or was reset can keep it from ending.
    const closed = this.#listener.close().catch(this.#options.reportError);
    const left = deadline - performance.now();
    await within(closed, hasSiblings ? Math.min(left, FLUSH_MS) : left);
    connections.terminateAll();
    // Its failure is reported where it was begun.
    await this.#clearing?.catch(() => {});
  }
}

function outOfMemory(limit: number | undefined): Suspension {
  return {
    refusal: `the memory in use is above the ${limit} bytes of --max-memory`,
    ...OUT_OF_MEMORY,
  };
}
