/**
 * Packs the service as an npm package, `dist/npm/wsecho-VERSION.tgz`:
 *
 *     deno run --allow-all .ci/pack.ts [--stand-ins]
 *
 * The `@std` packages become part of it, so their registry has to be reached.
 * With `--stand-ins`, those of `offline/` do, and the version says so.
 *
 * @module
 */
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import project from "../deno.json" with { type: "json" };
import { findOutage } from "./offline/flags.ts";
import standIns from "./offline/import_map.json" with { type: "json" };
import { PERMISSIONS } from "./permissions.ts";

const ROOT = new URL("../", import.meta.url);

/** What is copied to the root of the package. */
const COPIED = [
  "README.md",
  "LICENSE",
  "static",
  ".ci/npm/bin.cjs",
  ".ci/npm/index.cjs",
  ".ci/npm/index.d.cts",
];

/**
 * What is bundled; what both need comes to a third file. One file cannot be
 * both: `import.meta.main` is false in all that is bundled but an entry point.
 */
const ENTRY_POINTS = ["main.ts", "handlers/workers/worker.ts"];
/**
 * The module that the supervisor starts. The bundler does not follow such URLs,
 * and keeps to the folders of the sources.
 */
const WORKER = 'import "./handlers/workers/worker.js";\n';

/** Settings of {@link pack}. */
export interface PackOptions {
  /** Where the package is built and packed. */
  folder: URL;
  /** Whether the stand-ins take the place of the `@std` packages. */
  usesStandIns: boolean;
  /**
   * The repository on GitHub, `OWNER/NAME`: npm takes no package from its
   * workflow that does not name it. Default: none.
   */
  repository?: string | undefined;
}

/**
 * Builds and packs the package.
 *
 * @returns the path of the packed package
 * @throws {Error} when a command fails
 */
export async function pack(
  { folder, usesStandIns, repository }: PackOptions,
): Promise<string> {
  const version = project.version + (usesStandIns ? "-stand-ins" : "");
  const root = new URL("package/", folder);
  await rm(root, { recursive: true, force: true });
  await mkdir(new URL("server/", root), { recursive: true });
  const write = (name: string, text: string) =>
    writeFile(new URL(name, root), text);
  await write("package.json", describe(version, repository));
  await write("server/worker.ts", WORKER);
  for (const source of COPIED) {
    const target = new URL(basename(source), root);
    await cp(new URL(source, ROOT), target, { recursive: true });
  }
  await run(
    Deno.execPath(),
    "bundle",
    "--quiet",
    // Without it, a wrong integrity value is reported in other words.
    "--check",
    "--platform=deno",
    "--code-splitting",
    ...usesStandIns ? standInFlags(new URL("package.json", root)) : [],
    `--outdir=${fileURLToPath(new URL("server/", root))}`,
    ...ENTRY_POINTS,
  );
  const target = fileURLToPath(folder);
  await run(
    "npm",
    "pack",
    "--silent",
    `--pack-destination=${target}`,
    fileURLToPath(root),
  );
  return `${target}wsecho-${version}.tgz`;
}

/** The package's `package.json`, with the flags that `bin.cjs` gives to Deno. */
function describe(version: string, repository?: string): string {
  return JSON.stringify(
    {
      name: "wsecho",
      version,
      description: "A WebSocket echo server for people who debug clients",
      keywords: ["websocket", "echo", "server", "test", "debug", "mock"],
      license: project.license,
      repository: repository && {
        type: "git",
        url: `git+https://github.com/${repository}.git`,
      },
      type: "module",
      bin: "bin.cjs",
      exports: { types: "./index.d.cts", default: "./index.cjs" },
      engines: { node: ">=20" },
      // As tested, and later ones of the same minor version.
      dependencies: { deno: `~${Deno.version.deno}` },
      denoFlags: [
        "--quiet",
        "--no-config",
        "--no-lock",
        ...project.unstable.map((name) => `--unstable-${name}`),
        ...PERMISSIONS,
      ],
    },
    null,
    2,
  );
}

/**
 * The flags that put the stand-ins in the place of the `@std` packages, and the
 * package's description in that of the project's, for the version.
 */
function standInFlags(description: URL): string[] {
  const base = new URL("offline/", import.meta.url);
  const imports = {
    ...Object.fromEntries(
      Object.entries(standIns.imports)
        .map(([name, target]) => [name, new URL(target, base)]),
    ),
    [`${new URL("deno.json", ROOT)}`]: description,
  };
  const map = encodeURIComponent(JSON.stringify({ imports }));
  return ["--no-lock", `--import-map=data:application/json,${map}`];
}

/** @throws {Error} when the command fails */
async function run(command: string, ...args: string[]) {
  const { success, stderr } = await new Deno.Command(command, {
    args,
    cwd: ROOT,
    stdin: "null",
  }).output();
  if (success) return;
  throw new Error(
    `Cannot run ${command} ${args[0]}: ${new TextDecoder().decode(stderr)}`,
  );
}

/** Packs as the command line says, or throws what is wrong. */
async function main([option, ...others]: string[]): Promise<string> {
  const usesStandIns = option === "--stand-ins";
  if (others.length > 0 || (option !== undefined && !usesStandIns)) {
    throw new Error(
      `Cannot use ${JSON.stringify(Deno.args)}: expected --stand-ins`,
    );
  }
  const outage = usesStandIns ? undefined : await findOutage(["main.ts"]);
  if (outage !== undefined) {
    throw new Error(
      `Cannot get the @std packages, and only "deno task pack --stand-ins" does without: ${outage}`,
    );
  }
  return await pack({
    folder: new URL("dist/npm/", ROOT),
    usesStandIns,
    repository: Deno.env.get("GITHUB_REPOSITORY"),
  });
}

if (import.meta.main) {
  try {
    console.log(await main(Deno.args));
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
