// @ts-check
import { compareHeaders } from "./browser_headers.js";
import { CheckConnection, CheckFault } from "./check_connection.js";
import { explainFailure } from "./handshake_failure.js";
import { isJson } from "./json_text.js";
import { writeParameter } from "./parameters.js";

/**
 * What is known of a step.
 * @typedef {object} Result
 * @property {"waiting" | "running" | "passed" | "failed" | "skipped"} state
 * @property {number} [took] In milliseconds.
 * @property {import("./check_connection.js").Fault} [fault] Why it failed.
 * @property {import("./handshake_failure.js").Failure} [failure] What explains
 * that nothing could connect.
 * @property {number} [size] In bytes, of the message that is sent.
 * @property {readonly import("./browser_headers.js").HeaderChange[]} [headers]
 * What something in between did.
 * @property {number} [seconds] How long it has been silent.
 * @property {number} [ping] The interval of the server's pings, in seconds.
 */

/**
 * @typedef {object} Target
 * @property {string} url Without parameters that change the service's replies.
 * @property {string} prefix The proxy's mount prefix.
 * @property {string} subprotocol The one to offer.
 * @property {() => number} idle Seconds to be silent for; 0 skips that. Asked
 * again and again, so that it may be changed meanwhile.
 */

/** Seconds that a large reply may take. */
const largePatience = 120;
/** @type {Readonly<Record<string, number>>} Of messages, in bytes, by step. */
export const sizes = { medium: 1024 ** 2, large: 16 * 1024 ** 2 };
const close = { code: 4321, reason: "proxy check" };

/**
 * Bytes that hardly compress, and that every endpoint replies with unchanged:
 * they are UTF-8, without a lower-case letter.
 * @param {number} size
 */
function createBlock(size) {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes.map((byte) => byte & 0x5f).buffer;
}

/** What the steps share. */
class Check {
  /** @type {CheckConnection[]} */
  connections = [];
  isReachable = true;
  /** The largest message to send, in bytes. */
  limit = Infinity;
  /** The interval of the server's pings, in seconds; 0: there are none. */
  ping = 0;
  /** Whether the server is one of this kind, which closes on demand. */
  closes = false;

  /** @type {(news: Partial<Result>) => void} About the present step. */
  report = () => {};

  /**
   * @param {Target} target
   * @param {AbortSignal} signal
   */
  constructor(target, signal) {
    this.target = target;
    this.signal = signal;
  }

  /**
   * @param {Record<string, string>} [parameters]
   * @param {string[]} [protocols]
   */
  async open(parameters = {}, protocols = []) {
    let { url } = this.target;
    for (const [name, value] of Object.entries(parameters)) {
      url = writeParameter(url, name, value);
    }
    let socket;
    try {
      socket = new WebSocket(url, protocols);
    } catch (error) {
      const { message } = /** @type {DOMException} */ (error);
      throw new CheckFault({ kind: "rejected", message });
    }
    const connection = new CheckConnection(socket, this.signal);
    this.connections.push(connection);
    await connection.opened();
    return connection;
  }

  /** @param {string | ArrayBuffer} message */
  async echo(message) {
    await (await this.open()).echo(message);
  }

  /** @param {string} step */
  async echoBlock(step) {
    const size = Math.min(sizes[step] ?? 0, this.limit);
    this.report({ size });
    await (await this.open()).echo(createBlock(size), largePatience);
  }
}

/**
 * Each throws a CheckFault, or returns `false` where it does not apply.
 * @type {Record<string, (check: Check) => Promise<void | false>>}
 */
const steps = {
  async handshake(check) {
    const { url, prefix } = check.target;
    check.isReachable = false;
    try {
      await check.open();
      check.isReachable = true;
    } catch (error) {
      if (error instanceof CheckFault && error.fault.kind === "handshake") {
        check.report({ failure: await explainFailure(url, [], prefix) });
      }
      throw error;
    }
  },
  async headers(check) {
    const message = String(await (await check.open({ info: "1" })).next());
    const info = isJson(message) ? JSON.parse(message) : {};
    if (!info.headers) throw new CheckFault({ kind: "description" });
    const { maxMessageSize = Infinity, idleTimeout = 0 } = info.limits ?? {};
    check.closes = true;
    check.limit = maxMessageSize;
    check.ping = idleTimeout / 2;
    const page = { origin: location.origin, userAgent: navigator.userAgent };
    const headers = compareHeaders(check.target.url, page, info.headers);
    check.report({ headers });
  },
  text: (check) => check.echo("WSECHO 你好 ÄÖÜ 😀"),
  binary: (check) =>
    check.echo(Uint8Array.from({ length: 97 }, (_, i) => i).buffer),
  empty: (check) => check.echo(""),
  medium: (check) => check.echoBlock("medium"),
  large: (check) => check.echoBlock("large"),
  async subprotocol(check) {
    const { subprotocol } = check.target;
    const { socket } = await check.open({}, [subprotocol]);
    const agreed = socket.protocol;
    if (agreed !== subprotocol) {
      throw new CheckFault({ kind: "subprotocol", agreed });
    }
  },
  async clientClose(check) {
    const connection = await check.open();
    connection.socket.close(close.code, close.reason);
    await connection.closed({ code: close.code });
  },
  async serverClose(check) {
    if (!check.closes) return false;
    const { code, reason } = close;
    const connection = await check.open({ close: String(code), reason });
    await connection.closed(close);
  },
  async idle(check) {
    const { idle } = check.target;
    if (idle() <= 0) return false;
    const connection = await check.open();
    const began = performance.now();
    await connection.stay(() => {
      const seconds = (performance.now() - began) / 1_000;
      check.report({ seconds, ping: check.ping });
      return seconds >= idle();
    });
    await connection.echo("STILL HERE");
  },
};

/** The names of the steps, in their order. */
export const stepNames = Object.keys(steps);

/**
 * Tests what lies between this browser and a server by real connections, one
 * step after another.
 * @param {Target} target
 * @param {(name: string, result: Result) => void} report
 * @param {AbortSignal} signal Stops it: what is left counts as skipped.
 */
export async function checkProxy(target, report, signal) {
  const check = new Check(target, signal);
  for (const [name, run] of Object.entries(steps)) {
    /** @type {Result} */
    const result = { state: "running" };
    check.report = (news) => report(name, Object.assign(result, news));
    check.report({});
    const began = performance.now();
    try {
      signal.throwIfAborted();
      const applies = check.isReachable && await run(check) !== false;
      const took = performance.now() - began;
      check.report(applies ? { state: "passed", took } : { state: "skipped" });
    } catch (error) {
      if (error instanceof CheckFault) {
        check.report({ state: "failed", fault: error.fault });
      } else if (signal.aborted) check.report({ state: "skipped" });
      else throw error;
    } finally {
      for (const { socket } of check.connections.splice(0)) socket.close();
    }
  }
}
