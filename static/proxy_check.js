// @ts-check
import { compareHeaders } from "./browser_headers.js";
import { CheckConnection, CheckFault } from "./check_connection.js";
import { writeParameter } from "./parameters.js";

/** @typedef {import("./browser_headers.js").HeaderChange} HeaderChange */

/** @typedef {import("./check_connection.js").Fault} Fault */

/**
 * What is known of a step.
 * @typedef {object} Result
 * @property {"waiting" | "running" | "passed" | "failed" | "skipped"} state
 * @property {number} [took] In milliseconds.
 * @property {Fault} [fault] Why it failed.
 * @property {number} [size] In bytes, of the message that is sent.
 * @property {readonly HeaderChange[]} [headers] What something in between did.
 * @property {number} [seconds] How long it has been silent.
 * @property {number} [ping] The interval of the server's pings, in seconds.
 */

/**
 * @typedef {object} Target
 * @property {(url: string, protocols: string[]) => WebSocket} open
 * @property {string} url Without parameters that change the service's replies.
 * @property {string} subprotocol The one to offer.
 * @property {{ origin: string, userAgent: string }} page What the browser sends.
 * @property {() => number} idle Seconds to be silent for; 0 skips that. Asked
 * again and again, so that it may be changed meanwhile.
 */

/** Seconds that a large reply may take. */
const largePatience = 120;
const mebibyte = 1024 * 1024;
const close = { code: 4321, reason: "proxy check" };

/**
 * Bytes that hardly compress, and that every endpoint replies with unchanged:
 * they are UTF-8, without a lower-case letter.
 * @param {number} size
 */
function createBlock(size) {
  const bytes = new Uint8Array(size);
  const part = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)))
    .map((byte) => byte & 0x5f);
  for (let at = 0; at < size; at += part.length) {
    bytes.set(part.subarray(0, size - at), at);
  }
  return bytes;
}

/** What the steps share. */
class Check {
  /** @type {CheckConnection[]} */
  connections = [];
  /** The largest message to send, in bytes. */
  limit = 16 * mebibyte;
  /** The interval of the server's pings, in seconds; 0: there are none. */
  ping = 0;
  /** Whether the server is one of this kind, which closes on demand. */
  closes = false;

  /**
   * @param {Target} target
   * @param {AbortSignal} signal
   * @param {(result: Partial<Result>) => void} report About the present step.
   */
  constructor(target, signal, report) {
    this.target = target;
    this.signal = signal;
    this.report = report;
  }

  /**
   * @param {Record<string, string>} [parameters]
   * @param {string[]} [protocols]
   */
  async open(parameters = {}, protocols = []) {
    const url = Object.entries(parameters).reduce(
      (url, [name, value]) => writeParameter(url, name, value),
      this.target.url,
    );
    /** @type {WebSocket} */
    let socket;
    try {
      socket = this.target.open(url, protocols);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new CheckFault({ kind: "rejected", message });
    }
    const connection = new CheckConnection(socket, this.signal);
    this.connections.push(connection);
    await connection.opened();
    return connection;
  }

  /** @param {string | Uint8Array<ArrayBuffer>} message */
  async echo(message) {
    await (await this.open()).echo(message);
  }

  /** @param {number} most In bytes. */
  async echoBlock(most) {
    const size = Math.min(most, this.limit);
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
    await check.open();
  },
  async headers(check) {
    const message = await (await check.open({ info: "1" })).next();
    const info = readDescription(message);
    if (info === undefined) throw new CheckFault({ kind: "description" });
    check.closes = true;
    check.limit = Math.min(
      check.limit,
      info.limits?.maxMessageSize ?? Infinity,
    );
    check.ping = (info.limits?.idleTimeout ?? 0) / 2;
    const { target: { url, page } } = check;
    check.report({ headers: compareHeaders(url, page, info.headers) });
  },
  text: (check) => check.echo("WSECHO 你好 ÄÖÜ 😀"),
  binary: (check) => check.echo(Uint8Array.from({ length: 97 }, (_, i) => i)),
  empty: (check) => check.echo(""),
  medium: (check) => check.echoBlock(mebibyte),
  large: (check) => check.echoBlock(16 * mebibyte),
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
  let name = "";
  /** @type {Result} */
  let result;
  /** @param {Partial<Result>} news */
  const tell = (news) => report(name, result = { ...result, ...news });
  const check = new Check(target, signal, tell);
  let isReachable = true;
  for (const [step, run] of Object.entries(steps)) {
    name = step;
    result = { state: "running" };
    tell({});
    const began = performance.now();
    try {
      signal.throwIfAborted();
      const applies = isReachable && await run(check) !== false;
      const took = performance.now() - began;
      tell(applies ? { state: "passed", took } : { state: "skipped" });
    } catch (error) {
      if (error instanceof CheckFault) {
        if (step === "handshake") isReachable = false;
        tell({ state: "failed", fault: error.fault });
      } else if (signal.aborted) tell({ state: "skipped" });
      else throw error;
    } finally {
      for (const { socket } of check.connections.splice(0)) socket.close();
    }
  }
}

/**
 * @param {import("./payload.js").Payload} message
 * @returns {{ headers: Record<string, string>, limits?: Record<string, number> } | undefined}
 */
function readDescription(message) {
  try {
    const info = JSON.parse(String(message));
    return typeof info?.headers === "object" ? info : undefined;
  } catch {
    return undefined;
  }
}
