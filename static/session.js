import { Connection } from "./connection.js";
import { Emitter } from "./emitter.js";
import {
  curlCommand,
  defaultEndpoints,
  guessPrefix,
  listChoices,
  mountPrefix,
  parseServerInfo,
  webSocketOrigin,
} from "./endpoint.js";
import { expectReplies } from "./expectation.js";
import { explainFailure } from "./handshake_failure.js";
import { Log } from "./log.js";
import { Pairing } from "./pairing.js";
import { byteLength } from "./payload.js";
import { Statistics } from "./statistics.js";

/** @typedef {import("./connection.js").Ending} Ending */
/** @typedef {import("./handshake_failure.js").Failure} Failure */
/** @typedef {import("./log.js").Row} Row */
/** @typedef {import("./payload.js").Payload} Payload */
/** @typedef {import("./burst.js").Tally} Tally */
/** @typedef {{ failure: Failure, command: string }} Explanation */

/**
 * What listeners can wait for, and what they are given.
 * @typedef {object} Changes
 * @property {undefined} state The connection's state, its close or the failure.
 * @property {undefined} opened
 * @property {Ending} closed
 * @property {Explanation} failed
 * @property {Row} row A row was added to the log.
 * @property {undefined} server The server has said what it is, or cannot.
 * @property {undefined} shown Which rows are to be seen has changed.
 * @property {undefined} tooLarge A message is too large for a watched client.
 */

/**
 * All that the page knows: its connection, what it carried, and what the server
 * says about itself. Views read it, listen to it and call its actions; it knows
 * none of them.
 * @extends {Emitter<Changes>}
 */
export class Session extends Emitter {
  log = new Log();
  statistics = new Statistics();
  /** @type {import("./endpoint.js").ServerInfo | undefined} */
  server;
  /** The path under which a proxy mounts the server. */
  prefix = guessPrefix(location.pathname);
  /** @type {Ending | undefined} How the last connection ended. */
  ending;
  /** @type {Explanation | undefined} Why the last handshake failed. */
  failure;
  /** @type {((row: Row) => boolean) | undefined} Whether a row is to be seen, where not all are. */
  shows;
  /** @type {Pairing | undefined} */
  #pairing;
  /** @type {{ payload: Payload, tally: Tally | undefined }[]} Not sent yet. */
  #leaving = [];

  connection = new Connection({
    changed: () => this.tell("state"),
    attempting: () => {
      const { url, protocols } = this.connection;
      this.#expect(url);
      this.add({ event: { name: "connecting", url, protocols } });
    },
    opened: (handshake) => {
      const { protocol } = this.connection;
      this.failure = undefined;
      this.ending = undefined;
      this.add({ event: { name: "open", protocol, handshake } });
      this.tell("state");
      this.tell("opened");
    },
    sent: (at) => this.#sent(at),
    received: (payload, at) => this.received(payload, at),
    closed: (ending) => {
      this.add({ event: { name: "closed", ...ending } });
      const { handshakeFailed } = ending;
      // Nothing went wrong with what was cancelled.
      const isCancelled = this.connection.openedAt === 0 && !handshakeFailed;
      this.ending = isCancelled ? undefined : ending;
      this.tell("state");
      this.tell("closed", ending);
      if (handshakeFailed) this.#explain();
    },
    rejected: (message) => this.#fail({ kind: "rejected", message }),
  });

  /** @type {(url: string, protocols: string[]) => void} Counts anew. */
  connect(url, protocols) {
    this.failure = undefined;
    this.ending = undefined;
    this.statistics = new Statistics();
    this.connection.connect(url, protocols);
  }

  /** @type {(code: number | undefined, reason: string) => void} */
  close(code, reason) {
    // A close frame without a code is reported as 1005.
    this.add({ event: { name: "closing", code: code ?? 1005, reason } });
    this.connection.disconnect(code, reason);
  }

