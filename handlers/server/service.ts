import type { EndpointName } from "../endpoints.ts";
import { CLOSE_CODE } from "../websocket/close_codes.ts";
import { Connections } from "./connections.ts";
import { Listener } from "./listener.ts";
import { MemoryWatch } from "./memory.ts";
import { createRouter } from "./router.ts";
import {
  type CheckedOptions,
  checkOptions,
  GRACE,
  type ServiceOptions,
} from "./service_options.ts";
import { listUrls, type ServiceUrls } from "./urls.ts";

/** A running service. */
export interface Service extends AsyncDisposable {
  /** The address that it listens on: a name is resolved. */
  readonly hostname: string;
  /** The port that it listens on. */
  readonly port: number;
  /** The number of open connections. */
  readonly connectionCount: number;
  /** The URLs of the page and of the endpoints. */
  readonly urls: ServiceUrls;
  /**
   * The URL of an endpoint: that of its first path.
   *
   * @throws {RangeError} when the endpoint has no path
   */
  url(endpoint: EndpointName): string;
  /**
   * Shuts the service down: refuses new connections and closes the open ones
   * with 1001. Connections of clients that do not answer in time stay open
   * until the process ends.
   *
   * @param grace seconds until it stops waiting. Default: 5
   * @throws {RangeError} when `grace` is out of range
   */
  shutdown(grace?: number): Promise<void>;
}

/** How long the close frames of all connections take to be written. */
const CLOSE_FRAMES_MS = 100;

/**
 * Starts a service.
 *
 * @throws {TypeError} naming an option of an unknown name or a wrong type
 * @throws {RangeError} naming an option with a value that it cannot have
 * @throws {Error} when it cannot listen or has no page, in one sentence
 */
export function startService(options: ServiceOptions = {}): Service {
  return new ListeningService(checkOptions(options));
}

class ListeningService implements Service {
  readonly #options: CheckedOptions;
  readonly #connections: Connections;
  readonly #listener: Listener;
  readonly #memory: MemoryWatch | undefined;
  readonly hostname: string;
  readonly port: number;
  readonly urls: ServiceUrls;

  constructor(options: CheckedOptions) {
    const { limits, log, reportError, tls, maxMemory, paths } = options;
    this.#options = options;
    this.#connections = new Connections(limits.maxConnections);
    this.#listener = new Listener(
      createRouter(options, this.#connections),
      options,
      {
        onLost: (error) =>
          log.write({
            event: "lost",
            error: `${error ?? "the listener ended"}`,
          }),
        onError(error) {
          reportError(error);
          return new Response("Internal server error\n", { status: 500 });
        },
      },
    );
    const { addr } = this.#listener;
    this.hostname = addr.hostname;
    this.port = addr.port;
    this.urls = listUrls(addr, tls !== undefined, paths);
    if (maxMemory !== undefined) this.#memory = this.#watchMemory(maxMemory);
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

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

  async shutdown(grace: number = GRACE.default) {
    const graceMs = GRACE.check("grace", grace) * 1_000;
    this.#memory?.[Symbol.dispose]();
    const code = CLOSE_CODE.goingAway;
    const reason = "The service is ending";
    this.#connections.suspend({
      refusal: "the service is ending",
      code,
      reason,
    });
    // Half of the time to drain, the other half for the clients' answers.
    this.#connections.closeAll(code, reason, graceMs / 2);
    const closed = this.#connections.empty().then(() => this.#listener.close());
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, graceMs);
    await Promise.race([closed, deadline.promise]);
    clearTimeout(timer);
    this.#connections.terminateAll();
    // Not awaited: with a client that does not read, it may never resolve.
    this.#listener.close().catch(this.#options.reportError);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #watchMemory(limit: number): MemoryWatch {
    const code = CLOSE_CODE.tryAgainLater;
    const reason = "Out of memory";
    const refusal =
      `the memory in use is above the ${limit} bytes of --max-memory`;
    return new MemoryWatch({
      limit,
      onChange: (isHigh, memory) => {
        if (isHigh) this.#connections.suspend({ refusal, code, reason });
        else this.#connections.resume();
        this.#logMemory(
          isHigh ? "refuse new connections" : "accept new connections",
          memory,
        );
      },
      onStayedHigh: (memory) => {
        this.#logMemory("close all", memory);
        this.#connections.closeAll(code, reason, 0);
        setTimeout(
          () => this.#listener.restart().catch(this.#options.reportError),
          CLOSE_FRAMES_MS,
        );
      },
    });
  }

  #logMemory(action: string, memory: number) {
    this.#options.log.write({
      event: "memory",
      action,
      memory,
      limit: this.#options.maxMemory,
      connections: this.#connections.size,
    });
  }
}
