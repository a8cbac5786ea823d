import { CLOSE_CODE } from "./close_code.ts";
import { Connections } from "./connections.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import { MemoryFuse } from "./memory_fuse.ts";
import { createRouter, formatAddress, placeEndpoints } from "./router.ts";

/** How a service differs from the default one. */
export interface ServiceOptions {
  /** Address to listen on. Default: "127.0.0.1". */
  hostname?: string;
  /** Port to listen on, 0 for any. Default: 8080. */
  port?: number;
  /** Certificate chain and private key, in PEM. Default: none, plain HTTP. */
  tls?: { cert: string; key: string } | undefined;
  /** The paths of endpoints, by name. Default: those of `ENDPOINTS`. */
  paths?: Record<string, readonly string[]>;
  /** Goes before every text reply. Default: "". */
  prefix?: string;
  /** In order of preference. Default: the client's first offer is agreed. */
  subprotocols?: readonly string[];
  /** Origins that may connect, in the form browsers send. Default: all. */
  origins?: readonly string[];
  /** Headers of every 101. Default: none. */
  headers?: readonly (readonly [name: string, value: string])[];
  /** Whether other processes may listen on the port (Linux). Default: no. */
  reusePort?: boolean;
  /** Resident bytes beyond which all connections end. Default: no limit. */
  maxMemory?: number | undefined;
  /** Default: `DEFAULT_LIMITS`. */
  limits?: Partial<Limits>;
  /** Default: nothing is logged. */
  log?: Log;
  /** Takes errors that nobody foresaw. Default: `console.error`. */
  reportError?: (error: unknown) => void;
  /** The version that the page shows. Default: "". */
  version?: string;
}

/** A running service. */
export interface Service extends AsyncDisposable {
  /** The port that it listens on. */
  readonly port: number;
  /** How many connections are open. */
  readonly connectionCount: number;
  /** The page's URL and those of the endpoints, by name. */
  readonly urls: { page: string; endpoints: Record<string, string[]> };
  /**
   * Ends the service: newcomers are refused, every connection is closed with
   * 1001. What a stuck peer keeps open then is left to the process's end.
   *
   * @param grace seconds until it gives up waiting. Default: 5
   */
  shutdown(grace?: number): Promise<void>;
}

const SILENT: Log = { verbose: false, write() {} };
const DEFAULT_GRACE_SECONDS = 5;
/** Time for the close frames of all connections to be written. */
const CLOSE_FRAMES_MS = 100;

/**
 * Starts a service.
 *
 * @throws {Error} when it cannot listen, with a message of one sentence
 */
export function startService(options: ServiceOptions = {}): Service {
  const {
    hostname = "127.0.0.1",
    port = 8080,
    tls,
    paths = {},
    prefix = "",
    subprotocols = [],
    origins = [],
    headers = [],
    log = SILENT,
    reportError = console.error,
    maxMemory,
    reusePort = false,
    version = "",
  } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const connections = new Connections(limits.maxConnections);
  const router = createRouter(
    { version, paths, prefix, subprotocols, origins },
    { limits, connections, log, headers, reportError },
  );
  const listener = new Listener(router, {
    hostname,
    port,
    reusePort,
    ...(tls ? { tls } : {}),
  }, {
    onLost: (error) =>
      log.write({ event: "lost", error: `${error ?? "the listener ended"}` }),
    onError(error) {
      reportError(error);
      return new Response("Internal server error\n", { status: 500 });
    },
  });

  const fuse = maxMemory === undefined
    ? undefined
    : watchMemory(maxMemory, { connections, listener, log, reportError });

  async function shutdown(grace = DEFAULT_GRACE_SECONDS) {
    fuse?.[Symbol.dispose]();
    const code = CLOSE_CODE.goingAway;
    const reason = "The service is ending";
    connections.refuse({ refusal: "the service is ending", code, reason });
    // Half of the time for a client to calm down, the other for its answer.
    connections.closeAll(code, reason, grace * 500);
    const closed = connections.empty().then(() => listener.close());
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, grace * 1_000);
    await Promise.race([closed, deadline.promise]);
    clearTimeout(timer);
    connections.abandonAll();
    // Not awaited: where a peer does not read, it may never come to its end.
    listener.close().catch(reportError);
  }

  return {
    port: listener.addr.port,
    get connectionCount() {
      return connections.size;
    },
    urls: listUrls(listener.addr, tls !== undefined, paths),
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(),
  };
}

function watchMemory(
  limit: number,
  { connections, listener, log, reportError }: {
    connections: Connections;
    listener: Listener;
    log: Log;
    reportError: (error: unknown) => void;
  },
): MemoryFuse {
  const record = (action: string, memory: number) =>
    log.write({
      event: "memory",
      action,
      memory,
      limit,
      connections: connections.size,
    });
  const code = CLOSE_CODE.tryAgainLater;
  const reason = "Out of memory";
  const refusal =
    `the memory in use is above the ${limit} bytes of --max-memory`;
  return new MemoryFuse({
    limit,
    onChange(isHigh, memory) {
      connections.refuse(isHigh ? { refusal, code, reason } : undefined);
      record(isHigh ? "refuse newcomers" : "accept newcomers", memory);
    },
    onBlow(memory) {
      record("close all", memory);
      connections.closeAll(code, reason, 0);
      // The close frames are on their way when this has had its turn.
      setTimeout(() => listener.restart().catch(reportError), CLOSE_FRAMES_MS);
    },
  });
}

function listUrls(
  { hostname, port, transport }: Deno.NetAddr,
  isSecure: boolean,
  paths: Record<string, readonly string[]>,
): Service["urls"] {
  // "All addresses" is none that a browser could open.
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  const host = formatAddress({
    transport,
    hostname: isAny ? "localhost" : hostname,
    port,
  });
  const s = isSecure ? "s" : "";
  return {
    page: `http${s}://${host}/`,
    endpoints: Object.fromEntries(
      placeEndpoints(paths).map(({ name, paths }) => [
        name,
        paths.map((path) => `ws${s}://${host}${path}`),
      ]),
    ),
  };
}
