/**
 * Builds the archives of a release in `dist/release/`, one for each target,
 * and `SHA256SUMS`. Each has the binary, the README and the licence.
 *
 *     deno task release:binaries [TARGET]...
 *
 * It needs `tar`, and `zip` for Windows.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import project from "../../deno.json" with { type: "json" };

const ROOT = join(import.meta.dirname!, "../..");

/** What `deno compile` can build for. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

export type Target = typeof TARGETS[number];

/** The name of a target's archive, in the form that its users unpack. */
export function archiveName(target: Target): string {
  const suffix = isWindows(target) ? "zip" : "tar.gz";
  return `wsecho-${project.version}-${target}.${suffix}`;
}

/**
 * Builds the archives of some targets in an empty folder.
 *
 * @param compile gives the path of the binary that it has built
 */
export async function buildArchives(
  folder: string,
  targets: readonly Target[],
  compile: (target: Target) => Promise<string>,
) {
  await Deno.mkdir(folder, { recursive: true });
  const sums: string[] = [];
  for (const target of targets) {
    const name = archiveName(target);
    const path = join(folder, name);
    await archive(target, path, await compile(target));
    sums.push(`${await sha256(path)}  ${name}\n`);
  }
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums.join(""));
}

/** Reads targets from arguments: all, if there are none. */
export function parseTargets(args: readonly string[]): readonly Target[] {
  if (args.length === 0) return TARGETS;
  return args.map((arg) => {
    const target = TARGETS.find((target) => target === arg);
    if (target !== undefined) return target;
    throw new Error(
      `Cannot build for ${JSON.stringify(arg)}: expected ${TARGETS.join(", ")}`,
    );
  });
}

function isWindows(target: Target): boolean {
  return target.includes("windows");
}

/** Packs a binary and the documents, without folders. */
async function archive(target: Target, path: string, binary: string) {
  const documents = ["README.md", "LICENSE"];
  if (isWindows(target)) {
    await run("zip", ["-qj", path, binary, ...documents]);
  } else {
    const files = ["-C", dirname(binary), basename(binary), "-C", ROOT];
    await run("tar", ["-czf", path, ...files, ...documents]);
  }
}

async function sha256(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex();
}

/** Runs a command at the root, and shows its output. */
async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
) {
  const child = new Deno.Command(command, { args, env, cwd: ROOT }).spawn();
  const { code } = await child.status;
  if (code !== 0) {
    throw new Error(
      `Cannot run ${command} ${args.join(" ")}: exit code ${code}`,
    );
  }
}

/** Runs the task that compiles, which always uses the same name. */
async function compile(target: Target): Promise<string> {
  await run(Deno.execPath(), ["task", "compile"], {
    COMPILE_FLAGS: `--target ${target}`,
  });
  return join(ROOT, "dist", isWindows(target) ? "wsecho.exe" : "wsecho");
}

if (import.meta.main) {
  try {
    const targets = parseTargets(Deno.args);
    const folder = join(ROOT, "dist/release");
    // Nothing of an earlier build may be released.
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await buildArchives(folder, targets, compile);
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
