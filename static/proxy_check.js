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
/** Milliseconds between two reports of a silence. */
const tick = 250;
/** @type {Readonly<Record<string, number>>} Of messages, in bytes, by step. */
export const sizes = { medium: 1024 ** 2, large: 16 * 1024 ** 2 };
const code = 4321;
const reason = "proxy check";

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
  /** @type {CheckConnection | undefined} Of the present step. */
  connection;
  /**
   * Of a server of this kind, which closes on demand.
   * @type {{ maxMessageSize?: number, idleTimeout?: number } | undefined}
   */
  limits;

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

  /** @type {(parameters?: Record<string, string>, protocols?: string[]) => Promise<CheckConnection>} */
  async open(parameters = {}, protocols = []) {
    let { url } = this.target;
    for (const [name, value] of Object.entries(parameters)) {
      url = writeParameter(url, name, value);
    }
    const connection = new CheckConnection(url, protocols, this.signal);
    this.connection = connection;
    await connection.next("open");
    return connection;
  }

  /** @type {(message: string | ArrayBuffer, seconds?: number) => Promise<void>} */
  async echo(message, seconds) {
    await (await this.open()).echoes(message, seconds);
  }

  /** @param {string} step */
  async echoBlock(step) {
    const { maxMessageSize = Infinity } = this.limits ?? {};
    const size = Math.min(sizes[step] ?? 0, maxMessageSize);
    this.report({ size });
    await this.echo(createBlock(size), largePatience);
  }
}

/**
 * Each throws a CheckFault, or returns `false` where it does not apply.
 * @type {Record<string, (check: Check) => Promise<void | false>>}
 */
const steps = {
  async handshake(check) {
    try {
      await check.open();
    } catch (error) {
      if (error instanceof CheckFault && error.fault.kind === "handshake") {
        const { url, prefix } = check.target;
        check.report({ failure: await explainFailure(url, [], prefix) });
      }
      throw error;
    }
  },
  async headers(check) {
    const connection = await check.open({ info: "1" });
    const { data } = await connection.next("message");
    const info = isJson(String(data)) ? JSON.parse(data) : {};
    if (!info.headers) throw new CheckFault({ kind: "description" });
    check.limits = info.limits ?? {};
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
    connection.socket.close(code, reason);
    await connection.closes(code);
  },
  async serverClose(check) {
    if (check.limits === undefined) return false;
    const connection = await check.open({ close: String(code), reason });
    await connection.closes(code, reason);
  },
  async idle(check) {
    const { target: { idle }, limits } = check;
    if (idle() <= 0) return false;
    const connection = await check.open();
    const ping = (limits?.idleTimeout ?? 0) / 2;
    const began = performance.now();
    for (let seconds = 0; seconds < idle();) {
      await Promise.race([
        connection.ended,
        new Promise((resolve) => setTimeout(resolve, tick)),
      ]);
      seconds = (performance.now() - began) / 1_000;
      check.report({ seconds, ping });
    }
    await connection.echoes("STILL HERE");
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
  let isReachable = true;
  for (const [name, run] of Object.entries(steps)) {
    /** @type {Result} */
    const result = { state: "running" };
    check.report = (news) => report(name, Object.assign(result, news));
    check.report({});
    const began = performance.now();
    try {
      signal.throwIfAborted();
      const applies = isReachable && await run(check) !== false;
      const took = performance.now() - began;
      check.report(applies ? { state: "passed", took } : { state: "skipped" });
    } catch (error) {
      if (error instanceof CheckFault) {
        check.report({ state: "failed", fault: error.fault });
        isReachable &&= run !== steps.handshake;
      } else if (signal.aborted) check.report({ state: "skipped" });
      else throw error;
    } finally {
      check.connection?.socket.close();
    }
  }
}
