/**
 * Finds out whether the packages that the given entry points import can be
 * had, and prints the Deno flags to run these entry points with: nothing if
 * they can, else those that put the stand-ins of this folder in their place.
 *
 *     deno run --quiet --allow-run .ci/offline/flags.ts main.ts
 *
 * @module
 */

/** How long the packages may take to come, in milliseconds. */
const PATIENCE_MS = 10_000;

/** The flags that put the stand-ins in the place of the packages. */
function standInFlags(importMap: string): string[] {
  return ["--no-lock", "--import-map", importMap];
}

/**
 * The flags for a child process that is to use what this process uses: none,
 * or those of the stand-ins, valid in any working directory.
 */
export function inheritedFlags(): string[] {
  const usesStandIns = import.meta.resolve("@std/path").startsWith("file:");
  return usesStandIns
    ? standInFlags(import.meta.resolve("./import_map.json"))
    : [];
}

/** Loads what the entry points import; gives the error text, "" for none. */
async function load(...args: string[]): Promise<string> {
  // execPath() and not "deno", which need not be on the PATH.
  const command = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { success, stderr } = await command.output();
  if (success) return "";
  return new TextDecoder().decode(stderr).replace(/^error: /, "") ||
    `no answer within ${PATIENCE_MS / 1000} s`;
}

if (import.meta.main) {
  const entries = Deno.args;
  const map = import.meta.resolve("./import_map.json");
  const error = await load(...entries);
  // A mistake in the entry points gives the same error with the stand-ins:
  // then the command that asked is the one to report it.
  if (error !== "" && error !== await load(...standInFlags(map), ...entries)) {
    const [reason] = error.split("\n");
    console.error(
      `WARNING: Using the stand-ins of .ci/offline for the @std packages: ${reason}`,
    );
    // Relative, as the shell would cut a path with spaces in it.
    console.log(standInFlags(".ci/offline/import_map.json").join(" "));
  }
}
