import { assertEquals, assertMatch } from "@std/assert";
import { findOutage } from "../.ci/offline/flags.ts";
import importMap from "../.ci/offline/import_map.json" with { type: "json" };
import project from "../deno.json" with { type: "json" };
import config from "./deno.json" with { type: "json" };
import { run } from "./support/process.ts";

const read = (path: string) =>
  Deno.readTextFileSync(new URL(path, import.meta.url));
const lock = JSON.parse(read("../deno.lock"));
const EMPTY_SHA256 =
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const PACKAGE = {
  exports: { ".": "./mod.ts" },
  manifest: { "/mod.ts": { size: 0, checksum: `sha256-${EMPTY_SHA256}` } },
};

/** Answers as a registry of empty packages in the versions of the lock file. */
function answer({ url }: Request): Response {
  if (!url.endsWith(".json")) return new Response("");
  const [name] = /@std\/[a-z]+/.exec(url) ?? [];
  const id = Object.keys(lock.jsr).find((id) => id.startsWith(`${name}@`));
  if (id === undefined) return new Response(null, { status: 404 });
  return Response.json({ versions: { [id.split("@")[2]!]: {} }, ...PACKAGE });
}
const fail = () => new Response(null, { status: 500 });

/** A registry, and the place and environment of a process that has no other. */
async function startRegistry(handler: Deno.ServeHandler, tls = {}) {
  const address = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve({ ...address, ...tls }, handler);
  const cwd = await Deno.makeTempDir({ prefix: "wsecho_" });
  const scheme = "key" in tls ? "https" : "http";
  const JSR_URL = `${scheme}://127.0.0.1:${server.addr.port}/`;
  return {
    cwd,
    env: { DENO_DIR: `${cwd}/cache`, JSR_URL },
    close: () => server.shutdown(),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(cwd, { recursive: true });
    },
  };
}

/** What the registry answers, the program, the outage, the program's error. */
type Row = [Deno.ServeHandler, string, RegExp, RegExp?];

const NONE = /^undefined$/;
const IMPORT = 'import "jsr:@std/path@^1.1.4";';
const ROWS: Record<string, Row> = {
  "a registry in order": [answer, IMPORT, NONE],
  "an error status": [fail, IMPORT, /: 500 /, /failed: 500/],
  "no package needed": [fail, "", NONE],
  "an unknown package": [answer, 'import "jsr:@std/x";', NONE, /not found/],
  "an unknown version": [answer, 'import "jsr:@std/path@9";', NONE, /'9'/],
  "a syntax error": [answer, `${IMPORT} let x = = 1`, NONE, /Expression/],
};

for (const [title, [handler, source, outage, error]] of Object.entries(ROWS)) {
  Deno.test(`findOutage() with ${title}`, async () => {
    await using registry = await startRegistry(handler);
    await Deno.writeTextFile(`${registry.cwd}/main.ts`, source);
    assertMatch(`${await findOutage(["main.ts"], registry)}`, outage);
    const command = [Deno.execPath(), "run", "main.ts"];
    const { code, stderr } = await run({ ...registry, command });
    assertEquals(code === 0, error === undefined, stderr);
    assertMatch(stderr, error ?? /^/);
  });
}

const MAIN = [import.meta.resolve("../main.ts")];

Deno.test("findOutage() tells no answer from a bad certificate", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using silent = await startRegistry(() => promise);
  const outage = await findOutage(MAIN, { ...silent, timeoutMs: 300 });
  resolve(new Response());
  assertMatch(`${outage}`, /no answer within 0.3 s/);

  await using forged = await startRegistry(answer, {
    cert: read("testdata/localhost_cert.pem"),
    key: read("testdata/localhost_key.pem"),
  });
  assertEquals(await findOutage(MAIN, forged), undefined);
});

const runTask = (task: string, { env }: { env: Record<string, string> }) =>
  run({ command: [Deno.execPath(), "task", "-q", task, "--version"], env });

Deno.test("deno task reports a wrong integrity value", async () => {
  await using registry = await startRegistry(answer);
  for (const task of ["start", "compile"]) {
    const { code, stdout, stderr } = await runTask(task, registry);
    assertEquals([code, stdout], [10, ""]);
    assertMatch(stderr, /^(Download.*\n)*error: Integrity check failed/);
  }
});

Deno.test("deno task start falls back when unreachable, compile not", async () => {
  await using registry = await startRegistry(answer);
  await registry.close();
  const started = await runTask("start", registry);
  assertEquals([started.code, started.stdout], [0, "wsecho 1.0.0\n"]);
  assertMatch(started.stderr, /^WARNING: .*stand-ins.* tcp connect error.*\n$/);
  const compiled = await runTask("compile", registry);
  assertEquals([compiled.code, compiled.stdout], [1, ""]);
  assertMatch(compiled.stderr, /^error: Cannot get the @std packages.*\n$/);
});

Deno.test("each import is where it is needed", () => {
  // What only the tests need would be fetched by `deno task start` as well.
  assertEquals(Object.keys(project.imports), ["@std/path"]);
  assertEquals("npm" in lock, false);
  assertEquals(
    Object.keys(importMap.imports).sort(),
    Object.keys(config.imports).sort(),
  );
});
