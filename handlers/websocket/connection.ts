import { type Message, PayloadError } from "../handler.ts";
import type { Behavior } from "./behavior.ts";
import { CLOSE_CODE } from "./close_codes.ts";
import { Closing, describeClose, DRAIN_MS } from "./closing.ts";
import type { Limits } from "./limits.ts";
import type { Log, LogEntry } from "./log.ts";
import { MessageLog } from "./message_log.ts";
import type { Observed, Observer } from "./observer.ts";
import { byteLength, release } from "./payload.ts";
import type { Schedule } from "./schedule.ts";
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
    /** Called when a handshake was accepted. */
    expect(connection: Connection): void;
    /** Called when the connection has opened. */
    add(connection: Connection): void;
    /** Called when the connection has ended; safe for one that is unknown. */
    delete(connection: Connection): void;
    /**
     * Called when the server waits no more for the client to end the
     * connection: its place is free, but the platform holds its descriptor
     * until `delete` is called.
     */
    abandon(connection: Connection): void;
    /**
     * Called when what the connection holds back has changed by a number of
     * bytes, see `SendQueue.held`; may close the connection.
     */
    changeHeld(connection: Connection, change: number): void;
  };
  /** Where it is counted what happens on all connections. */
  counters: {
    /** Called when a connection has opened. */
    opened(): void;
    /** Called with each message of a size in bytes. */
    message(direction: "in" | "out", size: number): void;
    /** Called when the connection has ended, with its close code. */
    closed(code: number): void;
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
  /** Its entries in the log begin so, instead of by `open` and `close`. */
  entries?: { open: LogEntry; close: LogEntry };
  /** When each reply leaves; undefined: at once. */
  schedule?: Schedule | undefined;
  /** Bytes that it may hold back, if fewer than `limits.maxBuffered`. */
  maxBuffered?: number;
  observer?: Observer | undefined;
}

const ENTRIES = { open: { event: "open" }, close: { event: "close" } };

/** Stands in for the close event that does not come. */
const UNANSWERED: CloseEventInit = { code: CLOSE_CODE.abnormal };

/** One connection, from its open event to its close event. */
export class Connection implements EventListenerObject, Observed {
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #context: ConnectionContext;
  readonly #behavior: Behavior;
  /** Created lazily, to keep idle connections small. */
  #queue: SendQueue | undefined;
  #messageLog: MessageLog | undefined;
  #closing: Closing | undefined;
  /** In milliseconds of `performance.now()`; undefined unless it is open. */
  #openedAt: number | undefined;
  /** The message of the socket's error event. */
  #failure: string | undefined;
  #received = 0;
  #receivedBytes = 0;
  #sent = 0;
  #sentBytes = 0;
  /** Whether the endpoint replies, or only the observer does. */
  repliesItself = true;

  /** Creates the connection of a socket that is about to open. */
  constructor(
    socket: WebSocket,
    options: ConnectionOptions,
    context: ConnectionContext,
    behave: (connection: Connection) => Behavior,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#context = context;
    this.#behavior = behave(this);
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
    this.#closing ??= new Closing(
      this.#socket,
      { code, reason },
      {
        onError: (error) => this.#onError(error),
        onUnanswered: () => this.attempt(() => this.#abandon()),
      },
    );
    this.#stopSending();
    if (drainMs === 0) this.#closing.sendSoon();
    else this.#closing.drain(drainMs);
  }

  /** Treats the connection as closed without waiting for the client. */
  terminate() {
    this.#onClose(new CloseEvent("close", UNANSWERED));
  }

  /** Closes a connection whose client reads too slowly. */
  closeOverloaded() {
    this.close(CLOSE_CODE.tryAgainLater, "Replies are not read fast enough");
  }

  /** The connection's number, unique within the process. */
  get id(): number {
    return this.#options.identity.id;
  }

  /** Whether the server has started to close it, or it has ended. */
  get isClosing(): boolean {
    return this.#closing !== undefined || this.#openedAt === undefined;
  }

  /** Whether the server's close frame was handed to the platform. */
  get isCloseSent(): boolean {
    return this.#closing?.isSent ?? false;
  }

  /**
   * Sends a message at once, and frees its memory when it was sent. Throws
   * nothing, as others may call it.
   *
   * @returns why it could not be sent, if so
   */
  send(message: Message): string | undefined {
    let hasRoom = true;
    if (!this.isClosing) {
      const queue = this.#queue ??= this.#createQueue();
      this.attempt(() => hasRoom = queue.send(message));
      if (!hasRoom) return "what was sent before is not read fast enough";
    }
    return this.isClosing ? "the connection is closing" : undefined;
  }

