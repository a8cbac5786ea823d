/**
 * Prints the Deno flags to run the given entry points with: none if their
 * packages can be had, those that put the stand-ins of this folder in the place
 * of the packages if the registry of the `@std` packages cannot be reached.
 *
 *     deno run --allow-run --allow-net .ci/offline/flags.ts [--config FILE] main.ts
 *
 * Whatever else is wrong (an integrity value, the lock file, a version, the
 * source) gives no flags, so that the command that asked meets it and reports
 * it. With `--required` first, an unreachable registry is an error: exit code 1.
 *
 * @module
 */

/** How long a request may go without an answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * What Deno reports when it gets no answer, or one like 500, to a request for a
 * package's description. An unknown package or version, and a description that
 * cannot be read, are reported in other words.
 */
const FAILED_REQUEST =
  /^error: JSR package (?:version )?manifest for .* Import '(\S+)' failed/m;

/** What Deno has printed last while it waits for the registry. */
const OPEN_REQUEST = /Download (\S+\/@std\/\S+)\n$/;

/** The failures of `fetch` that mean no answer. A bad certificate is not one. */
const NO_ANSWER =
  /\((?:Connect|SendRequest)\): ((?:dns error|tcp connect error|unsuccessful tunnel|tls handshake eof|connection).*)/i;

/** The flags that put the stand-ins in the place of the packages. */
export function standInFlags(
  importMap: string = import.meta.resolve("./import_map.json"),
): string[] {
  return ["--no-lock", "--import-map", importMap];
}

/**
 * The flags for a child process that is to use what this process uses: none,
 * or those of the stand-ins, valid in any working directory.
 */
export function inheritedFlags(): string[] {
  const usesStandIns = import.meta.resolve("@std/path").startsWith("file:");
  return usesStandIns ? standInFlags() : [];
}

/**
 * Loads what entry points import, and tells why the registry of the packages
 * cannot be reached: returns undefined when all is there, and also when the
 * cause is another one.
 *
 * @param args Arguments of `deno cache`
 * @param options Options of the child process; `timeoutMs` without an answer
 */
export async function findOutage(
  args: string[],
  { timeoutMs = TIMEOUT_MS, ...options }:
    & Pick<Deno.CommandOptions, "cwd" | "env">
    & { timeoutMs?: number } = {},
): Promise<string | undefined> {
  // execPath() and not "deno", which need not be on the PATH.
  const child = new Deno.Command(Deno.execPath(), {
    args: ["cache", ...args],
    ...options,
    env: { ...options.env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let output = "";
  let silence: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    output += text;
    clearTimeout(timer);
    // Slow downloads are no outage: each line starts the time anew.
    const url = OPEN_REQUEST.exec(output)?.[1];
    if (url === undefined) continue;
    timer = setTimeout(() => {
      silence = `${url}: no answer within ${timeoutMs / 1000} s`;
      child.kill("SIGKILL");
    }, timeoutMs);
  }
  clearTimeout(timer);
  const { success } = await child.status;
  if (success || silence !== undefined) return silence;
  const url = FAILED_REQUEST.exec(output)?.[1];
  return url && await probe(url, timeoutMs);
}

/**
 * Why a URL cannot be reached, undefined if that is not what is wrong with it.
 * Deno's own error does not tell a closed port from a forged certificate, and
 * its text may change; the cause of a failed `fetch` decides. The URL is the
 * one that Deno could not load, so this asks whatever registry Deno uses.
 */
async function probe(
  url: string,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.ok
      ? undefined
      : `${url}: ${response.status} ${response.statusText}`;
  } catch (error) {
    const { name, cause } = error as Error;
    const reason = name === "TimeoutError"
      ? `no answer within ${timeoutMs / 1000} s`
      : NO_ANSWER.exec(String(cause ?? error))?.[1];
    return reason && `${url}: ${reason}`;
  }
}

/** The flags for a command that takes these arguments, with a warning. */
export async function fallbackFlags(
  args: string[],
  importMap?: string,
): Promise<string[]> {
  const outage = await findOutage(args);
  if (outage === undefined) return [];
  console.error(
    `WARNING: Using the stand-ins of .ci/offline for the @std packages: ${outage}`,
  );
  return standInFlags(importMap);
}

if (import.meta.main) {
  const [first, ...rest] = Deno.args;
  if (first === "--required") {
    const outage = await findOutage(rest);
    if (outage !== undefined) {
      console.error(
        `error: Cannot get the @std packages, and only "deno task compile:stand-ins" does without: ${outage}`,
      );
      Deno.exit(1);
    }
  } else {
    // Relative, as the shell would cut a path with spaces in it.
    const flags = await fallbackFlags(Deno.args, ".ci/offline/import_map.json");
    if (flags.length > 0) console.log(flags.join(" "));
  }
}
