// @ts-check
import { Connection } from "./connection.js";
import { webSocketOrigin } from "./endpoint.js";
import { explainFailure } from "./handshake_failure.js";
import { Log } from "./log.js";
import { findFault } from "./parameters.js";
import { byteLength } from "./payload.js";
import { ClientList, readEvent, sendCommand } from "./watch_events.js";

/** @typedef {import("./watch_events.js").Client} Client */
/** @typedef {import("./watch_events.js").Mode} Mode */

/**
 * Why nothing can be watched.
 * @typedef {{ kind: "off" }
 *   | { kind: "key", parameter: import("./parameters.js").Parameter }
 *   | { kind: "handshake", failure: import("./handshake_failure.js").Failure }
 * } WatchFailure
 */

/** @typedef {"nobody" | "large"} Unsent Why a message was not sent. */

/**
 * All that the page knows of the clients that it watches, in the manner of a
 * `Session`: what they send is received, and what is sent goes to them. Beside
 * the events of a session there are `clients` (the list, or who is selected) and
 * `unsent`.
 */
export class WatchSession {
  log = new Log();
  isMeasured = false;
  clients = new ClientList();
  /** @type {Client | undefined} Whom the log and the actions are about; all. */
  selected;
  /** @type {WatchFailure | undefined} */
  failure;
  /** @type {import("./connection.js").Ending | undefined} */
  ending;
  #service;
  #events = new EventTarget();

  /** To the server's endpoint for watchers. */
  link = new Connection({
    changed: () => this.#tell("state"),
    attempting: () => {
      const { url, protocols } = this.link;
      this.#add({ event: { name: "connecting", url, protocols }, about: {} });
    },
    opened: (handshake) => {
      this.failure = undefined;
      const { protocol } = this.link;
      this.#add({ event: { name: "open", protocol, handshake }, about: {} });
      this.#tell("state");
    },
    received: (payload) => this.#received(payload),
    closed: (ending) => {
      const { code, reason, wasClean, handshakeFailed } = ending;
      const close = { code, reason, wasClean, handshakeFailed };
      this.#add({ event: { name: "closed", ...close }, about: {} });
      this.ending = ending;
      this.#tell("state");
      if (handshakeFailed) this.#explain();
    },
    rejected: (message) => this.#explained({ kind: "rejected", message }),
  });

  /**
   * @param {import("./session.js").Session} service What is known of the server.
   * @param {string} key
   */
  constructor(service, key) {
    this.#service = service;
    this.key = key;
  }

  get server() {
    return this.#service.server;
  }

  get statistics() {
    return this.clients.statistics;
  }

  /** The endpoints that a client can be told. */
  get choices() {
    return this.#service.choices;
  }

  /** What can be sent to: the clients that are selected and open. */
  get targets() {
    if (this.link.state !== "open") return [];
    const { open } = this.clients;
    return this.selected === undefined
      ? open
      : open.filter((client) => client === this.selected);
  }

  get connection() {
    const { url, bufferedAmount } = this.link;
    const state = /** @type {import("./connection.js").State} */ (
      this.targets.length > 0 ? "open" : "closed"
    );
    return { state, url, bufferedAmount };
  }

  /** Who answers those that are selected. */
  get mode() {
    return (this.selected ?? this.clients).mode;
  }

  /**
   * Calls back at each change of a kind.
   * @param {string} name
   * @param {(detail: any) => void} listener
   */
  on(name, listener) {
    this.#events.addEventListener(name, (event) => {
      if (event instanceof CustomEvent) listener(event.detail);
    });
  }

  /** Begins to watch, as soon as it is known where, and goes on doing so. */
  start() {
    const { server, prefix } = this.#service;
    const parameter = server?.parameters.find(({ name }) => name === "watch");
    const given = new URLSearchParams({ watch: this.key });
    if (server?.watch === null) this.failure = { kind: "off" };
    else if (parameter && findFault(parameter, given) !== undefined) {
      this.failure = { kind: "key", parameter };
    } else {
      const path = `${prefix}${server?.watch ?? "/watch"}`;
      this.link.reconnect = true;
      this.link.connect(
        `${webSocketOrigin(location)}${path}?key=${this.key}`,
        [],
      );
    }
    this.#tell("state");
  }

  /** @param {Client} [client] Without one: all. */
  select(client) {
    this.selected = client;
    this.#tell("shown");
    this.#tell("clients");
    this.#tell("state");
  }

  /**
   * Whether the log shows a row.
   * @param {import("./log.js").Row} row
   */
  shows({ client }) {
    return this.selected === undefined || client === undefined ||
      client === this.selected.id;
  }

  /**
   * Sends a message to those that are selected. The log has it as soon as the
   * server says so.
   * @param {string | ArrayBuffer} payload
   * @param {number} _size
   * @returns {boolean} Whether it was sent.
   */
  send(payload, _size) {
    if (this.targets.length === 0) return this.#refuse("nobody");
    return this.#command(sendCommand(payload));
  }

  /**
   * Starts the closing handshake with those that are selected.
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    this.#command({ command: "close", code, reason });
  }

  /**
   * Who answers those that are selected; with all, also those that come.
   * @param {Mode} mode
   */
  setMode(mode) {
    if (this.selected === undefined) {
      this.clients.mode = mode;
      for (const client of this.clients.all) client.mode = mode;
    } else this.selected.mode = mode;
    if (this.targets.length > 0) this.#command({ command: "reply", mode });
    this.#tell("clients");
  }

  /** @param {string | ArrayBuffer} message */
  #received(message) {
    const event = readEvent(message);
    if (event === undefined) return;
    for (const entry of this.clients.apply(event)) this.#add(entry);
    if (event.event === "message") return;
    // The server answers whoever comes, and all once nobody watches them.
    const fresh = event.event === "watching"
      ? this.clients.open
      : event.event === "open"
      ? this.clients.open.slice(-1)
      : [];
    for (const { id, mode } of fresh) {
      if (mode === "manual") {
        this.link.send(JSON.stringify({ command: "reply", id, mode }));
      }
    }
    this.#tell("clients");
    this.#tell("state");
  }

  /**
   * @param {object} command
   * @returns {boolean} Whether it was sent.
   */
  #command(command) {
    const { selected, server } = this;
    const text = JSON.stringify(
      selected === undefined ? command : { ...command, id: selected.id },
    );
    // The server would close with 1009.
    const limit = server?.limits.maxMessageSize ?? Infinity;
    if (byteLength(text) > limit) return this.#refuse("large");
    this.link.send(text);
    return true;
  }

  /** @param {Unsent} why */
  #refuse(why) {
    this.#tell("unsent", why);
    return false;
  }

  /** Says why a handshake failed: as a client's would, if it is that. */
  async #explain() {
    const path = this.choices[0]?.path ?? "/";
    const url = webSocketOrigin(location) + path;
    const failure = await explainFailure(url, [], this.#service.prefix);
    if (this.link.state !== "open") this.#explained(failure);
  }

  /** @param {import("./handshake_failure.js").Failure} failure */
  #explained(failure) {
    this.failure = { kind: "handshake", failure };
    this.#tell("state");
  }

  /** @param {import("./watch_events.js").Entry | { event: import("./log.js").ConnectionEvent, about: {} }} entry */
  #add(entry) {
    const { log } = this;
    const row = "event" in entry
      ? log.addEvent(entry.event, entry.about)
      : log.addMessage(
        entry.direction,
        entry.payload,
        entry.size,
        entry.about,
      );
    this.#tell("row", row);
  }

  /**
   * @param {string} name
   * @param {unknown} [detail]
   */
  #tell(name, detail) {
    this.#events.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
