import { Buffer } from "node:buffer";
import { Backlog } from "./backlog.ts";
import type { Behaviour } from "./behaviour.ts";
import { CLOSE_CODE } from "./close_code.ts";
import type { Closable, Connections } from "./connections.ts";
import { DelayLine } from "./delay_line.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";

/** A message's payload (RFC 6455 section 5.6): text or binary. */
export type Message = string | ArrayBuffer;

/**
 * An endpoint's answer to a message. It throws a `DOMException` named
 * `EncodingError` when the payload is not what it has to be.
 */
export type Handler = (message: Message) => Message;

/** Who a connection is, as it appears in the log. */
export interface Peer {
  /** The connection's number, unique within the process. */
  id: number;
  path: string;
  /** The client's address, `host:port`. */
  remote: string;
  origin: string | undefined;
  subprotocol: string | undefined;
}

/** What all connections of a service share. */
export interface SessionContext {
  limits: Limits;
  connections: Connections;
  log: Log;
  /** Headers of every 101, valid ones. */
  headers: readonly (readonly [name: string, value: string])[];
  /** Takes an error that nobody foresaw. */
  reportError(error: unknown): void;
}

/** What is special to one connection. */
export interface SessionOptions {
  peer: Peer;
  handler: Handler;
  behaviour: Behaviour;
  /** The first message, where one is asked for. */
  greeting: string | undefined;
}

/**
 * The replies of one connection that may wait, whatever their size, in the
 * service and in the platform: each of them costs up to 1 KiB of memory. A
 * client that sends small messages as fast as it can, and reads, has up to
 * 60,000 of them waiting.
 */
const MAX_WAITING_REPLIES = 262_144;

/** How long a close waits for a client to read its replies and send no more. */
const CALM_DOWN_MS = 5_000;
/** There is no event for that: how often the close looks. */
const CALM_POLL_MS = 50;

/** How many characters of a message the verbose log shows. */
const PREVIEW_CHARACTERS = 64;

/**
 * Upgrades a request and serves the connection from then on.
 *
 * Nothing may be thrown, and nothing but this response returned, after
 * `Deno.upgradeWebSocket`: the platform would close the listener.
 *
 * @throws {TypeError} before the upgrade, when the platform refuses it
 */
export function openSession(
  request: Request,
  options: SessionOptions,
  context: SessionContext,
): Response {
  // Where Upgrade came in several lines, the platform reads the headers again
  // after the upgrade, when the request is closed, and leaks it; not so where
  // has() has read them all before. In a list, the lines cannot be told apart.
  const { headers } = request;
  if (headers.get("upgrade")?.includes(",")) headers.has("upgrade");

  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: context.limits.idleTimeout,
  });
  try {
    const { subprotocol } = options.peer;
    if (subprotocol !== undefined) {
      // The platform's own option throws on offers that it splits wrongly.
      response.headers.set("Sec-WebSocket-Protocol", subprotocol);
    }
    for (const [name, value] of context.headers) {
      response.headers.append(name, value);
    }
    const session = new Session(socket, options, context);
    for (const type of ["open", "message", "error", "close"]) {
      socket.addEventListener(type, session);
    }
  } catch (error) {
    context.reportError(error);
  }
  return response;
}

/** One connection, from its opening to its close. */
class Session implements Closable, EventListenerObject {
  readonly #socket: WebSocket;
  readonly #options: SessionOptions;
  readonly #context: SessionContext;
  /** From the first message on: an idle connection shall cost little. */
  #backlog: Backlog | undefined;
  #delayed: DelayLine<Message> | undefined;
  #pushTimer: ReturnType<typeof setInterval> | undefined;
  #closeTimer: ReturnType<typeof setTimeout> | undefined;
  #openedAt = 0;
  #isOpen = false;
  /** The close that the server has begun, and whether it got to say so. */
  #closing: { code: number; reason: string } | undefined;
  #isCloseSent = false;
  /** What the platform said of a connection that broke. */
  #failure: string | undefined;
  /** Messages that came while closing. */
  #ignored = 0;
  #answered = 0;
  #received = 0;
  #receivedBytes = 0;
  #sent = 0;
  #sentBytes = 0;

