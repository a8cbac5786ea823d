/** How much may wait, as the sum of sizes. */
const MAX_WAITING = 4_194_304;
/** What an item counts for beside its size. */
const ITEM_COST = 100;

/** What is lost together: the events of a key, or those of one watcher. */
export type Scope = string | number;

/** Where an {@link Outbox} sends to. */
export interface OutboxOptions<Item> {
  /** Sends a batch; {@link Outbox.acknowledge} is called when it was handled. */
  send(items: Item[]): void;
  /** The item that says how many events of a scope are missed here. */
  missed(scope: Scope, count: number): Item;
}

/**
 * Sends items to another thread in batches, one at a time: the platform's own
 * queue between threads has no bound, and no backpressure.
 */
export class Outbox<Item> {
  readonly #options: OutboxOptions<Item>;
  #items: Item[] = [];
  #size = 0;
  #missed = new Map<Scope, number>();
  /** The batch under way, until it is acknowledged. */
  #underWay: PromiseWithResolvers<void> | undefined;
  /** The batch that waits. */
  #next = Promise.withResolvers<void>();

  /** Creates an outbox with nothing in it. */
  constructor(options: OutboxOptions<Item>) {
    this.#options = options;
  }

  /** Sends an item of a size in characters; returns false when there is no room. */
  push(item: Item, size: number): boolean {
    if (!this.#hasRoom(size)) return false;
    this.#put(item, size);
    return true;
  }

  /**
   * Sends an item that stands for a number of events, or counts them as missed
   * when there is no room.
   */
  publish(scope: Scope, item: Item, size: number, count: number) {
    if (this.#hasRoom(size)) return this.force(item, size, scope);
    this.#missed.set(scope, (this.#missed.get(scope) ?? 0) + count);
  }

  /**
   * Sends an item that must not be lost; their number is bounded by that of the
   * connections.
   *
   * @param scope its place is after all events of this scope
   */
  force(item: Item, size: number, scope?: Scope) {
    if (scope !== undefined) this.#putMissed(scope);
    this.#put(item, size);
  }

  /** Resolves when all that was given so far was handled. */
  async handled() {
    await (this.#items.length > 0 ? this.#next : this.#underWay)?.promise;
  }

  /** The batch under way was handled. */
  acknowledge() {
    for (const scope of this.#missed.keys()) this.#putMissed(scope);
    this.#underWay?.resolve();
    this.#underWay = undefined;
    if (this.#items.length > 0) this.#send();
  }

  #hasRoom(size: number): boolean {
    return !this.#underWay || this.#size + size + ITEM_COST <= MAX_WAITING;
  }

  #putMissed(scope: Scope) {
    const count = this.#missed.get(scope);
    if (count === undefined) return;
    this.#missed.delete(scope);
    this.#put(this.#options.missed(scope, count), 0);
  }

  #put(item: Item, size: number) {
    this.#items.push(item);
    this.#size += size + ITEM_COST;
    if (!this.#underWay) this.#send();
  }

  #send() {
    const items = this.#items;
    this.#items = [];
    this.#size = 0;
    this.#underWay = this.#next;
    this.#next = Promise.withResolvers();
    this.#options.send(items);
  }
}