  /** Sends a reply of a size in bytes by the schedule, and frees its memory. */
  reply(reply: Message, size: number) {
    if (this.#closing) return release(reply);
    const queue = this.#queue ??= this.#createQueue();
    if (!queue.reply(reply, size)) this.closeOverloaded();
  }

  /** Discards the replies that have not left. */
  discardReplies() {
    this.#queue?.clear();
  }

  /** Runs what a timer has to do, see {@link handleEvent}. */
  attempt(action: () => void) {
    try {
      action();
    } catch (error) {
      this.#onError(error);
    }
  }

  #onOpen() {
    const { identity, entries = ENTRIES, observer } = this.#options;
    this.#openedAt = performance.now();
    this.#context.counters.opened();
    observer?.open(this);
    this.#context.log.write({ ...entries.open, ...identity });
    this.#context.registry.add(this);
    if (!this.#closing) this.#behavior.open();
  }

  #onMessage(message: Message) {
    if (this.#closing) {
      this.#closing.noteMessage();
      return release(message);
    }
    const size = byteLength(message);
    this.#received++;
    this.#receivedBytes += size;
    const { limits: { maxMessageSize }, counters, log } = this.#context;
    counters.message("in", size);
    const { observer } = this.#options;
    if (log.verbose) this.#logMessage("in", message, size);
    if (observer?.isWatching) observer.message("in", message, size);
    if (size > maxMessageSize) {
      release(message);
      return this.close(
        CLOSE_CODE.messageTooBig,
        `Message of ${size} bytes, the limit is ${maxMessageSize}`,
      );
    }
    this.#behavior.message(message, size);
  }

  #onClose(event: CloseEvent) {
    // Of an abandoned connection, nothing but its descriptor is left.
    if (this.#openedAt !== undefined) this.#end(event);
    this.#context.registry.delete(this);
  }

  /** Frees the place of a connection that the client does not end. */
  #abandon() {
    if (this.#openedAt === undefined) return;
    this.#end(new CloseEvent("close", UNANSWERED));
    this.#context.registry.abandon(this);
  }

  /** Ends what the server does for the connection, and logs its end. */
  #end(event: CloseEvent) {
    // The event can come twice (denoland/deno#12909), and without "open".
    if (this.#openedAt === undefined) return;
    const openMs = performance.now() - this.#openedAt;
    this.#openedAt = undefined;
    this.#stopSending();
    this.#queue?.end();
    this.#closing?.stop();
    this.#messageLog?.end();
    const { identity, entries = ENTRIES, observer } = this.#options;
    const description = describeClose(event, this.#closing, this.#failure);
    const [received, sent] = [this.#received, this.#sent];
    const seconds = Math.round(openMs) / 1_000;
    this.#context.counters.closed(description.code);
    observer?.close({ ...description, received, sent, seconds });
    this.#context.log.write({
      ...entries.close,
      ...identity,
      ...description,
      received,
      receivedBytes: this.#receivedBytes,
      sent,
      sentBytes: this.#sentBytes,
      seconds,
    });
  }

  #createQueue(): SendQueue {
    return new SendQueue(this.#socket, {
      maxBuffered: Math.min(
        this.#context.limits.maxBuffered,
        this.#options.maxBuffered ?? Infinity,
      ),
      schedule: this.#options.schedule,
      onSent: (message, size, isReply) => this.#onSent(message, size, isReply),
      onError: (error) => this.#onError(error),
      onHeldChange: (change) =>
        this.attempt(() => this.#context.registry.changeHeld(this, change)),
    });
  }

  #onSent(message: Message, size: number, isReply: boolean) {
    this.#sent++;
    this.#sentBytes += size;
    this.#context.counters.message("out", size);
    const { observer } = this.#options;
    if (this.#context.log.verbose) this.#logMessage("out", message, size);
    if (observer?.isWatching) observer.message("out", message, size);
    this.#behavior.sent(isReply);
  }

  #stopSending() {
    this.discardReplies();
    this.#behavior.stop();
  }

  #onError(error: unknown) {
    if (error instanceof PayloadError) {
      return this.close(CLOSE_CODE.invalidPayload, error.message);
    }
    this.#context.reportError(error);
    this.close(CLOSE_CODE.internalError, "Internal error");
  }

  #logMessage(direction: "in" | "out", message: Message, size: number) {
    this.#messageLog ??= new MessageLog(
      this.#options.identity.id,
      this.#context.log,
    );
    this.#messageLog.write(direction, message, size);
  }
}
