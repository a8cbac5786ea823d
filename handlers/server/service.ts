import type { EndpointName } from "../endpoints.ts";
import { sourcesLoaded } from "../page_source.ts";
import { WatchHub } from "../watch/hub.ts";
import { Watch } from "../watch/watch.ts";
import { Watches } from "../watch/watches.ts";
import { MemoryGuard } from "./memory_guard.ts";
import { exportMetrics } from "./metrics.ts";
import { RunningService, SERVICE_ENDS } from "./running_service.ts";
import {
  checkOptions,
  checkWatchKey,
  GRACE,
  type ServiceOptions,
} from "./service_options.ts";
import { Tally } from "./tally.ts";
import type { ServiceUrls } from "./urls.ts";

// A service starts at once, with its page.
await sourcesLoaded;

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
   * Watches the connections whose parameter `watch` is a key, as a client of the
   * endpoint `watch` does.
   *
   * @throws {RangeError} when it is not a key
   */
  watch(key: string): Watch;
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

/**
 * Starts a service in this thread.
 *
 * @throws {TypeError} naming an option of an unknown name or a wrong type
 * @throws {RangeError} naming an option with a value that it cannot have
 * @throws {Error} when it cannot listen or has no page, in one sentence
 */
export function startService(options: ServiceOptions = {}): Service {
  const checked = checkOptions(options);
  const { log, reportError, maxMemory, reusePort } = checked;
  const tally = new Tally();
  const watches = new Watches(new WatchHub());
  const service = new RunningService(checked, tally, watches);
  const watching = new Set<Watch>();
  let hasEnded = false;
  const { hostname, port, urls, connections } = service;
  const guard = maxMemory === undefined ? undefined : new MemoryGuard({
    limit: maxMemory,
    threads: 1,
    tally,
    log,
    closeHeaviest: () => connections.closeHeaviest(),
    recycle: () => service.clear().catch(reportError),
  });
  const metrics = exportMetrics(tally, checked.version);
  const shutdown = async (grace: number = GRACE.default) => {
    const graceMs = GRACE.check("grace", grace) * 1_000;
    guard?.[Symbol.dispose]();
    await service.end({
      ...SERVICE_ENDS,
      graceMs,
      hasSiblings: reusePort,
    });
    hasEnded = true;
    metrics?.[Symbol.dispose]();
    for (const watch of watching) watch[Symbol.dispose]();
  };
  return {
    hostname,
    port,
    urls,
    get connectionCount() {
      return connections.size;
    },
    url: (endpoint) => service.url(endpoint),
    watch(key) {
      const id = tally.nextId();
      const watch = new Watch(
        watches,
        checkWatchKey("key", key),
        id,
        (watch) => watching.delete(watch),
      );
      watching.add(watch);
      if (hasEnded) watch[Symbol.dispose]();
      return watch;
    },
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}
