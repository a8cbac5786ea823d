import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
} from "@std/assert";
import {
  type IntegerParameter,
  type Parameter,
  PARAMETERS,
  type ParameterValues,
  parseParameters,
  type TextParameter,
} from "../../handlers/websocket/parameters.ts";
import { Refusal } from "../../handlers/websocket/refusal.ts";
import { quote } from "../../handlers/websocket/text.ts";

const ROWS: readonly Parameter[] = PARAMETERS;

function parse(query: string, defaults?: Partial<ParameterValues>) {
  return parseParameters(new URLSearchParams(query), defaults);
}

/** The value of a row for a text, which must be accepted. */
function accept(name: string, text: string): unknown {
  const values = parse(`${name}=${encodeURIComponent(text)}`);
  assert(!(values instanceof Refusal), `${name}=${text}`);
  return { ...values }[name];
}

function assertRefused(name: string, text: string, range: string) {
  const refusal = parse(`${name}=${encodeURIComponent(text)}`);
  assertInstanceOf(refusal, Refusal, `${name}=${text}`);
  const message = `Cannot use parameter "${name}" with value ${
    quote(text)
  }: expected ${range}`;
  assertEquals([refusal.status, refusal.message], [400, message]);
}

/** Texts that Number() takes for a number, or that are none. */
// deno-fmt-ignore
const NOT_WHOLE = [
  "", " ", "-1", "+5", " 5", "5 ", "5\n", "1.5", "1.0", "1e3", "0x10", "0b1", "1_000", "٣", "NaN", "Infinity", "x",
];

Deno.test("PARAMETERS has rows of unique names", () => {
  const names = ROWS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { name, needs } of ROWS) {
    assert(/^[a-z]+$/.test(name), name);
    assert(needs === undefined || names.includes(needs), name);
  }
});

for (const row of ROWS) {
  const { name, kind } = row;

  Deno.test(`parseParameters() reads "${name}"`, () => {
    const absent = { ...parse("") as ParameterValues }[name as "delay"];
    assertEquals<unknown>(absent, "default" in row ? row.default : undefined);
    const { message: twice } = parse(`${name}=1&${name}=1`) as Refusal;
    assertEquals(twice, `Cannot use parameter "${name}": it is given 2 times`);
    if (kind === "integer") checkInteger(row);
    else if (kind === "text" && "pattern" in row) checkPattern(row);
    else if (kind === "text") {
      // One character, but two units of UTF-16 and four bytes of UTF-8.
      const size = row.unit === "bytes" ? 4 : 1;
      const longest = "😀".repeat(Math.floor(row.max / size)) +
        "x".repeat(row.max % size);
      for (const text of ["", "我\0\r\n +&", longest]) {
        assertEquals(accept(name, text), text);
      }
      const refusal = parse(`${name}=${longest}x`);
      assertInstanceOf(refusal, Refusal);
      const range = row.unit === "bytes" ? "bytes of UTF-8" : row.unit;
      assertMatch(
        refusal.message,
        RegExp(`: expected at most ${row.max} ${range}$`),
      );
    } else if (kind === "flag") {
      assertEquals([accept(name, "0"), accept(name, "1")], [false, true]);
      for (const text of ["2", "true", ...NOT_WHOLE]) {
        assertRefused(name, text, "a whole number from 0 to 1");
      }
    } else {
      const range = "a code of 1000-1003, 1007-1014 and 3000-4999";
      for (const code of row.ranges.flat()) {
        assertEquals(accept(name, `${code}`), code);
      }
      const beyond = row.ranges.flatMap(([min, max]) => [min - 1, max + 1]);
      for (const text of [...beyond, 0, 1005, "01000", ...NOT_WHOLE]) {
        assertRefused(name, `${text}`, range);
      }
    }
  });
}

/** What the patterns take, and what they refuse. */
// deno-fmt-ignore
const PATTERNED: Record<string, { taken: string[]; refused: string[] }> = {
  watch: {
    taken: ["aZ09-_xx", "x".repeat(64)],
    refused: ["1234567", "x".repeat(65), "aZ09-_.x", "aZ09-_xx\n", "ééééééééé"],
  },
  auth: {
    taken: [":", "me:", ":word", "é b:a:😀", ":".padEnd(256, "x")],
    refused: ["me", ":".padEnd(257, "x")],
  },
  location: {
    taken: ["/", "/a?b=c#d", "ws://h", "wss://h:1/x", "http://h", "https://h?x", "/".padEnd(2_048, "x")],
    refused: [
      "x", "//h", "/\\h", "/a b", "/\r\nA: b", "/é", "ws://", "ws:///x", "ws://?x", "WS://h", "ftp://h", " /",
      "javascript:x", "/".padEnd(2_049, "x"),
    ],
  },
};

function checkPattern({ name, expected }: TextParameter) {
  const { taken, refused } = PATTERNED[name]!;
  for (const text of taken) assertEquals(accept(name, text), text);
  for (const text of ["", ...refused]) assertRefused(name, text, expected!);
}

function checkInteger({ name, min, max }: IntegerParameter) {
  for (const value of [min, max]) assertEquals(accept(name, `${value}`), value);
  assertEquals(accept(name, `00${max}`), max);
  const range = `a whole number from ${min} to ${max}`;
  const beyond = [min - 1, max + 1, 2 ** 53, 1e21].map(String);
  for (const text of [...beyond, ...NOT_WHOLE]) {
    assertRefused(name, text, range);
  }
}

Deno.test("parseParameters() takes redirects with a location alone", () => {
  for (let status = 300; status < 310; status++) {
    const redirects = [301, 302, 303, 307, 308].includes(status);
    const { message } = parse(`status=${status}`) as Refusal;
    assertEquals(
      message,
      redirects
        ? `Cannot use parameter "status" with value "${status}": it needs the parameter "location"`
        : undefined,
    );
    const values = parse(`location=/x&status=${status}`) as ParameterValues;
    assertEquals([values.status, values.location], [status, "/x"]);
  }
});

Deno.test("parseParameters() reads all parameters of a URL, and ignores others", () => {
  const values = parse(
    "prefix=a:+%20&delay=5&info=1&close=4999&reason=bye+now&after=3&push=20" +
      "&unknown=1&unknown=2&Delay=x&DELAY=x&__proto__=1",
  );
  const replies = { prefix: "a:  ", delay: 5, push: 20, info: true };
  const close = { close: 4999, reason: "bye now", after: 3 };
  const defaults = parse("") as ParameterValues;
  assertEquals(values, { ...defaults, ...replies, ...close });
});

Deno.test("parseParameters() lets the URL's value win over a default", () => {
  const prefix = "x".repeat(2_000);
  const read = (query: string) =>
    (parse(query, { prefix }) as ParameterValues).prefix;
  assertEquals(["", "prefix=url", "prefix="].map(read), [prefix, "url", ""]);
});
