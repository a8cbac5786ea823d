/**
 * Tells listeners of changes.
 * @template {object} Changes The kinds of change, and what listeners are given.
 */
export class Emitter {
  /** @type {Map<keyof Changes, ((detail: any) => void)[]>} */
  #listeners = new Map();

  /**
   * Calls back at each change of a kind.
   * @type {<Name extends keyof Changes>(name: Name, listener: (detail: Changes[Name]) => void) => void}
   */
  on(name, listener) {
    this.#listeners.set(name, [...this.#listeners.get(name) ?? [], listener]);
  }

  /**
   * @protected
   * @type {<Name extends keyof Changes>(name: Name, ...detail: Changes[Name] extends undefined ? [] : [Changes[Name]]) => void}
   */
  tell(name, ...[detail]) {
    for (const listener of this.#listeners.get(name) ?? []) listener(detail);
  }
}
