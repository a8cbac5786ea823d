import * as packaged from "@std/assert";
import * as standIn from "../.ci/offline/assert.ts";
import { inheritedFlags } from "../.ci/offline/flags.ts";

// What is tested here cannot be trusted to test itself: these tests throw by
// themselves. Where the package can be had they run on it as well, which shows
// that what is expected of the stand-in is what the package does.
const hasPackages = inheritedFlags().length === 0;

const deep = (last: number) => ({ a: [1, NaN, new Date(1)], b: { last } });
const bytes = (...values: number[]) => new Uint8Array(values);
const map = (value: number) => new Map([["a", new Set([value])]]);
const throwRange = () => {
  throw new RangeError("too far");
};
const rejectRange = () => Promise.reject(new RangeError("too far"));

/** An assertion, arguments with which it passes, and others where it fails. */
type Row = [keyof typeof standIn, unknown[], ...unknown[][]];

const ROWS: Row[] = [
  ["assert", ["x"], [0], [""]],
  ["assertEquals", [deep(1), deep(1)], [deep(1), deep(2)], [1, "1"]],
  ["assertEquals", [bytes(1, 2), bytes(1, 2)], [bytes(1), bytes(2)]],
  ["assertEquals", [map(1), map(1)], [map(1), map(2)], [[1], [1, 2]]],
  ["assertNotEquals", [[1], [2]], [[1], [1]]],
  ["assertStrictEquals", [NaN, NaN], [[1], [1]]],
  ["assertInstanceOf", [new Map(), Map], [new Map(), Set], [1, Number]],
  ["assertMatch", ["abc", /b/], ["abc", /^b/]],
  ["assertStringIncludes", ["abc", "b"], ["abc", "d"]],
  ["assertGreater", [2, 1], [1, 1]],
  ["assertGreaterOrEqual", [1, 1], [0, 1]],
  ["assertLess", [1, 2], [1, 1], [NaN, 1]],
  ["assertLessOrEqual", [1, 1], [1, 0]],
  ["assertThrows", [throwRange, RangeError, "far"], [() => {}, Error]],
  ["assertThrows", [throwRange, Error], [throwRange, TypeError]],
  ["assertThrows", [throwRange, Error], [throwRange, RangeError, "near"]],
  ["assertRejects", [rejectRange, RangeError, "far"], [async () => {}, Error]],
  ["assertRejects", [rejectRange, Error], [rejectRange, TypeError]],
  ["assertRejects", [rejectRange, Error], [rejectRange, RangeError, "near"]],
];

for (const [name, assertions] of Object.entries({ packaged, standIn })) {
  const ignore = name === "packaged" && !hasPackages;

  Deno.test(`assert.ts: ${name} ones pass and fail`, { ignore }, async () => {
    for (const [title, passing, ...others] of ROWS) {
      const assertion = assertions[title] as (...args: unknown[]) => unknown;
      await assertion(...passing);
      for (const failing of others) {
        const error = await Promise.try(assertion, ...failing).catch((e) => e);
        if ((error as Error | undefined)?.name !== "AssertionError") {
          throw new Error(`${title}(${Deno.inspect(failing)}) gave ${error}`);
        }
      }
    }
    const error = assertions.assertThrows(throwRange, RangeError);
    if (error.message !== "too far") throw error;
    const shown = Promise.try(assertions.assertEquals, "is", "wanted", "note");
    const text = await shown.catch(String);
    if (!/note[^]*is[^]*wanted/.test(`${text}`)) throw new Error(`${text}`);
  });
}
