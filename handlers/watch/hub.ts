import { CLOSE_CODE } from "../websocket/close_codes.ts";
import { byteLength } from "../websocket/payload.ts";
import type { WatchCommand } from "./commands.ts";
import {
  errorText,
  missedText,
  now,
  type ReplyMode,
  type WatchEventOf,
} from "./events.ts";

/** How many watchers a key may have, in all threads. */
export const MAX_WATCHERS = 16;
/** How long a new watcher waits for a thread that stands still. */
const CONFIRM_MS = 900;
/** So much of the open connections is shown, in characters: it has to fit. */
const MAX_SNAPSHOT = 8_388_608;
/**
 * How many bytes a command may send to all connections together. A message to
 * many is copied for each of them in one turn of the event loop.
 */
const MAX_SENT_TO_ALL = 67_108_864;

/**
 * A thread with connections and watchers, as the hub calls it. Watchers are
 * known by the number of their connection, which is unique within the process;
 * `text` is the JSON of an event.
 */
export interface HubMember {
  /**
   * Has it publish the events of keys, or stop to.
   *
   * @returns a promise when it has not heard of it yet; resolved when it has
   */
  setWatched(keys: readonly string[], isWatched: boolean): Promise<void> | void;
  /**
   * Brings an event to those of its watchers of a key that have begun.
   *
   * @param count how many events are lost if it is lost
   */
  deliver(key: string, text: string, count: number): void;
  /**
   * Brings the `watching` event to watchers of a key, and what follows it.
   *
   * @returns as {@link setWatched} does
   */
  begin(
    key: string,
    watchers: readonly number[],
    text: string,
  ): Promise<void> | void;
  /** Tells a watcher that its key has too many watchers. */
  reject(watcher: number): void;
  /** Has connections of a key carry out a watcher's command. */
  act(
    key: string,
    ids: readonly number[],
    command: WatchCommand,
    watcher: number,
    source: string,
  ): void;
  /** Brings an event to one watcher, see {@link deliver}. */
  tell(watcher: number, text: string, count: number): void;
}

/** The hub as its members call it, each with itself as the first argument. */
export interface Hub {
  /** The member is told of the watched keys at once, before anything else. */
  join(member: HubMember): void;
  /** A connection with a key has opened; `text` is its `open` event. */
  open(member: HubMember, key: string, id: number, text: string): void;
  /** Something happened; called while the member knows the key as watched. */
  event(member: HubMember, key: string, text: string, count: number): void;
  /** Whether the endpoint of a connection replies has changed. */
  reply(member: HubMember, key: string, id: number, mode: ReplyMode): void;
  /** A connection has ended; `text` is its `close` event. */
  close(member: HubMember, key: string, id: number, text: string): void;
  /** A watcher has come. */
  watch(member: HubMember, key: string, watcher: number): void;
  /** A watcher has gone. */
  unwatch(member: HubMember, key: string, watcher: number): void;
  /** A watcher's command; `source` is the JSON of what it sent. */
  command(
    member: HubMember,
    key: string,
    watcher: number,
    command: WatchCommand,
    source: string,
  ): void;
  /** Brings an event to a watcher of any member. */
  tell(member: HubMember, watcher: number, text: string, count: number): void;
}

/** An open connection. */
interface OpenConnection {
  member: HubMember;
  text: string;
  mode: ReplyMode;
  /** In milliseconds of `performance.now()`. */
  openedAt: number;
}

/** From the first watcher of a key to its last. */
class Observation {
  readonly watchers = new Map<number, HubMember>();
  /** Those that have not begun. */
  readonly pending = new Set<number>();
  readonly unconfirmed = new Set<HubMember>();
  /** The members that have watchers which have begun. */
  audience = new Set<HubMember>();
  timer: ReturnType<typeof setTimeout> | undefined;

  /** Computes the audience again. */
  update() {
    this.audience = new Set(
      [...this.watchers].flatMap(([watcher, member]) =>
        this.pending.has(watcher) ? [] : [member]
      ),
    );
  }
}

/** What has a key. */
class Topic {
  readonly connections = new Map<number, OpenConnection>();
  watch: Observation | undefined;

