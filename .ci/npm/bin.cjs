#!/usr/bin/env node
// @ts-check
/**
 * Runs the service in Deno, which is a dependency of this package. Arguments,
 * standard streams, signals and the exit code pass through.
 */
"use strict";

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const process = require("node:process");

/** What a terminal, a process manager and a closed terminal send. */
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
/** How often it looks whether npm is still there. */
const PARENT_MS = 500;

// A signal that ends npm need not reach what it has started. What a shell has
// started, on the other hand, may well outlive it.
const isBelowNpm = process.env.npm_execpath !== undefined;
// First of all, as npm may end at any time.
const parents = readParents();

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

if (isBelowNpm) {
  const timer = setInterval(() => {
    if (readParents() === parents) return;
    clearInterval(timer);
    service.kill();
  }, PARENT_MS);
}

/** The process that has started this one, and that of npm's shell, if it is one. */
function readParents() {
  const parent = process.ppid;
  try {
    const status = readFileSync(`/proc/${parent}/stat`, "latin1");
    return `${parent} ${/\(sh\) \S (\d+)/.exec(status)?.[1]}`;
  } catch {
    // Only Linux has the file; elsewhere, the shell makes way for its command.
    return `${parent}`;
  }
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
