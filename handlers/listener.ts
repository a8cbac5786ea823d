export interface ListenOptions {
  hostname: string;
  /** 0: any that is free. */
  port: number;
  /** Certificate chain and private key, in PEM: serve https and wss. */
  tls?: { cert: string; key: string };
  /** Whether other processes may listen on the same port (Linux). */
  reusePort?: boolean;
}

/** What a listener tells, and asks for. */
export interface ListenEvents {
  /** The listener has ended by itself; it is opened again. */
  onLost(error: unknown): void;
  /** Answers a request whose handler has failed. */
  onError(error: unknown): Response;
}

/** Time in which files may be closed before it listens again. */
const RETRY_MS = 500;
/** Time that a client may take to read what was sent before the end. */
const RESTART_MS = 1_000;

/**
 * A listening address that comes back when it is lost. With too many files
 * open, the platform's listener ends for good, while the open connections and
 * the process live on.
 */
export class Listener {
  readonly #handler: Deno.ServeHandler<Deno.NetAddr>;
  readonly #events: ListenEvents;
  readonly #options: ListenOptions;
  /** None between the end of one and the beginning of the next. */
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** Where it listens. */
  readonly addr: Deno.NetAddr;

  /**
   * Begins to listen.
   *
   * @throws {Error} whose message is one sentence, and its cause the platform's
   */
  constructor(
    handler: Deno.ServeHandler<Deno.NetAddr>,
    options: ListenOptions,
    events: ListenEvents,
  ) {
    this.#handler = handler;
    this.#events = events;
    this.#options = options;
    try {
      this.addr = this.#listen(options.port).addr;
    } catch (cause) {
      throw new Error(
        `Cannot listen on ${options.hostname} port ${options.port}: ${
          explain(cause)
        }`,
        { cause },
      );
    }
  }

  /**
   * Stops listening; requests under way are answered, which can take forever
   * with a client that does not read.
   */
  async close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#server?.shutdown();
  }

  /**
   * Ends every connection, also those that nothing else can end, and listens
   * again. The platform sends 1001 where no close frame was sent before.
   */
  async restart() {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RESTART_MS);
    try {
      await Promise.race([server.shutdown(), late]);
    } finally {
      clearTimeout(timer);
      this.#listenOrRetry();
    }
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    const { hostname, tls, reusePort = false } = this.#options;
    const server = Deno.serve({
      hostname,
      port,
      reusePort,
      ...tls,
      onListen() {},
      onError: (error) => this.#events.onError(error),
    }, this.#handler);
    this.#server = server;
    const onEnd = (error?: unknown) => {
      if (this.#isClosed || this.#server !== server) return;
      this.#server = undefined;
      this.#events.onLost(error);
      this.#retryLater();
    };
    server.finished.then(onEnd, onEnd);
    return server;
  }

  #retryLater() {
    this.#retry = setTimeout(() => this.#listenOrRetry(), RETRY_MS);
  }

  #listenOrRetry() {
    if (this.#isClosed) return;
    try {
      this.#listen(this.addr.port);
    } catch {
      this.#retryLater();
    }
  }
}

function explain(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "the address is already in use";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "the address is not one of this machine";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies the permission";
  }
  return error instanceof Error ? error.message : `${error}`;
}