  deliver(key: string, text: string, count: number) {
    for (const member of this.watch?.audience ?? []) {
      member.deliver(key, text, count);
    }
  }

  /** The JSON of the `watching` event, and how many connections it lacks. */
  snapshot(key: string): { text: string; missed: number } {
    const shown: string[] = [];
    const manual: number[] = [];
    let size = 0;
    for (const [id, { text, mode }] of this.connections) {
      size += text.length;
      if (size > MAX_SNAPSHOT) break;
      shown.push(text);
      if (mode === "manual") manual.push(id);
    }
    const name = JSON.stringify(key);
    return {
      text:
        `{"event":"watching","key":${name},"connections":[${shown}],"manual":[${manual}]}`,
      missed: this.connections.size - shown.length,
    };
  }
}

/**
 * Brings together the connections and the watchers of a key, of all threads of
 * a process. There is one for each process, or for each embedded service.
 */
export class WatchHub implements Hub {
  readonly #members = new Set<HubMember>();
  readonly #topics = new Map<string, Topic>();
  /** The member of each watcher. */
  readonly #watchers = new Map<number, HubMember>();
  /**
   * The keys that wait until a member has brought an earlier snapshot to its
   * watchers: only one is under way, as it may be large.
   */
  readonly #waiting = new Map<HubMember, Set<string>>();

  join(member: HubMember) {
    this.#members.add(member);
    const keys = [...this.#topics].flatMap(([key, { watch }]) =>
      watch ? [key] : []
    );
    // Nobody waits for its confirmation: it serves nobody yet.
    if (keys.length > 0) member.setWatched(keys, true);
  }

  /** A member has ended, with its watchers and connections. */
  leave(member: HubMember) {
    this.#members.delete(member);
    this.#waiting.delete(member);
    for (const [key, topic] of this.#topics) {
      const { watch, connections } = topic;
      for (const [watcher, owner] of watch?.watchers ?? []) {
        if (owner === member) this.unwatch(member, key, watcher);
      }
      for (const [id, { member: owner, openedAt }] of connections) {
        if (owner === member) {
          this.close(member, key, id, recycledText(id, openedAt));
        }
      }
      if (watch) this.#confirm(key, topic, watch, member);
    }
  }

  open(member: HubMember, key: string, id: number, text: string) {
    const topic = this.#topic(key);
    const openedAt = performance.now();
    topic.connections.set(id, { member, text, mode: "auto", openedAt });
    topic.deliver(key, text, 1);
  }

  event(_member: HubMember, key: string, text: string, count: number) {
    this.#topics.get(key)?.deliver(key, text, count);
  }

  reply(_member: HubMember, key: string, id: number, mode: ReplyMode) {
    const topic = this.#topics.get(key);
    const connection = topic?.connections.get(id);
    if (!connection) return;
    connection.mode = mode;
    const event: WatchEventOf<"reply"> = {
      event: "reply",
      time: now(),
      id,
      mode,
    };
    topic!.deliver(key, JSON.stringify(event), 1);
  }

  close(_member: HubMember, key: string, id: number, text: string) {
    const topic = this.#topic(key);
    topic.connections.delete(id);
    topic.deliver(key, text, 1);
    this.#tidy(key, topic);
  }

  watch(member: HubMember, key: string, watcher: number) {
    const topic = this.#topic(key);
    const watch = topic.watch ?? this.#startWatch(key, topic);
    if (watch.watchers.size === MAX_WATCHERS) return member.reject(watcher);
    watch.watchers.set(watcher, member);
    watch.pending.add(watcher);
    this.#watchers.set(watcher, member);
    this.#begin(key, topic, watch);
  }

