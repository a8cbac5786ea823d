import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inheritedFlags } from "../.ci/offline/flags.ts";
import project from "../deno.json" with { type: "json" };
import { Client } from "./support/client.ts";
import { run, ServiceProcess } from "./support/process.ts";

/** What the task gives to `deno compile`: permissions, files, entry point. */
function compileWords(output: string): string[] {
  const [, words] = /deno compile \$STAND_INS \$COMPILE_FLAGS (.*)$/.exec(
    project.tasks.compile.command,
  ) ?? [];
  assert(words !== undefined, "the task has another form");
  return words.replace("dist/wsecho", output).split(" ");
}

async function compile(output: string, env: Record<string, string> = {}) {
  const command = [Deno.execPath(), "compile", ...inheritedFlags()];
  return await run({ command, args: compileWords(output), env });
}

Deno.test("deno task compile makes one binary that serves from everywhere", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const binary = `${directory}/wsecho`;
    const { code, stderr } = await compile(binary);
    if (code === 0) {
      await using service = await ServiceProcess.start({
        command: [binary],
        cwd: directory,
      });
      await using client = await Client.open(`ws://127.0.0.1:${service.port}`);
      assertEquals(await client.ask("compiled"), "compiled");
      const page = await fetch(`http://127.0.0.1:${service.port}/`);
      assertEquals(
        await page.text(),
        await Deno.readTextFile(
          new URL("../static/index.html", import.meta.url),
        ),
      );
      return;
    }

    // Without the base binary, another one in its place shows what would be
    // embedded, but what it builds is not the service.
    assertStringIncludes(stderr, "denort");
    console.log("The base binary cannot be had: checking the embedded files");
    const list = await compile(binary, { DENORT_BIN: Deno.execPath() });
    assertEquals(list.code, 0, list.stderr);
    const embedded = list.stdout + list.stderr;
    for (const name of ["main.ts", "worker.ts", "connection.ts", "static/*"]) {
      assertStringIncludes(embedded, name);
    }
    for (const name of ["playwright", "axe", "fast-check", "_test.ts"]) {
      assert(!embedded.includes(name), `${name} is embedded`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
