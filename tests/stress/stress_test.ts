import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { inheritedFlags } from "../../.ci/offline/flags.ts";
import { parseOptions, UsageError } from "./options.ts";
import { Random } from "./random.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const IS_LINUX = Deno.build.os === "linux";

async function runStress(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...inheritedFlags(),
      "--allow-all",
      "tests/stress/main.ts",
      ...args,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

Deno.test({
  name: "stress main() holds all parts, small",
  // Descriptors and memory of the service are read from /proc.
  ignore: !IS_LINUX,
  async fn() {
    const { code, stdout, stderr } = await runStress(
      ...["--count", "200", "--minutes", "0.05"],
    );
    // The seed is there to repeat what failed.
    console.log(stdout.split("\n")[0]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" }, stdout + stderr);
    for (const part of ["handshakes", "frames", "faults", "soak", "all"]) {
      assertStringIncludes(stdout, `\n${part} `);
    }
  },
});

Deno.test("stress main() ends with 2 on wrong usage, 0 on --help", async () => {
  const wrong = await runStress("--only", "nothing");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, 'Cannot use --only "nothing"');
  const help = await runStress("--help");
  assertEquals(help.code, 0);
  assertStringIncludes(help.stdout, "--seed N");
});

Deno.test("parseOptions() reads numbers and parts", () => {
  assertEquals(
    parseOptions([
      ...["--seed", "7", "--count=50", "--minutes", "0.5"],
      ...["--only", "soak", "--only", "frames"],
    ]),
    { seed: 7, count: 50, minutes: 0.5, parts: ["frames", "soak"] },
  );
});

Deno.test("parseOptions() refuses what is out of range", () => {
  for (
    const args of [
      ["--seed", "-1"],
      ["--seed", "4294967296"],
      ["--count", "0"],
      ["--count", "1e3"],
      ["--minutes", "0"],
      ["--minutes", "x"],
      ["--nonsense"],
    ]
  ) {
    let error: unknown;
    try {
      parseOptions(args);
    } catch (thrown) {
      error = thrown;
    }
    assertEquals(error instanceof UsageError, true, args.join(" "));
  }
});

Deno.test("Random gives the same values for the same seed and labels", () => {
  const values = (random: Random) => [
    random.below(1_000_000),
    random.text(5),
    random.bytes(4).toHex(),
  ];
  assertEquals(values(new Random(1, "a", 2)), values(new Random(1, "a", 2)));
  const different = [
    values(new Random(2, "a", 2)),
    values(new Random(1, "b", 2)),
    values(new Random(1, "a", 3)),
  ].map((drawn) => drawn[0]);
  assertEquals(new Set(different).size, 3);
});
