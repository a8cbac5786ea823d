/** @typedef {"auto" | "manual"} Mode `manual`: the endpoint does not reply. */

/**
 * A client of the key, with what the server has told of it.
 * @typedef {object} Client
 * @property {number} id The connection's number on the server.
 * @property {number} at When it came, in milliseconds since 1970.
 * @property {Handshake} handshake
 * @property {Handshake | Ending} latest What happened last: where that is `joined`,
 * it is open.
 * @property {Mode} mode Who answers it.
 */

/**
 * @typedef {{ name: "joined", path: string, remote: string, subprotocol: string | null }
 *   | { name: "refused", path: string, remote: string, status: number, message: string }
 * } Handshake
 */

/**
 * How a client ended; `lost`: while nobody watched.
 * @typedef {{ name: "left", code: number, reason: string, by: "client" | "server" | "network", error?: string }
 *   | { name: "lost" }
 * } Ending
 */

/**
 * What watching adds to the events of a log; the fields are the server's.
 * @typedef {Handshake
 *   | Ending
 *   | { name: "missed", count: number }
 *   | { name: "error", message: string, command: unknown }
 * } WatchRowEvent
 */

/** @typedef {Partial<import("./log.js").Row>} Entry A row that is to be added to the log. */

/** The server's names of events, and those of rows. */
const names = new Map([
  ["open", "joined"],
  ["refused", "refused"],
  ["close", "left"],
  ["missed", "missed"],
  ["error", "error"],
]);

/** So many clients are kept that are no longer open. */
const clientLimit = 100;

/** The clients of a key, from what the server tells of them. */
export class ClientList {
  /** @type {Client[]} In the order in which they came. */
  all = [];
  /** @type {Mode} Of clients that come. */
  mode = "auto";

  get open() {
    return this.all.filter(({ latest }) => latest.name === "joined");
  }

  /** @type {(event: any) => Entry[]} What the log has to show of it. */
  apply(event) {
    if (event.event === "watching") return this.#begin(event);
    if (event.event === "reply") return this.#setMode(event.id, event.mode);
    if (event.event === "message") return [messageEntry(event)];
    const name = names.get(event.event);
    // A newer server may have more to tell.
    if (name === undefined) return [];
    const entry = eventEntry(name, event);
    const client = this.#find(event.id);
    if (name === "joined" || name === "refused") {
      this.#add(event, entry.event);
    } else if (client && name === "left") client.latest = entry.event;
    return [entry];
  }

  /** @type {(event: { connections: any[], manual?: number[] }) => Entry[]} */
  #begin({ connections, manual = [] }) {
    // After a restart of the server, another one may have the same number.
    const lost = this.open.filter(({ id, at }) =>
      !connections.some((one) => one.id === id && Date.parse(one.time) === at)
    );
    for (const client of lost) client.latest = { name: "lost" };
    const fresh = connections.filter(({ id }) => this.#find(id) === undefined);
    const entries = [
      ...lost.map(({ id }) => eventEntry("lost", { id })),
      ...fresh.flatMap((event) => this.apply(event)),
    ];
    for (const id of manual) this.#setMode(id, "manual");
    return entries;
  }

  /** @type {(id: number, mode: Mode) => Entry[]} As the server has it. */
  #setMode(id, mode) {
    const client = this.#find(id);
    if (client === undefined || client.mode === mode) return [];
    client.mode = mode;
    // What has become true of all is the choice for all.
    if (this.open.every((one) => one.mode === mode)) this.mode = mode;
    return [];
  }

  /** @type {(event: { id: number, time: string }, handshake: Handshake) => void} */
  #add({ id, time }, handshake) {
    const { mode } = this;
    const at = Date.parse(time);
    this.all.push({ id, at, handshake, latest: handshake, mode });
    let surplus = this.all.length - this.open.length - clientLimit;
    this.all = this.all.filter(({ latest }) =>
      latest.name === "joined" || surplus-- <= 0
    );
  }

  /** @param {number} id Of an open client. */
  #find(id) {
    return this.open.find((client) => client.id === id);
  }
}

/** @type {(name: string, event: any) => Entry & { event: any }} */
function eventEntry(name, { event: _, time, id, ...fields }) {
  return { event: { name, ...fields }, ...about(time, id) };
}

/** @type {(event: any) => Entry} */
function messageEntry({ base64 = "", direction, id, size, text, ...event }) {
  const bytes = Uint8Array.from(atob(base64), (digit) => digit.charCodeAt(0));
  return {
    // The log is seen from the server.
    direction: direction === "in" ? "received" : "sent",
    payload: text ?? bytes.buffer,
    size,
    ...event.truncated && { isCut: true },
    ...about(event.time, id),
  };
}

/** @type {(time?: string, client?: number) => Entry} */
function about(time, client) {
  return {
    ...time !== undefined && { at: Date.parse(time) },
    ...client !== undefined && { client },
  };
}

/** @type {(message: string | ArrayBuffer) => { event: string } | undefined} If it is one. */
export function readEvent(message) {
  try {
    const event = typeof message === "string" ? JSON.parse(message) : null;
    return typeof event?.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string | ArrayBuffer} payload Of the command, which sends it. */
export function sendCommand(payload) {
  if (typeof payload === "string") return { command: "send", text: payload };
  let digits = "";
  // As many arguments as every browser takes.
  for (let at = 0; at < payload.byteLength; at += 8_192) {
    digits += String.fromCharCode(
      ...new Uint8Array(payload.slice(at, at + 8_192)),
    );
  }
  return { command: "send", base64: btoa(digits) };
}

/**
 * The key in a page's fragment, as in `#watch=KEY`; empty: a fresh one is asked for.
 * @type {(fragment: string) => string | undefined}
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
