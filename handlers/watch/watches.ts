import type { Message } from "../handler.ts";
import type { Observed, Observer } from "../websocket/observer.ts";
import { parseCommand, type WatchCommand } from "./commands.ts";
import {
  errorText,
  messageEvent,
  now,
  type ReplyMode,
  type WatchEvent,
  type WatchEventOf,
} from "./events.ts";
import { type Hub, type HubMember, MAX_WATCHERS, noConnection } from "./hub.ts";

/** Where a watcher's events go. Its methods throw nothing. */
export interface WatchSink {
  /**
   * Takes the JSON of an event.
   *
   * @param count how many events are lost if it is lost
   */
  deliver(text: string, count: number): void;
  /** Called instead of everything else: there are too many watchers. */
  reject(message: string): void;
}

/** A watcher's side of watching. */
export interface Watching {
  /** Carries out a command, or delivers an `error` event. */
  command(message: Message): void;
  /** Ends it; safe to call again. */
  end(): void;
}

/** What is told of a connection when it opens. */
export type ConnectionDescription = Omit<
  WatchEventOf<"open">,
  "event" | "time" | "id"
>;

/** What has a key, in this thread. */
class LocalTopic {
  isWatched = false;
  readonly connections = new Map<number, Observed>();
  /** The watchers that have begun. */
  readonly audience = new Set<LocalWatcher>();
}

/** Of a connection that is not open. */
const NO_TOPIC = new LocalTopic();

interface LocalWatcher {
  key: string;
  sink: WatchSink;
}

/** A thread's own connections and watchers. */
export class Watches implements HubMember {
  readonly #hub: Hub;
  readonly #topics = new Map<string, LocalTopic>();
  readonly #watchers = new Map<number, LocalWatcher>();

  /** Joins the hub. */
  constructor(hub: Hub) {
    this.#hub = hub;
    hub.join(this);
  }

  /**
   * Creates the observer of a connection that is about to open.
   *
   * @param id the connection's number, unique within the process
   */
  observe(
    key: string,
    id: number,
    description: ConnectionDescription,
  ): Observer {
    let topic = NO_TOPIC;
    return {
      get isWatching() {
        return topic.isWatched;
      },
      open: (connection) => {
        topic = this.#topic(key);
        topic.connections.set(id, connection);
        const text = toText({ event: "open", time: now(), id, ...description });
        this.#hub.open(this, key, id, text);
      },
      message: (direction, message, size) => {
        const text = toText(messageEvent(id, direction, message, size));
        this.#hub.event(this, key, text, 1);
      },
      close: ({ code, reason, by, error, ...counts }) => {
        topic.connections.delete(id);
        this.#tidy(key, topic);
        topic = NO_TOPIC;
        const text = toText({
          event: "close",
          time: now(),
          id,
          code,
          reason,
          by,
          ...(error === undefined ? {} : { error }),
          ...counts,
        });
        this.#hub.close(this, key, id, text);
      },
    };
  }

  /** Publishes a refused handshake, if its key is watched. */
  refused(key: string, event: Omit<WatchEventOf<"refused">, "event" | "time">) {
    if (!this.#topics.get(key)?.isWatched) return;
    const text = toText({ event: "refused", time: now(), ...event });
    this.#hub.event(this, key, text, 1);
  }

  /**
   * Watches a key. The sink may be called before this returns.
   *
   * @param id the number of the watcher's connection
   */
  watch(key: string, id: number, sink: WatchSink): Watching {
    const watcher = { key, sink };
    this.#watchers.set(id, watcher);
    this.#hub.watch(this, key, id);
    return {
      command: (message) => {
        const parsed = parseCommand(message);
        const { source } = parsed;
        if ("error" in parsed) sink.deliver(errorText(parsed.error, source), 1);
        else this.#hub.command(this, key, id, parsed.command, source);
      },
      end: () => {
        if (!this.#watchers.delete(id)) return;
        this.#topics.get(key)?.audience.delete(watcher);
        this.#hub.unwatch(this, key, id);
      },
    };
  }

  setWatched(keys: readonly string[], isWatched: boolean) {
    for (const key of keys) {
      const topic = this.#topic(key);
      topic.isWatched = isWatched;
      if (isWatched) continue;
      // Otherwise nobody would reply any longer.
      for (const [id, connection] of topic.connections) {
        this.#setMode(key, id, connection, "auto");
      }
      this.#tidy(key, topic);
    }
  }

  deliver(key: string, text: string, count: number) {
    for (const { sink } of this.#topics.get(key)?.audience ?? []) {
      sink.deliver(text, count);
    }
  }

  begin(key: string, ids: readonly number[], text: string) {
    for (const id of ids) {
      const watcher = this.#watchers.get(id);
      // It may have ended meanwhile.
      if (!watcher) continue;
      this.#topic(key).audience.add(watcher);
      watcher.sink.deliver(text, 1);
    }
  }

  reject(id: number) {
    this.#watchers.get(id)?.sink.reject(
      `Cannot watch: the limit of ${MAX_WATCHERS} watchers of a key is reached`,
    );
    this.#watchers.delete(id);
  }

  act(
    key: string,
    ids: readonly number[],
    command: WatchCommand,
    watcher: number,
    source: string,
  ) {
    for (const id of ids) {
      const connection = this.#topics.get(key)?.connections.get(id);
      const error = connection
        ? this.#act(key, id, connection, command)
        : noConnection(command);
      // Of all connections, those are meant that there are.
      if (error === undefined || !connection && command.id === undefined) {
        continue;
      }
      this.#hub.tell(this, watcher, errorText(error, source), 1);
    }
  }

  tell(watcher: number, text: string, count: number) {
    this.#watchers.get(watcher)?.sink.deliver(text, count);
  }

  /** Carries out a command; returns why it could not be, if so. */
  #act(
    key: string,
    id: number,
    connection: Observed,
    command: WatchCommand,
  ): string | undefined {
    switch (command.command) {
      case "send": {
        const { message } = command;
        // The buffer may be freed, and others are to send it as well.
        const error = connection.send(
          typeof message === "string" ? message : message.slice(0),
        );
        return error === undefined ? undefined : `Cannot send: ${error}`;
      }
      case "close":
        connection.close(command.code, command.reason);
        return;
      case "reply":
        this.#setMode(key, id, connection, command.mode);
        return;
    }
  }

  #setMode(key: string, id: number, connection: Observed, mode: ReplyMode) {
    const repliesItself = mode === "auto";
    if (connection.repliesItself === repliesItself) return;
    connection.repliesItself = repliesItself;
    this.#hub.reply(this, key, id, mode);
  }

  #topic(key: string): LocalTopic {
    let topic = this.#topics.get(key);
    if (!topic) this.#topics.set(key, topic = new LocalTopic());
    return topic;
  }

  #tidy(key: string, { isWatched, connections }: LocalTopic) {
    if (!isWatched && connections.size === 0) this.#topics.delete(key);
  }
}

function toText(event: WatchEvent): string {
  return JSON.stringify(event);
}
