import type { CheckedOptions } from "./service_options.ts";
import { within } from "./wait.ts";

/** Where to listen. */
export type ListenOptions = Pick<
  CheckedOptions,
  "hostname" | "port" | "tls" | "reusePort"
>;

/** Events of a listener. */
export interface ListenEvents {
  /** The platform's listener has ended, or cannot reopen; it is tried again. */
  onLost(error: unknown): void;
  /** Answers a request whose handler has thrown. */
  onError(error: unknown): Response;
}

/** A certificate or key that the platform cannot use. */
export class CertificateError extends Error {
  /** Tells this error from others in a log. */
  override name = "CertificateError";
  /** Which of the two is at fault. */
  readonly part: "cert" | "key";
  /** The platform's error. */
  override readonly cause: Error;

  /** Creates the error from the platform's. */
  constructor(cause: Error) {
    const part = /certificate/i.test(cause.message) ? "cert" : "key";
    super(`Cannot use tls.${part}: ${cause.message}`);
    this.part = part;
    this.cause = cause;
  }
}

/** How long it waits before it listens again. */
const RETRY_MS = 500;
/** How long a restart waits for clients to read what was sent to them. */
const RESTART_MS = 1_000;

/**
 * Finds the address to listen on, a free port for 0. A shared port hides that
 * another program listens on it, so this listens alone for a moment. Where other
 * processes may share the port, it tries a free one instead: on theirs it would
 * be given connections, and reset them.
 *
 * @throws {CertificateError} when the certificate or key cannot be used
 * @throws {Error} when it cannot listen, with a message of one sentence
 */
export function findAddress(options: ListenOptions): Deno.NetAddr {
  const { hostname, port, tls, reusePort } = options;
  const tried = { hostname, port: reusePort ? 0 : port };
  try {
    const listener = tls
      ? Deno.listenTls({ ...tried, ...tls })
      : Deno.listen(tried);
    listener.close();
    const addr = listener.addr as Deno.NetAddr;
    return { ...addr, port: port === 0 ? addr.port : port };
  } catch (cause) {
    throw cannotListen(cause, options);
  }
}

/**
 * A listener that reopens after the process runs out of descriptors: then the
 * platform's listener ends for good, while open connections live on.
 */
export class Listener {
  readonly #handler: Deno.ServeHandler<Deno.NetAddr>;
  readonly #events: ListenEvents;
  readonly #options: ListenOptions;
  /** Undefined while it waits to listen again. */
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** Where it listens. */
  readonly addr: Deno.NetAddr;

  /**
   * Starts to listen.
   *
   * @throws {CertificateError} when the certificate or key cannot be used
   * @throws {Error} when it cannot listen, with a message of one sentence
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
      throw cannotListen(cause, options);
    }
  }

  /**
   * Stops listening. Resolves when all requests are answered, which may be
   * never with a client that does not read.
   */
  async close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#server?.shutdown();
  }

  /**
   * Ends all connections, also those that never opened, and listens again. The
   * platform sends 1001 where no close frame was sent before.
   */
  async restart() {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    try {
      await within(server.shutdown(), RESTART_MS);
    } finally {
      this.#listenOrRetry();
    }
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    const { hostname, tls, reusePort } = this.#options;
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
    } catch (error) {
      this.#events.onLost(error);
      this.#retryLater();
    }
  }
}

function cannotListen(
  cause: unknown,
  { hostname, port }: ListenOptions,
): Error {
  if (isCertificateFault(cause)) return new CertificateError(cause);
  return new Error(
    `Cannot listen on ${hostname} port ${port}: ${explain(cause)}`,
    { cause },
  );
}

/** The platform has no class for these; other classes may quote the host. */
function isCertificateFault(error: unknown): error is Error {
  return error instanceof Error && /^(Error|InvalidData)$/.test(error.name) &&
    /certificate|key/i.test(error.message);
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
