import { assert, assertEquals } from "@std/assert";
import { inheritedFlags } from "../.ci/offline/flags.ts";
import { TARGETS } from "../.ci/release/binaries.ts";
import { parseCommand } from "../handlers/cli/command_line.ts";
import { run } from "./support/process.ts";

const ROOT = new URL("../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));

/** The instructions of the Dockerfile, with their arguments, in order. */
const INSTRUCTIONS = Array.from(
  read(".github/Dockerfile").replace(/\\\n/g, "")
    .matchAll(/^([A-Z]+) +(.*)$/gm),
  ([, name, args]) => [name!, args!] as const,
);

function argumentsOf(name: string): string[] {
  return INSTRUCTIONS.flatMap(([other, args]) => other === name ? args : []);
}

/** Docker's names of processors, and Deno's. */
const PLATFORMS = [["amd64", "x86_64"], ["arm64", "aarch64"]] as const;

Deno.test({
  name: "the Dockerfile copies what its build needs, for both platforms",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "wsecho_" });
    try {
      for (const words of argumentsOf("COPY").map((args) => args.split(" "))) {
        if (words[0]!.startsWith("--from")) continue;
        const target = words.pop();
        const { code, stderr } = await run({
          command: ["cp", "--recursive", ...words, `${folder}/${target}`],
        });
        assertEquals(code, 0, stderr);
      }
      const [script] = argumentsOf("RUN");
      const { code, stdout, stderr } = await run({
        command: ["sh", "-c", script!],
        cwd: folder,
        env: {
          TARGETARCH: "arm64",
          // As in compile_test.ts, another binary stands for the base.
          DENORT_BIN: Deno.execPath(),
          STAND_INS: inheritedFlags().join(" "),
        },
      });
      assertEquals(code, 0, stdout + stderr);
      assert((await Deno.stat(`${folder}/dist/wsecho`)).isFile);

      const show = script!.replace("deno task compile", "env");
      assert(show !== script);
      for (const [TARGETARCH, processor] of PLATFORMS) {
        const command = ["sh", "-c", show];
        const { stdout } = await run({ command, env: { TARGETARCH } });
        const [flags] = stdout.match(/^COMPILE_FLAGS=.*$/m) ?? [];
        const target = `${processor}-unknown-linux-gnu`;
        assert(TARGETS.some((known) => known === target));
        assertEquals(flags, `COMPILE_FLAGS=--target ${target}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the image's health check and the examples have options of the program", () => {
  const parse = (text: string) => parseCommand(JSON.parse(text), () => "");
  const [, program, ...args] = /CMD \[("[^"]*"), (.*)\]/
    .exec(argumentsOf("HEALTHCHECK")[0]!)!;
  assertEquals(argumentsOf("ENTRYPOINT"), [`[${program}]`]);
  assertEquals(parse(`[${args}]`).kind, "check-health");
  const [, compose] = /command: (\[.*\])/.exec(
    read(".github/examples/compose.yaml"),
  )!;
  assertEquals(parse(compose!).kind, "serve");
  const [, kubernetes] = /args: (\[.*\])/.exec(
    read(".github/examples/kubernetes.yaml"),
  )!;
  assertEquals(parse(kubernetes!).kind, "serve");
});
