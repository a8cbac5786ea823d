#!/usr/bin/env node
// @ts-check
/**
 * Runs the service in Deno, which is a dependency of this package. Arguments,
 * standard streams, signals and the exit code pass through.
 */
"use strict";

const { spawn } = require("node:child_process");
const { join } = require("node:path");
const process = require("node:process");

/** What a terminal, a process manager and a closed terminal send. */
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
/** How often it looks whether npm is still there. */
const PARENT_MS = 500;

const service = spawn(findDeno(), [
  "run",
  ...require("./package.json").denoFlags,
  join(__dirname, "server", "main.js"),
  ...process.argv.slice(2),
], {
  stdio: "inherit",
  env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
});
service.on("error", fail);
service.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

for (const signal of SIGNALS) {
  process.on(signal, () => {
    // On Windows, the console has sent Ctrl+C to Deno as well, and kill() would
    // end it at once.
    if (process.platform !== "win32") service.kill(signal);
  });
}

// The end of the program that called startWsecho(), or its stop().
process.on("disconnect", () => service.kill());

// npm that ends by a signal need not pass it on. A shell may well end before
// what it has started.
if (process.env.npm_execpath !== undefined) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    service.kill();
  }, PARENT_MS);
}

/**
 * The path of Deno's binary: the package's own command would be one more
 * process, which does not pass signals on.
 *
 * @returns {string}
 */
function findDeno() {
  try {
    return require("deno/install_api.cjs").runInstall();
  } catch (error) {
    return fail(error);
  }
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function fail(error) {
  const reason = error instanceof Error ? error.message : error;
  console.error(`wsecho: Cannot start Deno: ${reason}`);
  process.exit(1);
}
