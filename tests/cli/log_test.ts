import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  createLog,
  formatError,
  formatJson,
  formatText,
} from "../../handlers/cli/log.ts";
import type { LogEntry } from "../../main.ts";

const STAMP = "2026-01-02T03:04:05.678Z";
const TIME = new Date(STAMP);

/** Values from clients that try to leave their line, or to deceive a reader. */
const HOSTILE: Record<string, [value: string, escaped: string]> = {
  "line breaks": ["a\r\n2026-01-01 open", '"a\\r\\n2026-01-01 open"'],
  "the next line control": ["a\x85b", '"a\\u0085b"'],
  "the line separator": ["a\u2028b", '"a\\u2028b"'],
  "the paragraph separator": ["a\u2029b", '"a\\u2029b"'],
  "a terminal's escape": ["\x1b[2J", '"\\u001b[2J"'],
  "a terminal's escape in one byte": ["\x9b2J", '"\\u009b2J"'],
  "the delete control": ["a\x7f", '"a\\u007f"'],
  "a right-to-left override": ["a\u202eb", '"a\\u202eb"'],
  "a right-to-left isolate": ["a\u2067b", '"a\\u2067b"'],
  "an invisible space": ["a\u200bb", '"a\\u200bb"'],
  "a tag beyond the first plane": ["a\u{e0041}", '"a\\udb40\\udc41"'],
  "half of a surrogate pair": ["a\ud800", '"a\\ud800"'],
  "a quote and a backslash": ['"\\', '"\\"\\\\"'],
};

for (const [name, [reason, escaped]] of Object.entries(HOSTILE)) {
  Deno.test(`formatText() and formatJson() escape ${name}`, () => {
    const entry = { event: "close", reason, id: 1 };
    const line = `${STAMP} close reason=${escaped} id=1`;
    assertEquals(formatText(entry, TIME), line);
    const json =
      `{"time":"${STAMP}","event":"close","reason":${escaped},"id":1}`;
    assertEquals(formatJson(entry, TIME), json);
    assertEquals(JSON.parse(json).reason, reason);
  });
}

/** Values, and how the text format shows them. */
const SHOWN: [value: LogEntry[string], text: string][] = [
  [undefined, "-"],
  ["-", '"-"'],
  ["", '""'],
  [0, "0"],
  [-1.5, "-1.5"],
  ["/echo", "/echo"],
  ["[::1]:8080", "[::1]:8080"],
  ["http://localhost:3000", "http://localhost:3000"],
  ["two words", '"two words"'],
  ["code=1000", '"code=1000"'],
  ["文字 😀", '"文字 😀"'],
];

Deno.test("formatText() quotes what is not a plain word, formatJson() keeps it", () => {
  for (const [value, text] of SHOWN) {
    const entry = { event: "open", field: value, last: 1 };
    const line = `${STAMP} open field=${text} last=1`;
    assertEquals(formatText(entry, TIME), line);
    const { field } = JSON.parse(formatJson(entry, TIME));
    assertEquals(field, value ?? null);
  }
});

Deno.test("formatError() indents the stack and escapes each line", () => {
  const error = new Error("x");
  error.stack =
    "Error: a\u202e\x1b[2J\n2026 open id=7\r\n    at f (a.ts:1:2)\r2026 close";
  assertEquals(
    formatError(error, TIME).split("\n"),
    [
      `${STAMP} error Error: a\\u202e\\u001b[2J`,
      "    2026 open id=7",
      "        at f (a.ts:1:2)",
      "    2026 close",
    ],
  );
});

Deno.test("formatError() shows any value that was thrown", () => {
  const text = formatError(new RangeError("out of range"), TIME);
  assertMatch(text, /^\S+ error RangeError: out.*\n {8}at .*log_test\.ts/);
  const bare = new TypeError("bare");
  delete bare.stack;
  const shown: [thrown: unknown, text: string][] = [
    [bare, "TypeError: bare"],
    ["oops\nopen", "oops\n    open"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [Object.create(null), "[Object: null prototype] {}"],
  ];
  for (const [thrown, text] of shown) {
    assertEquals(formatError(thrown, TIME), `${STAMP} error ${text}`);
  }
});

Deno.test("createLog() writes entries in its format, with the time", () => {
  const entry = { event: "open", id: 1, path: "/a b" };
  const formats = [
    ["text", formatText],
    ["json", formatJson],
    ["off", undefined],
  ] as const;
  for (const [format, formatEntry] of formats) {
    for (const verbose of [false, true]) {
      const lines: string[] = [];
      const log = createLog({ format, verbose }, (line) => lines.push(line));
      const before = Date.now();
      log.write(entry);
      assertEquals(log.verbose, verbose && formatEntry !== undefined);
      const time = new Date(/\d{4}-[^ "]+/.exec(`${lines[0]}`)?.[0] ?? before);
      assertEquals(lines, formatEntry ? [formatEntry(entry, time)] : []);
      assert(before <= +time && +time <= Date.now(), lines[0]);
    }
  }
});
