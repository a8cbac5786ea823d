import type { WatchCommand } from "../watch/commands.ts";
import { errorText, missedText, type ReplyMode } from "../watch/events.ts";
import type { Hub, HubMember, WatchHub } from "../watch/hub.ts";
import { Outbox } from "../watch/outbox.ts";
import { byteLength } from "../websocket/payload.ts";

/** A call of the hub's method by a member, without the member itself. */
export type HubCall = {
  [Name in keyof Hub]: Parameters<Hub[Name]> extends [HubMember, ...infer Args]
    ? [Name, ...Args]
    : never;
}[keyof Hub];

/** A call of a member's method. */
export type MemberCall = {
  [Name in keyof HubMember]: [Name, ...Parameters<HubMember[Name]>];
}[keyof HubMember];

/** What goes between two threads: calls, and that the last ones are handled. */
export type LinkMessage<Call> =
  | { kind: "watch"; calls: Call[] }
  | { kind: "watched" };

/**
 * What a connection counts for that a command is for: all that are under way
 * may be carried out in one turn of the event loop.
 */
const ID_SIZE = 1_000;

/** The hub, as a worker has it. */
export class HubLink implements Hub {
  readonly #post: (message: LinkMessage<HubCall>) => void;
  readonly #outbox: Outbox<HubCall>;
  #member: HubMember | undefined;

  /** @param post sends to the main thread */
  constructor(post: (message: LinkMessage<HubCall>) => void) {
    this.#post = post;
    this.#outbox = new Outbox({
      send: (calls) => post({ kind: "watch", calls }),
      missed: (scope, count) =>
        typeof scope === "string"
          ? ["event", scope, missedText(count), count]
          : ["tell", scope, missedText(count), count],
    });
  }

  /** Takes what the main thread has sent. */
  async receive(message: LinkMessage<MemberCall>) {
    if (message.kind === "watched") return this.#outbox.acknowledge();
    for (const [name, ...args] of message.calls) {
      invoke(this.#member, name, args);
    }
    // What is watched again must not seem so before the events of the last time.
    await this.#outbox.handled();
    this.#post({ kind: "watched" });
  }

  /** Resolves when the hub has handled all calls so far. */
  handled(): Promise<void> {
    return this.#outbox.handled();
  }

  join(member: HubMember) {
    this.#member = member;
    this.#outbox.force(["join"], 0);
  }

  open(_member: HubMember, key: string, id: number, text: string) {
    this.#outbox.force(["open", key, id, text], text.length, key);
  }

  event(_member: HubMember, key: string, text: string, count: number) {
    const call: HubCall = ["event", key, text, count];
    this.#outbox.publish(key, call, text.length, count);
  }

  reply(_member: HubMember, key: string, id: number, mode: ReplyMode) {
    // Later snapshots depend on it. Commands, which cause it, wait until the hub
    // has handled it: that bounds how many there are.
    this.#outbox.force(["reply", key, id, mode], ID_SIZE, key);
  }

  close(_member: HubMember, key: string, id: number, text: string) {
    this.#outbox.force(["close", key, id, text], text.length, key);
  }

  watch(_member: HubMember, key: string, watcher: number) {
    this.#outbox.force(["watch", key, watcher], key.length);
  }

  unwatch(_member: HubMember, key: string, watcher: number) {
    this.#outbox.force(["unwatch", key, watcher], key.length);
  }

  command(
    member: HubMember,
    key: string,
    watcher: number,
    command: WatchCommand,
    source: string,
  ) {
    const call: HubCall = ["command", key, watcher, command, source];
    if (this.#outbox.push(call, sizeOf(command, source))) return;
    member.tell(watcher, overloadText(command, source), 1);
  }

  tell(_member: HubMember, watcher: number, text: string, count: number) {
    const call: HubCall = ["tell", watcher, text, count];
    this.#outbox.publish(watcher, call, text.length, count);
  }
}

/** A worker's member, as the hub has it. */
export class MemberLink implements HubMember {
  readonly #hub: WatchHub;
  readonly #post: (message: LinkMessage<MemberCall>) => void;
  readonly #outbox: Outbox<MemberCall>;

  /** @param post sends to the worker */
  constructor(hub: WatchHub, post: (message: LinkMessage<MemberCall>) => void) {
    this.#hub = hub;
    this.#post = post;
    this.#outbox = new Outbox({
      send: (calls) => post({ kind: "watch", calls }),
      missed: (scope, count) =>
        typeof scope === "string"
          ? ["deliver", scope, missedText(count), count]
          : ["tell", scope, missedText(count), count],
    });
  }

  /** Takes what the worker has sent. */
  receive(message: LinkMessage<HubCall>) {
    if (message.kind === "watched") return this.#outbox.acknowledge();
    try {
      for (const [name, ...args] of message.calls) {
        invoke(this.#hub, name, [this, ...args]);
      }
    } finally {
      // Without it, the worker would tell nothing any more.
      this.#post({ kind: "watched" });
    }
  }

  /** The thread has ended. */
  leave() {
    this.#hub.leave(this);
  }

  setWatched(keys: readonly string[], isWatched: boolean): Promise<void> {
    this.#outbox.force(["setWatched", keys, isWatched], keys.join().length);
    return this.#outbox.handled();
  }

  deliver(key: string, text: string, count: number) {
    const call: MemberCall = ["deliver", key, text, count];
    this.#outbox.publish(key, call, text.length, count);
  }

  begin(
    key: string,
    watchers: readonly number[],
    text: string,
  ): Promise<void> {
    this.#outbox.force(["begin", key, watchers, text], text.length, key);
    return this.#outbox.handled();
  }

  reject(watcher: number) {
    this.#outbox.force(["reject", watcher], 0);
  }

  act(
    key: string,
    ids: readonly number[],
    command: WatchCommand,
    watcher: number,
    source: string,
  ) {
    const call: MemberCall = ["act", key, ids, command, watcher, source];
    const size = sizeOf(command, source) + ids.length * ID_SIZE;
    if (this.#outbox.push(call, size)) return;
    this.#hub.tell(this, watcher, overloadText(command, source), 1);
  }

  tell(watcher: number, text: string, count: number) {
    const call: MemberCall = ["tell", watcher, text, count];
    this.#outbox.publish(watcher, call, text.length, count);
  }
}

/** Calls a method by its name. */
function invoke<Target extends HubMember | Hub>(
  target: Target | undefined,
  name: keyof Target,
  args: unknown[],
) {
  (target?.[name] as (...args: unknown[]) => void).apply(target, args);
}

function sizeOf(command: WatchCommand, source: string): number {
  return source.length +
    (command.command === "send" ? byteLength(command.message) : 0);
}

function overloadText({ command }: WatchCommand, source: string): string {
  return errorText(
    `Cannot ${command}: too many commands are under way`,
    source,
  );
}
