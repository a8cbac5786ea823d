import { assert, assertEquals } from "@std/assert";
import { run } from "./support/process.ts";

const README = await Deno.readTextFile(
  new URL("../README.md", import.meta.url),
);

/** The rows of the table below a heading, cell by cell. */
function tableBelow(heading: string): string[][] {
  const section = README.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    // A bar within a cell is escaped.
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) =>
      cell.trim().replaceAll("\\|", "|").replace(/^`(.*)`$/, "$1")
    )
  );
}

Deno.test("README.md has the options of --help", async () => {
  const { stdout } = await run({ args: ["--help"] });
  const options = Array.from(
    stdout.matchAll(/^ {2}(--.*?) {2,}(.*?)(?: \[(.*)\])?$/gm),
    ([, usage, meaning, value]) => [usage, meaning, value ?? ""],
  );
  assert(options.length > 20);
  assertEquals(tableBelow("Options"), options);
});

Deno.test("README.md names files that are there", async () => {
  const table = README.split("\n## Files\n")[1]!;
  const names = table.match(/`[\w./]+\.ts`/g)!.map((name) => name.slice(1, -1));
  assert(names.length > 15);
  for (const name of names) {
    const path = name.includes("/") || name === "main.ts"
      ? name
      : `handlers/${name}`;
    await Deno.stat(new URL(`../${path}`, import.meta.url));
  }
  const described = new Set(names.map((name) => name.split("/").at(-1)));
  for await (
    const { name } of Deno.readDir(new URL("../handlers", import.meta.url))
  ) {
    assert(described.has(name), `README.md does not describe ${name}`);
  }
});
