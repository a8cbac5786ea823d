import { assertEquals, assertStringIncludes } from "@std/assert";
import { ENDPOINT_NAMES, ENDPOINTS } from "../handlers/endpoints.ts";
import {
  type Parameter,
  PARAMETERS,
} from "../handlers/websocket/parameters.ts";
import { run } from "./support/process.ts";

const ROOT = new URL("../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", ROOT));

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
