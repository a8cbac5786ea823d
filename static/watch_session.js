import { webSocketOrigin } from "./endpoint.js";
import { findFault } from "./parameters.js";
import { byteLength } from "./payload.js";
import { Session } from "./session.js";
import { ClientList, readEvent, sendCommand } from "./watch_events.js";

/** @typedef {import("./watch_events.js").Client} Client */
/** @typedef {import("./watch_events.js").Mode} Mode */

/**
 * A session with the clients that are watched: its connection is to the server's
 * endpoint for watchers, what they send is received, and what is sent goes to them.
 * `state` is also told of the clients and the selection.
 */
export class WatchSession extends Session {
  clients = new ClientList();
  /** @type {Client | undefined} Whom the log and the actions are about; all. */
  selected;
  /** @type {"off" | "key" | undefined} The server does not have it, or not take the key. */
  fault;

  /** @param {string} key */
  constructor(key) {
    super();
    this.key = key;
  }

  /** @param {string} name Of one of the URL's parameters, as the server has it. */
  parameter(name) {
    return this.server?.parameters.find((one) => one.name === name);
  }

  /** @returns {Client[]} Those that are selected and open. */
  get targets() {
    if (this.connection.state !== "open") return [];
    const { clients: { open }, selected } = this;
    return open.filter((one) => selected === undefined || one === selected);
  }

  /** @override */
  get isOpen() {
    return this.targets.length > 0;
  }

  /** @override Then begins to watch, and comes again when the connection is lost. */
  async introduce() {
    await super.introduce();
    const { key, prefix, server } = this;
    const accepted = this.parameter("watch");
    const given = new URLSearchParams({ watch: key });
    if (server?.watch === null) this.fault = "off";
    else if (accepted && findFault(accepted, given)) this.fault = "key";
    if (this.fault !== undefined) return this.tell("state");
    const path = `${prefix}${server?.watch ?? "/watch"}`;
    this.connection.reconnect = true;
    this.connect(`${webSocketOrigin(location)}${path}?key=${key}`, []);
  }

  /** @param {Client} [client] Without one: all. */
  select(client) {
    this.selected = client;
    this.shows = client && ((row) => (row.client ?? client.id) === client.id);
    this.tell("shown");
    this.tell("state");
  }

  /**
   * Sends to those that are selected; the log has it as soon as the server says so.
   * @override
   * @param {string | ArrayBuffer} payload
   */
  send(payload) {
    return this.isOpen && this.#command(sendCommand(payload));
  }

  /**
   * Closes those that are selected.
   * @override
   * @type {(code: number | undefined, reason: string) => void}
   */
  close(code, reason) {
    this.#command({ command: "close", code, reason });
  }

  /** Who answers those that are selected; with all, also those that come. */
  get mode() {
    return (this.selected ?? this.clients).mode;
  }

  /** @param {Mode} mode */
  set mode(mode) {
    const { selected, clients } = this;
    if (selected === undefined) clients.mode = mode;
    for (const client of selected ? [selected] : clients.all) {
      client.mode = mode;
    }
    if (this.isOpen) this.#command({ command: "reply", mode });
  }

  /** @override @protected @param {string | ArrayBuffer} message */
  received(message) {
    const event = readEvent(message);
    if (event === undefined) return;
    for (const entry of this.clients.apply(event)) {
      const { direction = "event", size = 0 } = entry;
      if (direction !== "event") this.statistics.count(direction, size);
      this.add(entry);
    }
    if (event.event === "message") return;
    if (event.event === "watching" || event.event === "open") {
      // The server answers whoever comes, and all once nobody watches them.
      const { open } = this.clients;
      for (const { id, mode } of open.slice(event.event === "open" ? -1 : 0)) {
        if (mode === "manual") this.#command({ command: "reply", id, mode });
      }
    }
    this.tell("state");
  }

  /** @type {(command: object) => boolean} Without an `id`, to those that are selected. */
  #command(command) {
    const { selected, server } = this;
    const target = selected === undefined ? {} : { id: selected.id };
    const text = JSON.stringify({ ...target, ...command });
    // The server would close the connection with 1009.
    if (byteLength(text) > (server?.limits.maxMessageSize ?? Infinity)) {
      this.tell("tooLarge");
      return false;
    }
    this.connection.send(text);
    return true;
  }

  /** @override @protected A client's: the server does not tell of that for watchers. */
  get suspect() {
    return webSocketOrigin(location) + (this.choices[0]?.path ?? "/");
  }
}
