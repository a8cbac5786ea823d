import { type Handler, type Message, PayloadError } from "../handler.ts";
import { CLOSE_CODE } from "./close_codes.ts";
import { Closing, describeClose, DRAIN_MS } from "./closing.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { ParameterValues } from "./parameters.ts";
import { byteLength, previewMessage, release } from "./payload.ts";
import { SendQueue } from "./send_queue.ts";

/** What identifies a connection in the log. */
export interface ConnectionIdentity {
  /** The connection's number, unique within the process. */
  id: number;
  path: string;
  /** The client's address, `host:port`. */
  remote: string;
  origin: string | undefined;
  subprotocol: string | undefined;
}

/** What all connections of a service share. */
export interface ConnectionContext {
  limits: Limits;
  /** Where open connections are registered. */
  registry: {
    expect(connection: Connection): void;
    add(connection: Connection): void;
    delete(connection: Connection): void;
  };
  log: Log;
  /** Headers of every 101. */
  headers: readonly (readonly [name: string, value: string])[];
  /** Receives unexpected errors. */
  reportError(error: unknown): void;
}

/** What differs between the connections of a service. */
export interface ConnectionOptions {
  identity: ConnectionIdentity;
  handler: Handler;
  parameters: ParameterValues;
  /** The first message, if there is one. */
  greeting: string | undefined;
}

/** One connection, from its open event to its close event. */
export class Connection implements EventListenerObject {
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #context: ConnectionContext;
  /** Created lazily, to keep idle connections small. */
  #queue: SendQueue | undefined;
  #closing: Closing | undefined;
  #pushTimer: ReturnType<typeof setInterval> | undefined;
  /** In milliseconds of `performance.now()`; undefined unless it is open. */
  #openedAt: number | undefined;
  /** The message of the socket's error event. */
  #failure: string | undefined;
  #replies = 0;
  #received = 0;
  #receivedBytes = 0;
  #sent = 0;
  #sentBytes = 0;

  /** Creates the connection of a socket that is about to open. */
  constructor(
    socket: WebSocket,
    options: ConnectionOptions,
    context: ConnectionContext,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#context = context;
  }

  /**
   * Receives all events of the socket. Throws nothing: an exception in an event
   * listener would end the process, and with it every other connection.
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
      this.#onError(error);
    }
  }

  /**
   * Starts the closing handshake; messages that arrive from now on have no
   * effect. When it has started already, code and reason stay, and the drain
   * ends at the earlier of both deadlines.
   *
   * @param drainMs milliseconds to wait for a client that is still sending
   */
  close(code: number, reason: string, drainMs = DRAIN_MS) {
    const isFirst = this.#closing === undefined;
    this.#closing ??= new Closing(
      this.#socket,
      { code, reason },
      (error) => this.#onError(error),
    );
    this.#stopSending();
    const isSilent = this.#received === 0 && this.#socket.bufferedAmount === 0;
    if (drainMs === 0 || (isFirst && isSilent)) this.#closing.sendSoon();
    else this.#closing.drain(drainMs);
  }

  /** Whether its close frame was handed to the platform. */
  get isCloseSent(): boolean {
    return this.#closing?.isSent ?? false;
  }

  /** Treats the connection as closed without waiting for the client. */
  terminate() {
    if (this.#closing) this.#closing.isSent = true;
    this.#failure ??= "No answer to the close";
    this.#onClose(new CloseEvent("close"));
  }

  #onOpen() {
    const { identity, parameters, greeting } = this.#options;
    this.#openedAt = performance.now();
    this.#context.log.write({ event: "open", ...identity });
    this.#context.registry.add(this);
    if (!this.#closing && greeting !== undefined) this.#send(greeting);
    const { close, reason, after, push } = parameters;
    if (!this.#closing && close !== undefined && after === 0) {
      this.close(close, reason);
    }
    if (!this.#closing && push > 0) this.#startPushing(push);
  }

  #onMessage(message: Message) {
    if (this.#closing) {
      this.#closing.noteMessage();
      return release(message);
    }
    const size = byteLength(message);
    this.#received++;
    this.#receivedBytes += size;
    const { limits: { maxMessageSize }, log } = this.#context;
    if (log.verbose) this.#logMessage("in", message, size);
    if (size > maxMessageSize) {
      release(message);
      return this.close(
        CLOSE_CODE.messageTooBig,
        `Message of ${size} bytes, the limit is ${maxMessageSize}`,
      );
    }
    const { handler, parameters: { prefix } } = this.#options;
    let reply: Message | undefined;
    try {
      reply = handler(message);
    } finally {
      if (reply !== message) release(message);
    }
    if (prefix !== "" && typeof reply === "string") reply = prefix + reply;
    const replySize = reply === message ? size : byteLength(reply);
    const queue = this.#queue ??= this.#createQueue();
    if (!queue.reply(reply, replySize)) this.#closeOverloaded();
  }

  #onClose(event: CloseEvent) {
    // The event can come twice (denoland/deno#12909), and without "open".
    if (this.#openedAt === undefined) return;
    const seconds = (performance.now() - this.#openedAt) / 1_000;
    this.#openedAt = undefined;
    this.#stopSending();
    this.#closing?.stop();
    this.#context.registry.delete(this);
    this.#context.log.write({
      event: "close",
      ...this.#options.identity,
      ...describeClose(event, this.#closing, this.#failure),
      received: this.#received,
      receivedBytes: this.#receivedBytes,
      sent: this.#sent,
      sentBytes: this.#sentBytes,
      seconds: Math.round(seconds * 1_000) / 1_000,
    });
  }

  #createQueue(): SendQueue {
    return new SendQueue(this.#socket, {
      maxBuffered: this.#context.limits.maxBuffered,
      delay: this.#options.parameters.delay,
      onSent: (message, size, isReply) => this.#onSent(message, size, isReply),
      onError: (error) => this.#onError(error),
    });
  }

  #send(message: Message) {
    const queue = this.#queue ??= this.#createQueue();
    if (!queue.send(message)) this.#closeOverloaded();
  }

  #onSent(message: Message, size: number, isReply: boolean) {
    this.#sent++;
    this.#sentBytes += size;
    if (this.#context.log.verbose) this.#logMessage("out", message, size);
    const { close, reason, after } = this.#options.parameters;
    if (close === undefined || !isReply) return;
    if (++this.#replies === after) this.close(close, reason);
  }

  #startPushing(interval: number) {
    let pushed = 0;
    this.#pushTimer = setInterval(() => {
      try {
        this.#send(`${++pushed} ${new Date().toISOString()}`);
      } catch (error) {
        this.#onError(error);
      }
    }, interval);
  }

  #stopSending() {
    this.#queue?.clear();
    clearInterval(this.#pushTimer);
  }

  #closeOverloaded() {
    this.close(CLOSE_CODE.tryAgainLater, "Replies are not read fast enough");
  }

  #onError(error: unknown) {
    if (error instanceof PayloadError) {
      return this.close(CLOSE_CODE.invalidPayload, error.message);
    }
    this.#context.reportError(error);
    this.close(CLOSE_CODE.internalError, "Internal error");
  }

  #logMessage(direction: "in" | "out", message: Message, size: number) {
    this.#context.log.write({
      event: "message",
      id: this.#options.identity.id,
      direction,
      ...previewMessage(message, size),
    });
  }
}
