/** The package as others get it: published, run, installed and imported. */

import { cpSync } from "node:fs";
import { delimiter, dirname, relative } from "node:path";
import { assertEquals, assertMatch } from "@std/assert";
import { inheritedFlags } from "../.ci/offline/flags.ts";
import project from "../deno.json" with { type: "json" };
import { Client } from "./support/client.ts";
import { run, ServiceProcess, type SpawnOptions } from "./support/process.ts";
import { listFiles, Registry } from "./support/registry.ts";

const ROOT = dirname(import.meta.dirname!);
const README = Deno.readTextFileSync(`${ROOT}/README.md`);

/** The commands of the README that begin with some words, word by word. */
function documented(start: string): string[][] {
  const lines = README.split("\n").filter((line) => line.startsWith(start));
  return lines.map((line) => [Deno.execPath(), ...line.split(" ").slice(1)]);
}

/**
 * Publishes this package. `deno publish` would hold the registry's stand-in for
 * `@std/path` against the lock file, whatever the flags: it runs in a copy.
 *
 * @returns the copy's folder
 */
async function publish({ cwd, env }: Registry): Promise<string> {
  const copy = `${cwd}/copy`;
  const left = [".git", "deno.lock", "dist", "node_modules"];
  cpSync(ROOT, copy, {
    recursive: true,
    filter: (path) => !left.includes(relative(ROOT, path)),
  });
  const flags = ["--no-provenance", "--token", "x"];
  const { code, stdout, stderr } = await run({
    command: [Deno.execPath(), "publish", ...flags],
    env,
    cwd: copy,
  });
  assertEquals(code, 0, stdout + stderr);
  // The page's files are known when they are imported.
  assertEquals(
    stderr.match(/(?<=^warning\[).*(?=\])/gm),
    ["unanalyzable-dynamic-import"],
    stderr,
  );
  return copy;
}

/** Starts the service, and asks it for a reply and for its page. */
async function tryService(options: SpawnOptions) {
  await using service = await ServiceProcess.start(options);
  await tryUrl(`127.0.0.1:${service.port}`);
  assertEquals(await service.stop(), 0);
  assertEquals(service.errorLines.filter((line) => /rror/.test(line)), []);
}

async function tryUrl(host: string) {
  await using client = await Client.open(`ws://${host}`);
  assertEquals(await client.ask("from afar"), "from afar");
  for (const name of listFiles(`${ROOT}/static`)) {
    const response = await fetch(`http://${host}/${name}`);
    const expected = await Deno.readFile(`${ROOT}/static/${name}`);
    assertEquals(await response.bytes(), expected, name);
  }
}

Deno.test("what the package exports is documented, with its types", async () => {
  const command = [Deno.execPath(), "doc", "--lint", ...inheritedFlags()];
  const { code, stderr } = await run({ command, args: ["main.ts"] });
  assertEquals(code, 0, stderr);
});

Deno.test("the package runs from a registry", async (test) => {
  await using registry = new Registry();
  const copy = await publish(registry);
  const { env, cwd } = registry;
  const [start] = documented("deno run --unstable-net");
  const withFlags = (flags: string[]) =>
    start!.toSpliced(2, 1, "--quiet", "--no-prompt", ...flags);
  const shared = withFlags(["--unstable-net"]);
  const alone = withFlags([]);

  await test.step("it has what it needs, and nothing else", () => {
    const folders = ["handlers", "static"];
    const files = ["LICENSE", "README.md", "deno.json", "main.ts"];
    const expected = folders.flatMap((folder) =>
      listFiles(`${ROOT}/${folder}`).map((name) => `${folder}/${name}`)
    );
    const path = `${project.name}/${project.version}`;
    assertEquals(
      listFiles(registry.folderOf(path)),
      [...files, ...expected].sort(),
    );
  });

  await test.step("deno run serves the page, with several workers", () =>
    tryService({ command: shared, args: ["--workers", "2"], env, cwd }));

  await test.step("without --unstable-net, one worker serves", async () => {
    await tryService({ command: alone, env, cwd });
    const args = ["--workers", "2"];
    const { code, stderr } = await run({ command: alone, args, env, cwd });
    assertEquals(code, 2);
    assertMatch(
      stderr,
      /^wsecho: Cannot use --workers "2": .* --unstable-net\n$/,
    );
  });

  await test.step("a program imports it", async () => {
    const program = `
      import { startService } from "jsr:${project.name}";
      await using service = startService({ port: 0 });
      console.log(service.urls.page);
      await new Promise((resolve) => Deno.addSignalListener("SIGTERM", resolve));
      Deno.exit();
    `;
    await Deno.writeTextFile(`${cwd}/program.ts`, program);
    const flags = ["--quiet", "--no-prompt", "--allow-net"];
    const command = [Deno.execPath(), "run", ...flags, "program.ts"];
    await tryService({ command, env, cwd });
  });

  await test.step("deno install makes a command of it, and of a clone", async () => {
    const commands = documented("deno install");
    assertEquals(commands.map((words) => words.at(-1)), [
      `jsr:${project.name}`,
      "main.ts",
    ]);
    const PATH = dirname(Deno.execPath()) + delimiter + Deno.env.get("PATH");
    for (const [place, [deno, install, ...words]] of commands.entries()) {
      const root = `${cwd}/root${place}`;
      const { code, stderr } = await run({
        command: [deno!, install!, "--root", root, ...words],
        env,
        cwd: copy,
      });
      assertEquals(code, 0, stderr);
      const command = [`${root}/bin/wsecho`];
      await tryService({ command, env: { ...env, PATH }, cwd });
    }
  });

  await test.step("once it has run, it needs no registry", async () => {
    await registry.stop();
    await tryService({ command: shared, args: ["--workers", "2"], env, cwd });
  });
});
