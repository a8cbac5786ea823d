import { assertEquals, assertMatch } from "@std/assert";
import {
  formatHelp,
  type OptionSpec,
  optionSpecs,
} from "../handlers/option_specs.ts";

const ENDPOINTS = [
  { name: "echo", paths: ["/", "/echo"] },
  { name: "reverse", paths: ["/reverse"] },
];

Deno.test("optionSpecs() has an option for every endpoint", () => {
  const specs = optionSpecs(ENDPOINTS);
  const pick = (name: string) => specs.filter((spec) => spec.name === name);
  assertEquals(
    ENDPOINTS.map(({ name }) =>
      pick(name).map((spec) => [spec.value, spec.multiple, spec.default])
    ),
    [[["PATH", true, "/, /echo"]], [["PATH", true, "/reverse"]]],
  );
  assertEquals(pick("uppercase"), []);
});

Deno.test("optionSpecs() has every option once, and defaults with values only", () => {
  const specs = optionSpecs(ENDPOINTS);
  const names = specs.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { name, value, default: fallback, multiple, help } of specs) {
    assertMatch(name, /^[a-z]+(-[a-z]+)*$/);
    assertMatch(help, /^[a-z].*[^.]$/);
    if (value !== undefined) continue;
    assertEquals([fallback, multiple], [undefined, undefined], name);
  }
});

Deno.test("formatHelp() shows options in a table", () => {
  const specs: OptionSpec[] = [
    { name: "port", value: "PORT", default: "8080", help: "port to use" },
    { name: "header", value: "LINE", multiple: true, help: "header to add" },
    { name: "help", help: "show this help" },
  ];
  const lines = formatHelp(specs).split("\n");
  assertEquals(lines.filter((line) => line.startsWith("  ")), [
    "  --port PORT        port to use [8080]",
    "  --header LINE ...  header to add",
    "  --help             show this help",
  ]);
  assertEquals(lines.includes("Usage: wsecho [OPTION]..."), true);
});

Deno.test("formatHelp() shows every option", () => {
  const specs = optionSpecs(ENDPOINTS);
  const shown = formatHelp(specs).matchAll(/^ {2}--(\S+)/gm);
  assertEquals(
    Array.from(shown, ([, name]) => name),
    specs.map(({ name }) => name),
  );
});
