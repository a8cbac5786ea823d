// @ts-check
import { Statistics } from "./statistics.js";

/**
 * A client of the key, or one whose handshake was refused.
 * @typedef {object} Client
 * @property {number} id The connection's number on the server.
 * @property {number} at When it came, in milliseconds since 1970.
 * @property {"open" | "closed" | "refused" | "lost"} state `lost`: it ended
 * while nobody watched.
 * @property {string} path
 * @property {string} remote Address and port.
 * @property {string} protocol The agreed subprotocol, or empty.
 * @property {Record<string, unknown>} parameters
 * @property {Record<string, string>} headers
 * @property {{ status: number, message: string } | undefined} refusal
 * @property {Close | undefined} close
 * @property {Mode} mode Who answers it.
 */

/**
 * @typedef {object} Close
 * @property {number} code
 * @property {string} reason
 * @property {"client" | "server" | "network"} by
 * @property {string} [error]
 */

/** @typedef {"auto" | "manual"} Mode `manual`: the endpoint does not reply. */

/**
 * What watching adds to the events of a log.
 * @typedef {{ name: "joined", path: string, remote: string, protocol: string, parameters: Record<string, unknown>, headers: Record<string, string> }
 *   | { name: "refused", path: string, remote: string, status: number, message: string, headers: Record<string, string> }
 *   | ({ name: "left" } & Close)
 *   | { name: "lost" }
 *   | { name: "missed", count: number }
 *   | { name: "error", message: string, command: unknown }
 * } WatchRowEvent
 */

/**
 * A row that is to be added to the log.
 * @typedef {{ about: import("./log.js").About } & ({ event: WatchRowEvent }
 *   | { direction: "sent" | "received", payload: string | ArrayBuffer, size: number }
 * )} Entry
 */

/** Clients that are kept, if so many are not open. */
const clientLimit = 100;

/** The clients of a key, from what the server tells of them. */
export class ClientList {
  /** @type {Client[]} In the order in which they came. */
  all = [];
  /** @type {Mode} Of clients that come. */
  mode = "auto";
  statistics = new Statistics();

  get open() {
    return this.all.filter(({ state }) => state === "open");
  }

  /**
   * Takes an event of the server.
   * @param {any} event
   * @returns {Entry[]} What the log has to show of it.
   */
  apply(event) {
    switch (event.event) {
      case "watching":
        return this.#begin(event.connections);
      case "open":
        return [this.#join(event)];
      case "refused": {
        const { status, message } = event;
        const refusal = { status, message };
        const { path, remote, headers } = this.#add(event, "refused", refusal);
        return [
          entryOf(event, {
            name: "refused",
            path,
            remote,
            headers,
            ...refusal,
          }),
        ];
      }
      case "message":
        return [this.#message(event)];
      case "close": {
        const { id, code, reason, by, error } = event;
        const close = { code, reason, by, ...error ? { error } : {} };
        const client = this.#find(id);
        if (client) Object.assign(client, { state: "closed", close });
        return [entryOf(event, { name: "left", ...close })];
      }
      case "missed":
        return [{ event: { name: "missed", count: event.count }, about: {} }];
      case "error": {
        const { message, command } = event;
        return [{ event: { name: "error", message, command }, about: {} }];
      }
      default:
        // A newer server may have more to tell.
        return [];
    }
  }

  /** @param {any[]} connections Those that are open now. */
  #begin(connections) {
    // After a restart of the server, another one may have the same number.
    const isSame = (/** @type {Client} */ client) =>
      connections.some(({ id, time }) =>
        id === client.id && Date.parse(time) === client.at
      );
    const lost = this.open.filter((client) => !isSame(client));
    for (const client of lost) client.state = "lost";
    const fresh = connections.filter(({ id }) => this.#find(id) === undefined);
    return [
      ...lost.map(({ id }) => /** @type {Entry} */ ({
        event: { name: "lost" },
        about: { client: id },
      })),
      ...fresh.map((event) => this.#join(event)),
    ];
  }

  /** @param {any} event */
  #join(event) {
    const { path, remote, protocol, parameters, headers } = this.#add(
      event,
      "open",
    );
    const name = /** @type {const} */ ("joined");
    return entryOf(event, {
      name,
      path,
      remote,
      protocol,
      parameters,
      headers,
    });
  }

  /**
   * @param {any} event
   * @param {Client["state"]} state
   * @param {Client["refusal"]} [refusal]
   * @returns {Client}
   */
  #add(event, state, refusal) {
    const client = {
      id: event.id,
      at: Date.parse(event.time),
      state,
      path: event.path,
      remote: event.remote,
      protocol: event.subprotocol ?? "",
      parameters: event.parameters ?? {},
      headers: event.headers,
      refusal,
      close: undefined,
      mode: this.mode,
    };
    this.all.push(client);
    let surplus = this.all.length - this.open.length - clientLimit;
    this.all = this.all.filter(({ state }) =>
      state === "open" || surplus-- <= 0
    );
    return client;
  }

  /**
   * @param {any} event
   * @returns {Entry}
   */
  #message({ id, time, direction, size, text, base64, truncated }) {
    // The log is seen from the server.
    const name = direction === "in" ? "received" : "sent";
    this.statistics.count(name, size);
    return {
      direction: name,
      payload: text ?? fromBase64(base64),
      size,
      about: {
        at: Date.parse(time),
        client: id,
        ...truncated ? { isCut: true } : {},
      },
    };
  }

  /** @param {number} id Of an open client. */
  #find(id) {
    return this.all.find((one) => one.id === id && one.state === "open");
  }
}

/**
 * Reads an event.
 * @param {string | ArrayBuffer} message
 * @returns {{ event: string } | undefined} `undefined`: it is none.
 */
export function readEvent(message) {
  try {
    const event = typeof message === "string" ? JSON.parse(message) : undefined;
    return typeof event?.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {{ id: number, time: string }} origin
 * @param {WatchRowEvent} event
 * @returns {Entry}
 */
function entryOf({ id, time }, event) {
  return { event, about: { at: Date.parse(time), client: id } };
}

/** @param {string} text */
function fromBase64(text) {
  return Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0)).buffer;
}

/**
 * The command that sends a message.
 * @param {string | ArrayBuffer} payload
 */
export function sendCommand(payload) {
  if (typeof payload === "string") return { command: "send", text: payload };
  const bytes = new Uint8Array(payload);
  let digits = "";
  // As many arguments as every browser takes.
  for (let at = 0; at < bytes.length; at += 8_192) {
    digits += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return { command: "send", base64: btoa(digits) };
}

/**
 * The key in a page's fragment; empty: a fresh one is asked for.
 * @param {string} fragment As in `#watch=KEY`.
 * @returns {string | undefined} `undefined`: it is not about watching.
 */
export function readKey(fragment) {
  return /^#watch(?:=|$)/.test(fragment)
    ? new URLSearchParams(fragment.slice(1)).get("watch") ?? ""
    : undefined;
}

/** A key that nobody can guess: 128 bits as 22 characters of base64url. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).slice(0, 22)
    .replaceAll("+", "-").replaceAll("/", "_");
}
