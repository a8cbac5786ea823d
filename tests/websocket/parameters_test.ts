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
} from "../../handlers/websocket/parameters.ts";
import { Refusal } from "../../handlers/websocket/refusal.ts";

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
    JSON.stringify(text)
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

function checkInteger({ name, min, max }: IntegerParameter) {
  for (const value of [min, max]) assertEquals(accept(name, `${value}`), value);
  assertEquals(accept(name, `00${max}`), max);
  const range = `a whole number from ${min} to ${max}`;
  const beyond = [min - 1, max + 1, 2 ** 53, 1e21].map(String);
  for (const text of [...beyond, ...NOT_WHOLE]) {
    assertRefused(name, text, range);
  }
}

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
