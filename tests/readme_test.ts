import { assertEquals, assertStringIncludes } from "@std/assert";
import { ENDPOINT_NAMES, ENDPOINTS } from "../handlers/endpoints.ts";
import {
  type Parameter,
  PARAMETERS,
} from "../handlers/websocket/parameters.ts";
import { run } from "./support/process.ts";

const ROOT = new URL("../", import.meta.url);
const ENGLISH = "README.md";
const CHINESE = ".github/README.zh.md";
const README = await Deno.readTextFile(new URL(ENGLISH, ROOT));

/** The rows of a section's table, cell by cell. */
function rowsOf(section: string): string[][] {
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    // A bar within a cell is escaped.
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) =>
      cell.trim().replaceAll("\\|", "|")
    )
  );
}

/** The rows of the table below a heading, cell by cell, code as its text. */
function tableBelow(heading: string): string[][] {
  const section = README.split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
  return rowsOf(section).map((row) =>
    row.map((cell) => cell.replace(/^`(.*)`$/, "$1"))
  );
}

/** Reads a README: its code blocks, and its sections without them. */
async function readParts(path: string) {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const blocks = text.match(/^```[^]*?^```$/gm)!;
  const prose = blocks.reduce((rest, block) => rest.replace(block, ""), text);
  const sections = prose.split(/^(?=#)/m).filter((part) => part[0] === "#");
  return { text, blocks, sections };
}

/** What a text says in every language: code, options, numbers, and links. */
function factsOf(text: string, path: string): string[] {
  const facts = text.matchAll(
    /(?:\]\(|src(?:set)?=")([^)"]+)|`[^`]+`|--[a-z-]+|\d+(?:[.,]\d+)*[a-z%]*/gi,
  );
  const said = Array.from(facts, ([fact, link]) => {
    // Code may be wrapped.
    if (link === undefined) return fact.replaceAll("\n", " ");
    const url = new URL(link, new URL(path, ROOT));
    url.hash = "";
    return url.href.replace(ROOT.href, "");
  });
  // They link to each other, and each to its own sections.
  const own = [ENGLISH, CHINESE];
  return [...new Set(said)].filter((fact) => !own.includes(fact)).sort();
}

/** A parameter's range, as the README writes it. */
function formatRange(row: Parameter): string {
  const count = (number: number) => number.toLocaleString("en");
  switch (row.kind) {
    case "integer":
      return `${count(row.min)} to ${count(row.max)}`;
    case "text":
      return row.expected ??
        `up to ${count(row.max)} ${
          row.unit === "bytes" ? "bytes of UTF-8" : row.unit
        }`;
    case "code":
      return row.ranges.map(([min, max]) => `${min}-${max}`).join(", ")
        .replace(/, (?=[^,]*$)/, " and ");
    case "flag":
      return "0 or 1";
  }
}

Deno.test("README.md has the options of --help, which is a table", async () => {
  const { stdout } = await run({ args: ["--help"] });
  assertStringIncludes(stdout, "\nUsage: wsecho [OPTION]...\n");
  const rows = [
    ...stdout.matchAll(/^( {2}(--.*?) {2,})(.*?)(?: \[(.*)\])?$/gm),
  ];
  assertEquals(new Set(rows.map(([, column]) => column!.length)).size, 1);
  const options = rows.map(([, , usage, meaning, value]) => [
    usage,
    meaning,
    value ?? "",
  ]);
  assertEquals(tableBelow("Options"), options);
});

Deno.test("README.md has the parameters of the table, with their ranges", () => {
  assertEquals(
    tableBelow("Parameters").map(([usage, , range]) => [
      usage!.split("=")[0],
      range,
    ]),
    PARAMETERS.map((row) => [row.name, formatRange(row)]),
  );
});

Deno.test("README.md has the paths of all endpoints", () => {
  const rows = tableBelow("Endpoints").slice(0, -1);
  assertEquals(
    rows.map(([paths]) => paths!.replaceAll("`", "").split(", ")),
    ENDPOINT_NAMES.map((name) => [...ENDPOINTS[name].paths]),
  );
});

Deno.test("README.md maps every file of the handlers, and no other", async () => {
  const mapped = tableBelow("Map").flatMap(([place, text]) => {
    const folder = place!.endsWith("/") ? place! : "";
    const files = text!.matchAll(/`([\w./]+\.ts)`/g);
    return Array.from(files, ([, file]) => `${folder}${file}`);
  });
  const found: string[] = [];
  for (
    const folder of ["", "websocket/", "watch/", "server/", "cli/", "workers/"]
  ) {
    for await (
      const { name, isFile } of Deno.readDir(
        new URL(`handlers/${folder}`, ROOT),
      )
    ) if (isFile) found.push(`handlers/${folder}${name}`);
  }
  assertEquals(mapped.sort(), found.sort());
});

Deno.test("README.zh.md says what README.md says", async () => {
  const english = await readParts(ENGLISH);
  const chinese = await readParts(CHINESE);
  const withoutComments = (block: string) =>
    block.replace(/^\s*(#|\/\/|\/\*).*\n/gm, "");
  assertEquals(
    chinese.blocks.map(withoutComments),
    english.blocks.map(withoutComments),
    `The code blocks of ${CHINESE} differ`,
  );
  const levelOf = (section: string) => section.match(/^#+/)![0];
  assertEquals(
    chinese.sections.map(levelOf),
    english.sections.map(levelOf),
    `The headings of ${CHINESE} differ`,
  );
  for (const [n, section] of english.sections.entries()) {
    const translated = chinese.sections[n]!;
    const [heading] = section.split("\n");
    const place = `${CHINESE} differs below "${heading}"`;
    const prose = (text: string) => text.replace(/^\|.*\n/gm, "");
    assertEquals(
      factsOf(prose(translated), CHINESE),
      factsOf(prose(section), ENGLISH),
      place,
    );
    // The map is for contributors: it is linked.
    if (heading === "## Map") continue;
    const rows = rowsOf(section);
    const translatedRows = rowsOf(translated).map((row) =>
      row.map((cell) => factsOf(cell, CHINESE))
    );
    assertEquals(
      translatedRows.map(([facts]) => facts),
      rows.map(([cell]) => factsOf(cell!, ENGLISH)),
      place,
    );
    for (const [n, row] of rows.entries()) {
      assertEquals(
        translatedRows[n],
        row.map((cell) => factsOf(cell, ENGLISH)),
        `${place}, row "${row[0]}"`,
      );
    }
  }
});

Deno.test("README.zh.md has no line break within Chinese text, which would show as a space", async () => {
  const { text } = await readParts(CHINESE);
  assertEquals(text.match(/[^\0-\x7f]\n[^\0-\x7f]/), null);
});
