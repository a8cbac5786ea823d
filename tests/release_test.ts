import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { archiveName, buildArchives } from "../.ci/release/binaries.ts";
import { parseTargets, TARGETS } from "../.ci/release/binaries.ts";
import { releaseNotes } from "../.ci/release/notes.ts";
import project from "../deno.json" with { type: "json" };
import { run } from "./support/process.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-21

### Added

- Something.

## [1.1.0] - 2026-10-01

## [1.0.0]

- Anything.
`;

Deno.test("releaseNotes() gives the changelog's section of the tag", () => {
  const notes = releaseNotes("v1.2.0", "1.2.0", CHANGELOG);
  assertEquals(notes, "### Added\n\n- Something.");
});

/** The tag, the version of deno.json, and what is wrong. */
const WRONG: [tag: string, version: string, reason: string][] = [
  ["v1.2.0", "1.2.1", 'deno.json has the version 1.2.1, expected "v1.2.1"'],
  ["1.2.0", "1.2.0", 'deno.json has the version 1.2.0, expected "v1.2.0"'],
  ["v1.2", "1.2", 'the changelog has no section "## [1.2] - DATE"'],
  ["v1.1.0", "1.1.0", "the changelog says nothing of 1.1.0"],
  ["v1.0.0", "1.0.0", `the changelog's section "[1.0.0]" has no date`],
];

for (const [tag, version, reason] of WRONG) {
  Deno.test(`releaseNotes() refuses ${tag} when ${reason}`, () => {
    assertEquals(
      assertThrows(() => releaseNotes(tag, version, CHANGELOG), Error).message,
      `Cannot release the tag "${tag}": ${reason}`,
    );
  });
}

const runTask = (...args: string[]) =>
  run({ command: [Deno.execPath(), "task", "--quiet", ...args] });

Deno.test("deno task release:notes and release:binaries exit 1 for a wrong argument", async () => {
  const notes = await runTask("release:notes", "v0.0.0");
  assertEquals([notes.code, notes.stdout], [1, ""]);
  assertMatch(notes.stderr, /^error: Cannot release the tag "v0\.0\.0": /);
  const binaries = await runTask("release:binaries", "x86_64-linux");
  assertEquals([binaries.code, binaries.stdout], [1, ""]);
  assertMatch(binaries.stderr, /^error: Cannot build for "x86_64-linux": /);
});

Deno.test("parseTargets() gives all targets, or those that are named", () => {
  assertEquals(parseTargets([]), TARGETS);
  assertEquals(parseTargets([TARGETS[4], TARGETS[1]]), [
    TARGETS[4],
    TARGETS[1],
  ]);
});

/** The output of a command in a folder. */
async function output(cwd: string, ...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await run({ command, cwd });
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

Deno.test({
  name: "buildArchives() packs each target's binary, with checksums",
  // A release is built on Linux.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "wsecho_" });
    try {
      await buildArchives(`${folder}/release`, TARGETS, async (target) => {
        const name = target.includes("windows") ? "wsecho.exe" : "wsecho";
        await Deno.writeTextFile(`${folder}/${name}`, target, { mode: 0o755 });
        return `${folder}/${name}`;
      });
      const sums = await output(
        `${folder}/release`,
        ..."sha256sum --check --strict SHA256SUMS".split(" "),
      );
      const names = TARGETS.map(archiveName);
      assertEquals(sums, names.map((name) => `${name}: OK\n`).join(""));
      for (const target of TARGETS) {
        const path = `release/${archiveName(target)}`;
        assertMatch(
          path,
          new RegExp(`/wsecho-${project.version}-${target}\\.`),
        );
        const isZip = path.endsWith(".zip");
        const [list, binary, show] = isZip
          ? ["zipinfo -1", "wsecho.exe", "unzip -p"]
          : ["tar -tf", "wsecho", "tar -xOf"];
        assertEquals(
          await output(folder, ...list!.split(" "), path),
          `${binary}\nREADME.md\nLICENSE\n`,
        );
        assertEquals(
          await output(folder, ...show!.split(" "), path, binary!),
          target,
        );
      }
      assertMatch(
        await output(folder, "tar", "-tvf", `release/${names[0]}`),
        /^-rwxr-xr-x .* wsecho\n/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
