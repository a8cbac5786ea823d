// @ts-check
import { Connection } from "./connection.js";
import { Emitter } from "./emitter.js";
import { webSocketOrigin } from "./endpoint.js";
import { explainFailure } from "./handshake_failure.js";
import { Log } from "./log.js";
import { findFault } from "./parameters.js";
import { byteLength } from "./payload.js";
import { Statistics } from "./statistics.js";
import { ClientList, readEvent, sendCommand } from "./watch_events.js";

/** @typedef {import("./watch_events.js").Client} Client */
/** @typedef {import("./watch_events.js").Mode} Mode */

/**
 * Why nothing can be watched: the server does not have it, does not take the key,
 * or did not accept the handshake.
 * @typedef {"off" | "key" | import("./handshake_failure.js").Failure} WatchFailure
 */

/**
 * Besides those of a session, of which `state` is also that of the clients and the
 * selection: it has `started`, and a message was too large to be sent.
 * @typedef {import("./session.js").Changes & { started: undefined, tooLarge: undefined }} Changes
 */

/**
 * What the page knows of the clients that it watches, in the manner of a
 * `Session`: what they send is received, and what is sent goes to them.
 * @extends {Emitter<Changes>}
 */
export class WatchSession extends Emitter {
  log = new Log();
  statistics = new Statistics();
  isMeasured = false;
  clients = new ClientList();
  /** @type {Client | undefined} Whom the log and the actions are about; all. */
  selected;
  /** @type {WatchFailure | undefined} */
  failure;
  /** @type {import("./connection.js").Ending | undefined} */
  ending;
  #service;

  /** To the server's endpoint for watchers. */
  link = new Connection({
    changed: () => this.tell("state"),
    attempting: () => {
      const { url, protocols } = this.link;
      this.#add({ event: { name: "connecting", url, protocols } });
    },
    opened: (handshake) => {
      this.failure = undefined;
      const { protocol } = this.link;
      this.#add({ event: { name: "open", protocol, handshake } });
      this.tell("state");
    },
    received: (payload) => this.#received(payload),
    closed: (ending) => {
      this.#add({ event: { name: "closed", ...ending } });
      this.ending = ending;
      this.tell("state");
      if (ending.handshakeFailed) this.#explain();
    },
    rejected: (message) => this.#fail({ kind: "rejected", message }),
  });

  /**
   * @param {import("./session.js").Session} service What is known of the server.
   * @param {string} key
   */
  constructor(service, key) {
    super();
    this.#service = service;
    this.key = key;
  }

  get server() {
    return this.#service.server;
  }

  /** @param {string} name Of one of the URL's parameters, as the server has it. */
  parameter(name) {
    return this.server?.parameters.find((one) => one.name === name);
  }

  /** The endpoints that a client can be told. */
  get choices() {
    return this.#service.choices;
  }

  /** @returns {Client[]} Those that are selected and open. */
  get targets() {
    if (this.link.state !== "open") return [];
    const { clients: { open }, selected } = this;
    return open.filter((one) => selected === undefined || one === selected);
  }

  get connection() {
    const { url, bufferedAmount } = this.link;
    /** @type {"open" | "closed"} */
    const state = this.targets.length > 0 ? "open" : "closed";
    return { state, url, bufferedAmount };
  }

  /** Begins to watch, and comes again when the connection is lost. */
  start() {
    this.tell("started");
    const { server, prefix } = this.#service;
    const accepted = this.parameter("watch");
    const given = new URLSearchParams({ watch: this.key });
    if (server?.watch === null) return this.#fail("off");
    if (accepted && findFault(accepted, given)) return this.#fail("key");
    const path = `${prefix}${server?.watch ?? "/watch"}`;
    const url = `${webSocketOrigin(location)}${path}?key=${this.key}`;
    this.link.reconnect = true;
    this.link.connect(url, []);
  }

  /** @param {Client} [client] Without one: all. */
  select(client) {
    this.selected = client;
    this.tell("shown");
    this.tell("state");
  }

  /** Whether the log shows a row, while a client is selected. */
  get shows() {
    const { selected } = this;
    return selected &&
      ((/** @type {import("./log.js").Row} */ { client }) =>
        client === undefined || client === selected.id);
  }

  /**
   * Sends to those that are selected; the log has it as soon as the server says so.
   * @param {string | ArrayBuffer} payload
   */
  send(payload) {
    return this.targets.length > 0 && this.#command(sendCommand(payload));
  }

  /** @type {(code: number | undefined, reason: string) => void} Of those selected. */
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
    if (this.targets.length > 0) this.#command({ command: "reply", mode });
  }

  /** @param {string | ArrayBuffer} message */
  #received(message) {
    const event = readEvent(message);
    if (event === undefined) return;
    for (const entry of this.clients.apply(event)) this.#add(entry);
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
    this.link.send(text);
    return true;
  }

  /** Says why a handshake failed: as a client's would, if it is that. */
  async #explain() {
    const url = webSocketOrigin(location) + (this.choices[0]?.path ?? "/");
    const failure = await explainFailure(url, [], this.#service.prefix);
    if (this.link.state !== "open") this.#fail(failure);
  }

  /** @param {WatchFailure} failure */
  #fail(failure) {
    this.failure = failure;
    this.tell("state");
  }

  /** @param {Partial<import("./log.js").Row>} entry */
  #add(entry) {
    const row = this.log.add(entry);
    const { direction, size } = row;
    if (direction !== "event") this.statistics.count(direction, size);
    this.tell("row", row);
  }
}