  constructor(
    socket: WebSocket,
    options: SessionOptions,
    context: SessionContext,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#context = context;
  }

  /**
   * Receives all the socket's events. An exception that left a listener would
   * end the process, and with it every other connection.
   */
  handleEvent(event: Event) {
    try {
      switch (event.type) {
        case "message":
          return this.#onMessage((event as MessageEvent<Message>).data);
        case "open":
          return this.#onOpen();
        case "error":
          this.#failure = (event as ErrorEvent).message;
          return;
        case "close":
          return this.#onClose(event as CloseEvent);
      }
    } catch (error) {
      this.#onException(error);
    }
  }

  /**
   * Begins the closing handshake (RFC 6455 section 7.1.2), once; messages that
   * come from now on have no effect.
   *
   * After the socket's close(), the next message ends the connection with a
   * reset, and with it what the client has not read yet, the close frame as
   * well. So a client that sends is first given the time to come to an end.
   *
   * @param patience milliseconds until the close frame leaves all the same
   */
  close(code: number, reason: string, patience = CALM_DOWN_MS) {
    if (this.#closing) return;
    this.#closing = { code, reason };
    this.#stopTimers();
    const isSilent = this.#received === 0 && this.#socket.bufferedAmount === 0;
    if (isSilent || patience === 0) {
      // Within the "message" event, close() would lose its frame.
      setImmediate(() => this.#sendClose());
    } else this.#sendCloseWhenCalm(Date.now() + patience);
  }

  /** Takes the end for granted that a peer keeps from coming. */
  abandon() {
    this.#isCloseSent = true;
    this.#failure ??= "No answer to the close";
    this.#onClose(new CloseEvent("close"));
  }

  #sendCloseWhenCalm(deadline: number) {
    const ignored = this.#ignored;
    this.#closeTimer = setTimeout(() => {
      const isCalm = this.#socket.bufferedAmount === 0 &&
        this.#ignored === ignored;
      if (isCalm || Date.now() >= deadline) this.#sendClose();
      else this.#sendCloseWhenCalm(deadline);
    }, CALM_POLL_MS);
  }

  #sendClose() {
    const { code, reason } = this.#closing!;
    this.#isCloseSent = true;
    this.#guarded(() => this.#socket.close(code, reason));
  }

  #onOpen() {
    this.#isOpen = true;
    this.#openedAt = Date.now();
    this.#context.log.write({ event: "open", ...this.#options.peer });
    this.#context.connections.add(this);
    if (this.#closing) return;

    const { behaviour, greeting } = this.#options;
    if (greeting !== undefined) this.#send(greeting, byteLength(greeting));
    if (behaviour.close?.after === 0) {
      this.close(behaviour.close.code, behaviour.close.reason);
    }
    if (this.#closing) return;
    if (behaviour.delay > 0) {
      this.#delayed = new DelayLine(
        behaviour.delay,
        (reply, size) => this.#guarded(() => this.#answer(reply, size)),
        release,
      );
    }
    if (behaviour.push > 0) {
      let pushed = 0;
      this.#pushTimer = setInterval(() =>
        this.#guarded(() => {
          const message = `${++pushed} ${new Date().toISOString()}`;
          this.#send(message, byteLength(message));
        }), behaviour.push);
    }
  }

  #onMessage(message: Message) {
    if (this.#closing) {
      this.#ignored++;
      return release(message);
    }
    const size = byteLength(message);
    this.#received++;
    this.#receivedBytes += size;
    const { limits, log } = this.#context;
    if (log.verbose) this.#logMessage("in", message, size);
    if (size > limits.maxMessageSize) {
      release(message);
      return this.close(
        CLOSE_CODE.messageTooBig,
        `Message of ${size} bytes, the limit is ${limits.maxMessageSize}`,
      );
    }

    const { handler, behaviour: { prefix } } = this.#options;
    let reply: Message | undefined;
    try {
      reply = handler(message);
    } finally {
      if (reply !== message) release(message);
    }
    if (prefix !== "" && typeof reply === "string") reply = prefix + reply;
    const replySize = reply === message ? size : byteLength(reply);
    if (!this.#delayed) return this.#answer(reply, replySize);
    if (this.#hasRoom(replySize)) {
      this.#delayed.push(reply, replySize);
    } else {
      release(reply);
      this.#closeOverloaded();
    }
  }

  #answer(reply: Message, size: number) {
    this.#send(reply, size);
    release(reply);
    const { close } = this.#options.behaviour;
    if (close && ++this.#answered === close.after) {
      this.close(close.code, close.reason);
    }
  }

  #send(message: Message, size: number) {
    if (!this.#hasRoom(size)) return this.#closeOverloaded();
    this.#socket.send(message);
    (this.#backlog ??= new Backlog()).sent(size);
    this.#sent++;
    this.#sentBytes += size;
    if (this.#context.log.verbose) this.#logMessage("out", message, size);
  }

  /**
   * Whether one more message may wait to be sent. send() has no backpressure,
   * and reading cannot be paused: a client that sends and never reads would
   * make the process grow without bound.
   */
  #hasRoom(size: number): boolean {
    const buffered = this.#socket.bufferedAmount;
    const delayed = this.#delayed;
    return buffered + (delayed?.bytes ?? 0) + size <=
        this.#context.limits.maxBuffered &&
      (this.#backlog?.waiting(buffered) ?? 0) + (delayed?.length ?? 0) <
        MAX_WAITING_REPLIES;
  }

  #closeOverloaded() {
    this.close(CLOSE_CODE.tryAgainLater, "Replies are not read fast enough");
  }

  #onClose(event: CloseEvent) {
    // The event can come twice, and without "open" it concerns nobody.
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stopTimers();
    clearTimeout(this.#closeTimer);
    this.#context.connections.delete(this);
    this.#context.log.write({
      event: "close",
      ...this.#options.peer,
      ...this.#describeClose(event),
      received: this.#received,
      receivedBytes: this.#receivedBytes,
      sent: this.#sent,
      sentBytes: this.#sentBytes,
      seconds: (Date.now() - this.#openedAt) / 1_000,
    });
  }

  #describeClose({ code, reason, wasClean }: CloseEvent) {
    const error = this.#failure;
    // The event's own code is not always the one that was sent.
    if (this.#closing && (this.#isCloseSent || code === 0)) {
      return { ...this.#closing, by: "server", error };
    }
    // The platform's 0 stands for a connection without a closing handshake.
    if (code === 0) {
      return { code: CLOSE_CODE.abnormal, reason, by: "network", error };
    }
    // An unclean close with a code is the platform's idle timeout.
    const by = wasClean ? "client" : "server";
    return { code, reason, by, error: this.#closing?.reason ?? error };
  }

  #stopTimers() {
    this.#delayed?.clear();
    clearInterval(this.#pushTimer);
  }

  #guarded(action: () => void) {
    try {
      action();
    } catch (error) {
      this.#onException(error);
    }
  }

  #onException(error: unknown) {
    if (error instanceof DOMException && error.name === "EncodingError") {
      return this.close(CLOSE_CODE.invalidPayload, error.message);
    }
    this.#context.reportError(error);
    this.close(CLOSE_CODE.internalError, "Internal error");
  }

  #logMessage(direction: "in" | "out", message: Message, size: number) {
    const isText = typeof message === "string";
    this.#context.log.write({
      event: "message",
      id: this.#options.peer.id,
      direction,
      type: isText ? "text" : "binary",
      size,
      // The cut can fall between the halves of a surrogate pair.
      preview: isText
        ? message.slice(0, PREVIEW_CHARACTERS).toWellFormed()
        : new Uint8Array(message).subarray(0, PREVIEW_CHARACTERS / 2).toHex(),
    });
  }
}

/** A payload's size on the wire, in bytes: text is counted as UTF-8. */
function byteLength(message: Message): number {
  return typeof message === "string"
    ? Buffer.byteLength(message)
    : message.byteLength;
}

/**
 * Gives a buffer's memory back at once. Else it stays until the garbage
 * collector runs, which a flood of large messages does not wait for. send()
 * has copied it when it returns.
 */
function release(message: Message) {
  if (typeof message !== "string") message.transfer(0);
}
