import { assertEquals, assertMatch } from "@std/assert";
import {
  createLog,
  formatError,
  formatJson,
  formatText,
  type LogEntry,
} from "../handlers/log.ts";

const TIME = new Date("2026-01-02T03:04:05.678Z");
const STAMP = "2026-01-02T03:04:05.678Z";

/** Values from clients that try to leave their line, or to deceive a reader. */
const HOSTILE: Record<string, [value: string, text: string]> = {
  "line breaks": [
    "a\r\n2026-01-01T00:00:00.000Z open id=7",
    '"a\\r\\n2026-01-01T00:00:00.000Z open id=7"',
  ],
  "the next line control": ["a\x85b", '"a\\u0085b"'],
  "the line separator": ["a\u2028b", '"a\\u2028b"'],
  "the paragraph separator": ["a\u2029b", '"a\\u2029b"'],
  "a terminal's escape": ["\x1b[2J", '"\\u001b[2J"'],
  "a terminal's escape in one byte": ["\x9b2J", '"\\u009b2J"'],
  "the delete control": ["a\x7f", '"a\\u007f"'],
  "a right-to-left override": ["a\u202eb", '"a\\u202eb"'],
  "a right-to-left isolate": ["a\u2067b", '"a\\u2067b"'],
  "an invisible space": ["a\u200bb", '"a\\u200bb"'],
  "an invisible tag beyond the first plane": [
    "a\u{e0041}",
    '"a\\udb40\\udc41"',
  ],
  "half of a surrogate pair": ["a\ud800", '"a\\ud800"'],
  "a quote and a backslash": ['"\\', '"\\"\\\\"'],
};

for (const [name, [value, text]] of Object.entries(HOSTILE)) {
  Deno.test(`formatText() escapes ${name}`, () => {
    const line = formatText({ event: "close", reason: value, id: 1 }, TIME);
    assertEquals(line, `${STAMP} close reason=${text} id=1`);
  });

  Deno.test(`formatJson() escapes ${name}`, () => {
    const line = formatJson({ event: "close", reason: value, id: 1 }, TIME);
    assertEquals(
      line,
      `{"time":"${STAMP}","event":"close","reason":${text},"id":1}`,
    );
    assertEquals(JSON.parse(line).reason, value);
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
  ["127.0.0.1:8080", "127.0.0.1:8080"],
  ["[::1]:8080", "[::1]:8080"],
  ["http://localhost:3000", "http://localhost:3000"],
  ["two words", '"two words"'],
  ["code=1000", '"code=1000"'],
  ["文字 😀", '"文字 😀"'],
];

for (const [value, text] of SHOWN) {
  Deno.test(`formatText() shows ${Deno.inspect(value)} as ${text}`, () => {
    assertEquals(
      formatText({ event: "open", field: value, last: 1 }, TIME),
      `${STAMP} open field=${text} last=1`,
    );
  });
}

Deno.test("formatJson() keeps numbers, and fields without a value", () => {
  assertEquals(
    formatJson({ event: "open", id: 1, origin: undefined }, TIME),
    `{"time":"${STAMP}","event":"open","id":1,"origin":null}`,
  );
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

Deno.test("formatError() shows where the error comes from", () => {
  const text = formatError(new RangeError("too far"), TIME);
  assertMatch(text, /^\S+ error RangeError: too far\n {8}at .*log_test\.ts/);
});

Deno.test("formatError() shows what is no error, or has no stack", () => {
  assertEquals(
    formatError("oops\nopen", TIME),
    `${STAMP} error oops
    open`,
  );
  assertEquals(formatError(undefined, TIME), `${STAMP} error undefined`);
  const error = new TypeError("bare");
  delete error.stack;
  assertEquals(formatError(error, TIME), `${STAMP} error TypeError: bare`);
});

const ENTRY: LogEntry = { event: "open", id: 1, path: "/a b" };

for (
  const [format, pattern] of [
    ["text", /^(\S+) open id=1 path="\/a b"$/],
    ["json", /^\{"time":"([^"]+)","event":"open","id":1,"path":"\/a b"\}$/],
  ] as const
) {
  Deno.test(`createLog() writes entries as ${format}, with the time`, () => {
    const lines: string[] = [];
    const log = createLog(
      { format, verbose: true },
      (line) => lines.push(line),
    );
    const before = Date.now();
    log.write(ENTRY);
    const [line = ""] = lines;
    assertMatch(line, pattern);
    const time = Date.parse(pattern.exec(line)![1]!);
    assertEquals(before <= time && time <= Date.now(), true, line);
    assertEquals([lines.length, log.verbose], [1, true]);
    const quiet = createLog({ format, verbose: false }, () => {});
    assertEquals(quiet.verbose, false);
  });
}

Deno.test("createLog() writes nothing when it is off, not even verbosely", () => {
  const lines: string[] = [];
  const log = createLog(
    { format: "off", verbose: true },
    (line) => lines.push(line),
  );
  log.write(ENTRY);
  assertEquals(lines, []);
  assertEquals(log.verbose, false);
});
