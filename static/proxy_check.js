import { compareHeaders } from "./browser_headers.js";
import { Check, CheckFault } from "./check_connection.js";
import { explainFailure } from "./handshake_failure.js";
import { isJson } from "./json_text.js";
import { words } from "./language.js";
import { writeParameter } from "./parameters.js";

/**
 * What is known of a step.
 * @typedef {object} Result
 * @property {"waiting" | "running" | "passed" | "failed" | "skipped"} state
 * @property {number} [took] In milliseconds, where it has passed.
 * @property {number} [size] In bytes, of the message that is sent.
 * @property {number} [seconds] How long it has been silent.
 * @property {readonly string[]} [notes] In the language in use.
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

/** @type {(message: string | ArrayBuffer, seconds?: number) => (check: Check, target: Target) => Promise<void>} */
function echo(message, seconds) {
  return async (check, { url }) => {
    await check.open(url);
    await check.echo(message, seconds);
  };
}

/** @type {(step: string) => (check: Check, target: Target) => Promise<void>} */
function echoBlock(step) {
  return async (check, target) => {
    const most = sizes[step] ?? 0;
    const size = Math.min(most, check.limits?.maxMessageSize ?? most);
    check.report({ size });
    await echo(createBlock(size), largePatience)(check, target);
  };
}

/**
 * Each throws a CheckFault, or returns `false` where it does not apply.
 * @type {Record<string, (check: Check, target: Target) => Promise<void | false>>}
 */
const steps = {
  async handshake(check, { url, prefix }) {
    try {
      await check.open(url);
    } catch (error) {
      // Without a socket, the browser has given the reason itself.
      if (!(error instanceof CheckFault && check.socket)) throw error;
      const failure = await explainFailure(url, [], prefix);
      throw new CheckFault(error.message, { cause: words.failure(failure) });
    }
  },
  async headers(check, { url }) {
    await check.open(writeParameter(url, "info", "1"));
    const message = String(await check.receive());
    const info = isJson(message) ? JSON.parse(message) : {};
    if (!info.headers) throw new CheckFault(words.check.faults.description);
    check.limits = info.limits ?? {};
    const page = { origin: location.origin, userAgent: navigator.userAgent };
    const changes = compareHeaders(url, page, info.headers);
    const notes = changes.map(words.check.header);
    check.report({ notes: notes.length > 0 ? notes : [words.check.unchanged] });
  },
  text: echo("WSECHO 你好 ÄÖÜ 😀"),
  binary: echo(Uint8Array.from({ length: 97 }, (_, i) => i).buffer),
  empty: echo(""),
  medium: echoBlock("medium"),
  large: echoBlock("large"),
  async subprotocol(check, { url, subprotocol }) {
    const { protocol: agreed } = await check.open(url, [subprotocol]);
    if (agreed !== subprotocol) {
      throw new CheckFault(words.check.faults.subprotocol(agreed));
    }
  },
  async clientClose(check, { url }) {
    (await check.open(url)).close(code, reason);
    await check.closes(code);
  },
  async serverClose(check, { url }) {
    if (check.limits === undefined) return false;
    const closing = writeParameter(url, "close", String(code));
    await check.open(writeParameter(closing, "reason", reason));
    await check.closes(code, reason);
  },
  async idle(check, { url, idle }) {
    if (idle() <= 0) return false;
    await check.open(url);
    const ping = (check.limits?.idleTimeout ?? 0) / 2;
    const began = performance.now();
    let seconds = 0;
    while (seconds < idle()) {
      const pause = new Promise((resolve) => setTimeout(resolve, tick));
      await Promise.race([check.ended, pause]);
      seconds = (performance.now() - began) / 1_000;
      check.report({ seconds });
    }
    await check.echo("STILL HERE");
    if (ping > 0 && ping < seconds) {
      check.report({ notes: [words.check.pings(ping)] });
    }
  },
};

/**
 * Steps with the usual cause of another, or a common one.
 * @type {Readonly<Record<string, string>>}
 */
const causes = { medium: "large", clientClose: "close", serverClose: "close" };

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
  const check = new Check(signal);
  let isReachable = true;
  for (const [name, run] of Object.entries(steps)) {
    /** @type {Result} */
    const result = { state: "running" };
    check.report = (news) => report(name, Object.assign(result, news));
    check.report({});
    const began = performance.now();
    try {
      signal.throwIfAborted();
      const applies = isReachable && await run(check, target) !== false;
      const took = performance.now() - began;
      check.report(applies ? { state: "passed", took } : { state: "skipped" });
    } catch (error) {
      if (error instanceof CheckFault) {
        const { message, cause = words.check.causes[causes[name] ?? name] } =
          error;
        const notes = [message, String(cause ?? "")].filter(Boolean);
        check.report({ state: "failed", notes });
        isReachable &&= run !== steps.handshake;
      } else if (signal.aborted) check.report({ state: "skipped" });
      else throw error;
    } finally {
      check.socket?.close();
    }
  }
}