  unwatch(_member: HubMember, key: string, watcher: number) {
    const topic = this.#topics.get(key);
    const watch = topic?.watch;
    // It may have been rejected.
    if (!watch?.watchers.delete(watcher)) return;
    this.#watchers.delete(watcher);
    watch.pending.delete(watcher);
    watch.update();
    if (watch.watchers.size > 0) return;
    clearTimeout(watch.timer);
    topic!.watch = undefined;
    for (const member of this.#members) member.setWatched([key], false);
    this.#tidy(key, topic!);
  }

  command(
    member: HubMember,
    key: string,
    watcher: number,
    command: WatchCommand,
    source: string,
  ) {
    const topic = this.#topics.get(key);
    if (!topic?.watch?.watchers.has(watcher)) return;
    const ids = command.id === undefined
      ? [...topic.connections.keys()]
      : [command.id];
    const byMember = Map.groupBy(
      ids,
      (id) => topic.connections.get(id)?.member,
    );
    if (ids.length === 0 || byMember.has(undefined)) {
      return member.tell(watcher, errorText(noConnection(command), source), 1);
    }
    if (command.command === "send" && ids.length > 1) {
      const size = byteLength(command.message);
      if (size * ids.length > MAX_SENT_TO_ALL) {
        const error =
          `Cannot send: ${size} bytes to ${ids.length} connections are too much at once, name one by its id`;
        return member.tell(watcher, errorText(error, source), 1);
      }
    }
    for (const [owner, ids] of byMember) {
      owner?.act(key, ids, command, watcher, source);
    }
  }

  tell(_member: HubMember, watcher: number, text: string, count: number) {
    this.#watchers.get(watcher)?.tell(watcher, text, count);
  }

  #topic(key: string): Topic {
    let topic = this.#topics.get(key);
    if (!topic) this.#topics.set(key, topic = new Topic());
    return topic;
  }

  #tidy(key: string, { connections, watch }: Topic) {
    if (connections.size === 0 && !watch) this.#topics.delete(key);
  }

  #startWatch(key: string, topic: Topic): Observation {
    const watch = topic.watch = new Observation();
    for (const member of this.#members) {
      const confirmed = member.setWatched([key], true);
      if (!confirmed) continue;
      watch.unconfirmed.add(member);
      confirmed.then(() => this.#confirm(key, topic, watch, member));
    }
    if (watch.unconfirmed.size > 0) {
      watch.timer = setTimeout(() => {
        watch.unconfirmed.clear();
        this.#begin(key, topic, watch);
      }, CONFIRM_MS);
    }
    return watch;
  }

  #confirm(key: string, topic: Topic, watch: Observation, member: HubMember) {
    if (watch.unconfirmed.delete(member)) this.#begin(key, topic, watch);
  }

  /** Lets the new watchers begin when all events of the key are published. */
  #begin(key: string, topic: Topic, watch: Observation) {
    if (watch.unconfirmed.size > 0) return;
    clearTimeout(watch.timer);
    const byMember = Map.groupBy(
      watch.pending,
      (watcher) => watch.watchers.get(watcher)!,
    );
    for (const [member, watchers] of byMember) {
      const waiting = this.#waiting.get(member);
      if (waiting) {
        waiting.add(key);
        continue;
      }
      for (const watcher of watchers) watch.pending.delete(watcher);
      watch.update();
      const { text, missed } = topic.snapshot(key);
      const handled = member.begin(key, watchers, text);
      for (const watcher of missed > 0 ? watchers : []) {
        member.tell(watcher, missedText(missed), missed);
      }
      if (!handled) continue;
      this.#waiting.set(member, new Set());
      handled.then(() => this.#beginWaiting(member));
    }
  }

  #beginWaiting(member: HubMember) {
    const keys = this.#waiting.get(member) ?? [];
    this.#waiting.delete(member);
    for (const key of keys) {
      const topic = this.#topics.get(key);
      if (topic?.watch) this.#begin(key, topic, topic.watch);
    }
  }
}

/** Why a command for a connection, or for all, has nothing to act on. */
export function noConnection({ command, id }: WatchCommand): string {
  return `Cannot ${command}: no connection has ${
    id === undefined ? "this key" : `the id ${id}`
  }`;
}

function recycledText(id: number, openedAt: number): string {
  const event: WatchEventOf<"close"> = {
    event: "close",
    time: now(),
    id,
    code: CLOSE_CODE.abnormal,
    reason: "",
    by: "server",
    error: "Its worker was recycled",
    seconds: Math.round(performance.now() - openedAt) / 1_000,
  };
  return JSON.stringify(event);
}
