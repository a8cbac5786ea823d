import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inheritedFlags } from "../.ci/offline/flags.ts";
import { pack } from "../.ci/pack.ts";
import project from "../deno.json" with { type: "json" };
import { ENDPOINT_NAMES } from "../handlers/endpoints.ts";
import { Client } from "./support/client.ts";
import { run, ServiceProcess } from "./support/process.ts";

const usesStandIns = inheritedFlags().length > 0;
const VERSION = project.version + (usesStandIns ? "-stand-ins" : "");
const README = Deno.readTextFileSync(new URL("../README.md", import.meta.url));

/** Runs a command to its end; returns its standard output. */
async function execute(cwd: string, ...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await run({ command, cwd });
  assertEquals(code, 0, stdout + stderr);
  return stdout;
}

/** Uses a service by a command. SIGKILL would leave the server behind. */
async function serve(
  command: string[],
  cwd: string,
  use: (service: ServiceProcess, client: Client) => Promise<void>,
) {
  const service = await ServiceProcess.start({ command, cwd });
  try {
    await use(
      service,
      await Client.open(`ws://127.0.0.1:${service.port}`),
    );
  } finally {
    await service.stop();
  }
}

/** The test of a client that the README shows. */
function readExample(): string {
  const [, section] = README.split("\n## In Node's tests\n");
  return /```js\n(.*?)```/s.exec(section!)![1]!;
}

const TYPES = `
import { startWsecho } from "wsecho";
await using server = await startWsecho({ args: ["--prefix", "x"] });
server.port.toFixed();
${ENDPOINT_NAMES.map((name) => `server.url("${name}");`).join("\n")}
// @ts-expect-error: There is no such endpoint.
server.url("x");
`;

/** Prints the URL of a server, which it leaves to its fate. */
const PROGRAM = `
const { startWsecho } = require("wsecho");
startWsecho().then((server) => console.log(server.url("echo")));
`;

const FAILURES = `
import assert from "node:assert";
import { startWsecho } from "wsecho";
await assert.rejects(startWsecho({ args: ["--x"] }), {
  message: "Cannot start the service: wsecho: Cannot use --x: there is no such option, see --help",
});
await assert.rejects(startWsecho({ args: ["--version"] }), {
  message: "Cannot start the service: exit code 0",
});
const server = await startWsecho({ args: ["--no-watch"] });
assert.throws(() => server.url("watch"), RangeError);
await server.stop();
await server.stop();
`;

// On Windows, what npm installs are scripts for its shell.
const ignore = Deno.build.os === "windows" ||
  !Deno.env.get("PATH")?.split(":").some((path) => existsSync(`${path}/npm`));
if (ignore) console.log("No npm: skipping the tests of its package");

Deno.test("deno task pack makes an npm package", { ignore }, async (t) => {
  const cwd = await Deno.makeTempDir();
  const bin = `${cwd}/node_modules/.bin/wsecho`;
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${cwd}/${name}`, text);
  try {
    const folder = pathToFileURL(`${cwd}/packed/`);
    const repository = "owner/name";
    const file = await pack({ folder, usesStandIns, repository });
    assertEquals(file, `${cwd}/packed/wsecho-${VERSION}.tgz`);
    await write("package.json", '{ "private": true }');
    const install = ["npm", "install", "--prefer-offline", "--no-audit"];
    await execute(cwd, ...install, file, "ws@8");
    await Deno.remove(folder, { recursive: true });

    await t.step("which names its repository", async () => {
      const text = await Deno.readTextFile(
        `${cwd}/node_modules/wsecho/package.json`,
      );
      const url = "git+https://github.com/owner/name.git";
      assertEquals(JSON.parse(text).repository, { type: "git", url });
    });

    await t.step("whose command passes arguments and exit codes", async () => {
      assertEquals(await execute(cwd, bin, "--version"), `wsecho ${VERSION}\n`);
      const { code, stderr } = await run({ command: [bin], args: ["--x"] });
      assertEquals(code, 2);
      assertStringIncludes(stderr, "Cannot use --x");
    });

    await t.step("whose command serves, and passes signals", async () => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        await serve([bin, "--workers", "2"], cwd, async (service, client) => {
          assertEquals(await client.ask("packed"), "packed");
          const page = await fetch(`http://127.0.0.1:${service.port}/`);
          assertStringIncludes(await page.text(), "<!doctype html>");
          assertEquals(await service.stop(signal), 0);
          assertEquals((await client.closed).code, 1001);
          assertEquals(service.errorLines, []);
        });
      }
    });

    await t.step("whose server ends with npx", async () => {
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        await serve(["npx", "wsecho"], cwd, async (service, client) => {
          service.signal(signal);
          assertEquals((await client.closed).code, 1001);
        });
      }
    });

    await t.step("which Node's tests import", async () => {
      await write("example_test.mjs", readExample());
      await execute(cwd, "node", "--test", "example_test.mjs");
      await write("failures.mjs", FAILURES);
      await execute(cwd, "node", "failures.mjs");
      await write("types.ts", TYPES);
      await execute(cwd, Deno.execPath(), "check", "--no-lock", "types.ts");
    });

    await t.step("whose server ends with the test", async () => {
      await write("program.cjs", PROGRAM);
      const program = new Deno.Command("node", {
        args: ["program.cjs"],
        cwd,
        stdout: "piped",
      }).spawn();
      const reader = program.stdout.pipeThrough(new TextDecoderStream())
        .getReader();
      const { value } = await reader.read();
      const client = await Client.open(value!.trim());
      program.kill("SIGKILL");
      assertEquals((await client.closed).code, 1001);
      await program.status;
      await reader.cancel();
    });
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

Deno.test("deno task pack takes no stand-ins unasked", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const env = { JSR_URL: `http://127.0.0.1:${listener.addr.port}/` };
  listener.close();
  const command = [Deno.execPath(), "task", "-q", "pack"];
  const { code, stdout, stderr } = await run({ command, env });
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^error: Cannot get the @std packages, .* --stand-ins/);
});
