import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type Behaviour,
  type BehaviourRules,
  parseBehaviour,
} from "../handlers/behaviour.ts";

const RULES: BehaviourRules = {
  prefix: "",
  isCloseCode: (code) => code === 1000 || code === 4999,
  closeCodes: "1000 and 4999",
  maxReasonBytes: 123,
};

const NONE: Behaviour = { prefix: "", delay: 0, push: 0, info: false };

function parse(query: string, rules: Partial<BehaviourRules> = {}): Behaviour {
  return parseBehaviour(new URLSearchParams(query), { ...RULES, ...rules });
}

/** Queries that are accepted, and what they change. */
const ACCEPTED: Record<string, Partial<Behaviour>> = {
  "": {},
  "prefix=": {},
  "prefix=Received:+%20": { prefix: "Received:  " },
  "prefix=%E6%88%91%00%0A": { prefix: "我\0\n" },
  "delay=0": {},
  "delay=60000": { delay: 60_000 },
  "delay=007": { delay: 7 },
  "push=10": { push: 10 },
  "push=3600000": { push: 3_600_000 },
  "info=0": {},
  "info=1": { info: true },
  "close=1000": { close: { code: 1000, reason: "", after: 0 } },
  "close=4999&reason=bye+now&after=3": {
    close: { code: 4999, reason: "bye now", after: 3 },
  },
  "after=1000000&close=1000": {
    close: { code: 1000, reason: "", after: 1_000_000 },
  },
  "reason=bye&after=3": {},
  "delay=5&push=20&info=1&prefix=x&close=1000": {
    prefix: "x",
    delay: 5,
    push: 20,
    info: true,
    close: { code: 1000, reason: "", after: 0 },
  },
  "unknown=1&unknown=2&Delay=x&DELAY=x&__proto__=1": {},
};

for (const [query, changes] of Object.entries(ACCEPTED)) {
  Deno.test(`parseBehaviour() accepts "${query}"`, () => {
    assertEquals(parse(query), { ...NONE, ...changes });
  });
}

const WHOLE_0_TO_60000 = "a whole number from 0 to 60000";
const WHOLE_10_TO_3600000 = "a whole number from 10 to 3600000";
const WHOLE_0_TO_1000000 = "a whole number from 0 to 1000000";
const CODES = "a code of 1000 and 4999";

/** Queries that are refused: the parameter, its value and its range. */
const REFUSED: [query: string, name: string, value: string, range: string][] = [
  ["delay=", "delay", '""', WHOLE_0_TO_60000],
  ["delay=60001", "delay", '"60001"', WHOLE_0_TO_60000],
  ["delay=-1", "delay", '"-1"', WHOLE_0_TO_60000],
  ["delay=1.5", "delay", '"1.5"', WHOLE_0_TO_60000],
  ["delay=1e3", "delay", '"1e3"', WHOLE_0_TO_60000],
  ["delay=0x10", "delay", '"0x10"', WHOLE_0_TO_60000],
  ["delay=+5", "delay", '" 5"', WHOLE_0_TO_60000],
  ["delay=5%0A", "delay", '"5\\n"', WHOLE_0_TO_60000],
  ["delay=%D9%A3", "delay", '"٣"', WHOLE_0_TO_60000],
  ["delay=NaN", "delay", '"NaN"', WHOLE_0_TO_60000],
  ["push=9", "push", '"9"', WHOLE_10_TO_3600000],
  ["push=0", "push", '"0"', WHOLE_10_TO_3600000],
  ["push=3600001", "push", '"3600001"', WHOLE_10_TO_3600000],
  ["push=often", "push", '"often"', WHOLE_10_TO_3600000],
  ["info=2", "info", '"2"', "a whole number from 0 to 1"],
  ["info=true", "info", '"true"', "a whole number from 0 to 1"],
  ["info", "info", '""', "a whole number from 0 to 1"],
  ["close=1001", "close", '"1001"', CODES],
  ["close=", "close", '""', CODES],
  ["close=01000", "close", '"01000"', CODES],
  ["close=1e3", "close", '"1e3"', CODES],
  ["close=1000.0", "close", '"1000.0"', CODES],
  ["close=1000&after=1000001", "after", '"1000001"', WHOLE_0_TO_1000000],
  ["close=1000&after=-1", "after", '"-1"', WHOLE_0_TO_1000000],
  // Also where they would have no effect.
  ["after=x", "after", '"x"', WHOLE_0_TO_1000000],
];

for (const [query, name, value, range] of REFUSED) {
  Deno.test(`parseBehaviour() refuses "${query}"`, () => {
    const { message } = assertThrows(() => parse(query), RangeError);
    assertEquals(
      message,
      `Cannot use parameter "${name}" with value ${value}: expected ${range}`,
    );
  });
}

Deno.test("parseBehaviour() refuses a parameter that is given twice", () => {
  const queries = [
    "prefix=a&prefix=a",
    "delay=1&delay=1",
    "push=10&push=20",
    "close=1000&close=1000",
    "reason=&reason=",
    "after=1&after=2",
    "info=1&info=1",
  ];
  for (const query of queries) {
    const name = query.slice(0, query.indexOf("="));
    const { message } = assertThrows(() => parse(query), RangeError);
    assertEquals(
      message,
      `Cannot use parameter "${name}": it is given 2 times`,
    );
  }
});

Deno.test("parseBehaviour() lets a URL's prefix win, an empty one too", () => {
  const rules = { prefix: "server: " };
  assertEquals(parse("", rules).prefix, "server: ");
  assertEquals(parse("prefix=url", rules).prefix, "url");
  assertEquals(parse("prefix=", rules).prefix, "");
});

Deno.test("parseBehaviour() limits a URL's prefix, in characters", () => {
  // One character, but two units of UTF-16 and four bytes of UTF-8.
  const longest = "😀".repeat(1_024);
  assertEquals(parse(`prefix=${longest}`).prefix, longest);
  assertThrows(
    () => parse(`prefix=${longest}x`),
    RangeError,
    'Cannot use parameter "prefix" with value ',
  );
  const server = "x".repeat(2_000);
  assertEquals(parse("", { prefix: server }).prefix, server);
});

Deno.test("parseBehaviour() limits the reason, in bytes of UTF-8", () => {
  const longest = "é".repeat(61) + "x";
  assertEquals(parse(`close=1000&reason=${longest}`).close?.reason, longest);
  for (const query of ["close=1000&", ""]) {
    const { message } = assertThrows(
      () => parse(`${query}reason=${longest}x`),
      RangeError,
    );
    assertMatch(message, /"reason" .*: expected at most 123 bytes of UTF-8$/);
  }
});

Deno.test("parseBehaviour() tells a long value by its beginning", () => {
  const { message } = assertThrows(
    () => parse(`delay=${"9".repeat(5_000)}`),
    RangeError,
  );
  assertEquals(
    message,
    `Cannot use parameter "delay" with value "${
      "9".repeat(100)
    }…": expected ${WHOLE_0_TO_60000}`,
  );
});

Deno.test("parseBehaviour() keeps a refusal on one line", () => {
  const { message } = assertThrows(() => parse("close=a%0D%0Ab"), RangeError);
  assertEquals(
    message,
    `Cannot use parameter "close" with value "a\\r\\nb": expected ${CODES}`,
  );
});
