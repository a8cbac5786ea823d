/**
 * Runs the tests: all, or those of the files and folders given, with the given
 * options of `deno test`. The last line sums up, and the exit code is 1 if
 * anything failed.
 *
 * The files run side by side, as threads of one process, except those named
 * `*_alone_test.ts`, which run after them, one by one. That name is for tests
 * that cannot share the process or the machine: they measure memory or
 * descriptors of this process, send it signals, change its environment or its
 * working directory, or are thrown off by other load.
 *
 * @module
 */
import { existsSync, globSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { fallbackFlags } from "./offline/flags.ts";

const CONFIG = ["--config", "tests/deno.json"];

/** The line with which `deno test` ends. */
const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/gm;

const total = { passed: 0, failed: 0, exitCode: 0 };

/**
 * Runs `deno test`, shows its output and adds its figures to the total. A run
 * that ends before its last line counts as a failure; returns false then.
 */
async function runTests(args: string[]): Promise<boolean> {
  const isTerminal = Deno.stdout.isTerminal() && !Deno.noColor;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", ...args],
    env: {
      ...(isTerminal ? { FORCE_COLOR: "1" } : {}),
      // Most tests wait for most of their time.
      DENO_JOBS: `${2 * navigator.hardwareConcurrency}`,
    },
    stdout: "piped",
  }).spawn();
  const [shown, kept] = child.stdout.tee();
  const [output] = await Promise.all([
    new Response(kept).text(),
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
  ]);
  const matches = stripVTControlCharacters(output).matchAll(SUMMARY);
  const [, passed, failed] = [...matches].at(-1) ?? [];
  total.passed += Number(passed ?? 0);
  total.failed += Number(failed ?? 1);
  const { success } = await child.status;
  if (!success) total.exitCode = 1;
  return failed !== undefined;
}

const flags = [
  ...CONFIG,
  ...await fallbackFlags([...CONFIG, "main.ts", "tests/offline_test.ts"]),
  "--allow-all",
  "--sanitize-ops",
  "--sanitize-resources",
];
const paths = Deno.args.filter((arg) => existsSync(arg));
const options = Deno.args.filter((arg) => !existsSync(arg));
const alone = globSync("tests/**/*_alone_test.ts");
const chosen = alone.filter((file) =>
  paths.length === 0 ||
  paths.some((path) => !relative(path, file).startsWith(".."))
);

const ran = await runTests([
  ...flags,
  "--parallel",
  ...alone.length > 0 ? [`--ignore=${alone.join(",")}`] : [],
  ...chosen.length > 0 ? ["--permit-no-files"] : [],
  ...options,
  ...paths,
]);
if (ran && chosen.length > 0) {
  await runTests([...flags, ...options, ...chosen]);
}
console.log(`${total.passed} passed, ${total.failed} failed`);
Deno.exit(total.exitCode);
