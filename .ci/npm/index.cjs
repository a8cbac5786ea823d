// @ts-check
/** Starts the service for a test. CommonJS, which every test runner loads. */
"use strict";

const { fork } = require("node:child_process");
const { once } = require("node:events");
const { join } = require("node:path");
const process = require("node:process");
const { createInterface } = require("node:readline");

/** @type {import("./index.d.cts").startWsecho} */
async function startWsecho({ args = [] } = {}) {
  // Of an option that is given twice, the last one counts.
  const words = ["--host", "127.0.0.1", "--port", "0", ...args];
  // Its channel closes when this process ends, in whatever way.
  const child = fork(join(__dirname, "bin.cjs"), [...words, "--log", "json"], {
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const { stdout, stderr } =
    /** @type {import("node:child_process").ChildProcessWithoutNullStreams} */ (
      child
    );
  // The child's own event "close" does not come after disconnect().
  const ended = Promise.all([once(child, "exit"), once(stderr, "close")]);
  let errors = "";
  let isStarting = true;
  stderr.setEncoding("utf8").on("data", (text) => {
    if (isStarting) errors += text;
    else process.stderr.write(text);
  });

  const urls = await readUrls(stdout);
  if (urls === undefined) {
    const [[code]] = await ended;
    throw new Error(
      `Cannot start the service: ${errors.trim() || `exit code ${code}`}`,
    );
  }
  isStarting = false;
  stdout.resume();
  const stop = async () => {
    if (child.connected) child.disconnect();
    await ended;
  };
  return {
    port: Number(/:(\d+)\/$/.exec(urls.page)?.[1]),
    url(endpoint) {
      const [url] = urls[endpoint]?.split(" ") ?? [];
      if (url !== undefined) return url;
      throw new RangeError(
        `Cannot give a URL: there is no path of an endpoint "${endpoint}"`,
      );
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * Reads the log until the service listens.
 *
 * @param {import("node:stream").Readable} output
 * @returns {Promise<{ page: string, [endpoint: string]: string } | undefined>}
 */
async function readUrls(output) {
  for await (const line of createInterface(output)) {
    // Only with --help or --version, it is not JSON.
    if (/"event":"listening"/.test(line)) return JSON.parse(line);
  }
}

module.exports = { startWsecho };
