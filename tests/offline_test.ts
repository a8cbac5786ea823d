import { assertEquals, assertMatch } from "@std/assert";
import { inheritedFlags } from "../.ci/offline/flags.ts";
import config from "../deno.json" with { type: "json" };
import importMap from "../.ci/offline/import_map.json" with { type: "json" };

const FLAGS = "--no-lock --import-map .ci/offline/import_map.json\n";
const PACKAGE_SOURCE = "export const join = (a: string, b: string) => a + b;";

/** A registry on this machine that has one package, or is out of order. */
async function startRegistry(inOrder: boolean) {
  const source = new TextEncoder().encode(PACKAGE_SOURCE);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", source));
  const files: Record<string, string> = {
    "/@std/path/meta.json": JSON.stringify({ versions: { "1.1.4": {} } }),
    "/@std/path/1.1.4_meta.json": JSON.stringify({
      exports: { ".": "./mod.ts" },
      manifest: {
        "/mod.ts": {
          size: source.length,
          checksum: `sha256-${digest.toHex()}`,
        },
      },
    }),
    "/@std/path/1.1.4/mod.ts": PACKAGE_SOURCE,
  };
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (req) => {
      const file = files[new URL(req.url).pathname];
      return inOrder && file
        ? new Response(file)
        : new Response(null, { status: 500 });
    },
  );
}

/** Runs flags.ts on an entry point of this source. */
async function runFlags(source: string, registryInOrder: boolean) {
  const folder = await Deno.makeTempDir({ prefix: "wsecho_" });
  await using registry = await startRegistry(registryInOrder);
  try {
    await Deno.writeTextFile(`${folder}/main.ts`, source);
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ imports: config.imports }),
    );
    const flags = new URL("../.ci/offline/flags.ts", import.meta.url);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-run", flags.pathname, "main.ts"],
      cwd: folder,
      env: {
        DENO_DIR: `${folder}/cache`,
        JSR_URL: `http://127.0.0.1:${registry.addr.port}/`,
      },
    }).output();
    const decoder = new TextDecoder();
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SILENCE = { code: 0, stdout: "", stderr: "" };
const IMPORT = 'import { join } from "@std/path";';

Deno.test("flags.ts prints nothing where the packages can be had", async () => {
  assertEquals(await runFlags(IMPORT, true), SILENCE);
});

Deno.test("flags.ts prints nothing where no package is needed", async () => {
  assertEquals(await runFlags("console.log(1);", false), SILENCE);
});

Deno.test("flags.ts prints flags and one line where they cannot", async () => {
  const { code, stdout, stderr } = await runFlags(IMPORT, false);
  assertEquals(code, 0);
  assertEquals(stdout, FLAGS);
  assertMatch(stderr, /^WARNING: Using the stand-ins .*@std\/path.*\n$/);
});

Deno.test("flags.ts does not take a mistake for a missing package", async () => {
  for (
    const source of ['import "./missing.ts";', "let x = = 1;", 'import "@x/y";']
  ) {
    assertEquals(await runFlags(source, true), SILENCE, source);
    assertEquals(await runFlags(source, false), SILENCE, source);
    assertEquals(await runFlags(IMPORT + source, true), SILENCE, source);
  }
});

Deno.test("inheritedFlags() give a child what this process uses", async () => {
  const folder = await Deno.makeTempDir({ prefix: "wsecho_" });
  try {
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `${IMPORT} console.log(join("a", "b"), import.meta.resolve("@std/path"));`,
    );
    const config = new URL("../deno.json", import.meta.url).pathname;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--config", config, ...inheritedFlags(), "main.ts"],
      cwd: folder,
    }).output();
    const hasStandIn = inheritedFlags().length > 0;
    assertMatch(
      new TextDecoder().decode(stdout),
      hasStandIn ? /^a\/b file:.*\/path\.ts\n$/ : /^a\/b (jsr|https?):/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("import_map.json has all that deno.json imports", () => {
  const isNpm = ([, target]: [string, string]) => target.startsWith("npm:");
  const npmOf = (imports: Record<string, string>) =>
    Object.fromEntries(Object.entries(imports).filter(isNpm));
  assertEquals(npmOf(importMap.imports), npmOf(config.imports));

  const names = Object.keys(importMap.imports)
    .map((name) => name.split("/").slice(0, name.startsWith("@") ? 2 : 1))
    .map((parts) => parts.join("/"));
  assertEquals([...new Set(names)].sort(), Object.keys(config.imports).sort());
});