  /** Whether messages can be sent. */
  get isOpen() {
    return this.connection.state === "open";
  }

  /** Whether it is known which message a reply answers. */
  get isMeasured() {
    return this.#pairing?.isMeasured ?? true;
  }

  /**
   * Sends a message, perhaps as part of a burst; returns whether it can.
   * @type {(payload: Payload, tally?: Tally) => boolean}
   */
  send(payload, tally) {
    if (!this.isOpen) return false;
    this.#leaving.push({ payload, tally });
    if (tally !== undefined) tally.leaving++;
    this.connection.send(payload);
    return true;
  }

  /** @param {string} url */
  #expect(url) {
    this.#leaving = [];
    const origin = webSocketOrigin(location);
    const page = { origin, choices: this.choices, prefix: this.server?.prefix };
    this.#pairing = new Pairing(expectReplies(url, page));
  }

  /** @param {number} at */
  #sent(at) {
    const message = this.#leaving.shift();
    if (message === undefined) return;
    const { payload, tally } = message;
    const size = byteLength(payload);
    this.statistics.count("sent", size);
    const row = this.log.add({ direction: "sent", payload, size, at });
    this.#pairing?.sent(row, tally);
    this.tell("row", row);
  }

  /**
   * @protected
   * @type {(payload: Payload, at: number) => void}
   */
  received(payload, at) {
    const size = byteLength(payload);
    const pair = this.#pairing?.received(payload, at);
    const { sent, isFirst, corrects, verdict } = pair ?? {};
    if (corrects && sent?.row.reply) {
      this.statistics.discard(sent.row.reply.roundTrip);
      sent.row.reply.roundTrip = undefined;
    }
    const isMeasured = this.isMeasured && (isFirst || corrects);
    const answers = isMeasured ? sent?.row : undefined;
    const roundTrip = answers && at - answers.at;
    this.statistics.count("received", size, roundTrip, sent?.isQueued);
    const expected = verdict === "different" ? sent?.expected : undefined;
    const about = { at, roundTrip, answers, verdict, expected };
    this.add({ direction: "received", payload, size, ...about });
  }

  /** Hides the failure: the form no longer describes what failed. */
  forgetFailure() {
    if (this.failure === undefined) return;
    this.failure = undefined;
    this.tell("state");
  }

  /** Asks the server for its endpoints, parameters and limits. */
  async introduce() {
    // Where the server has just stopped, the defaults remain.
    const response = await fetch(location.href, {
      method: "HEAD",
      cache: "no-store",
    }).catch(() => undefined);
    const header = response?.headers.get("X-Wsecho");
    this.server = parseServerInfo(header ?? null);
    if (this.server !== undefined) {
      this.prefix = mountPrefix(location.pathname, this.server.path);
    }
    this.tell("server");
  }

  /** The endpoints as paths on the page's own host. */
  get choices() {
    return listChoices(this.server?.endpoints ?? defaultEndpoints, this.prefix);
  }

  /** @protected The URL whose response says why a handshake failed. */
  get suspect() {
    return this.connection.url;
  }

  async #explain() {
    const { url, protocols } = this.connection;
    const failure = await explainFailure(this.suspect, protocols, this.prefix);
    // It may be connected by now, or connecting to another URL.
    const { state, url: present } = this.connection;
    if (state !== "open" && present === url) this.#fail(failure);
  }

  /** @param {Failure} failure */
  #fail(failure) {
    // Attempts that fail the same way are explained once.
    const last = this.failure?.failure;
    if (JSON.stringify(failure) === JSON.stringify(last)) return;
    const { url, protocols } = this.connection;
    const command = curlCommand(url, protocols, location.origin);
    this.failure = { failure, command };
    this.add({ event: { name: "failed", failure, command } });
    this.tell("state");
    this.tell("failed", this.failure);
  }

  /** @protected @param {Partial<Row>} entry */
  add(entry) {
    this.tell("row", this.log.add(entry));
  }
}
