import * as packaged from "@std/assert";
import * as packagedPath from "@std/path";
import * as standIn from "../.ci/offline/assert.ts";
import { inheritedFlags } from "../.ci/offline/flags.ts";
import * as standInPath from "../.ci/offline/path.ts";

// What is tested here cannot be trusted to test itself: these tests throw by
// themselves. Where the packages can be had they run on them too, which proves
// that what is expected of the stand-ins is what the packages do.
const hasPackages = inheritedFlags().length === 0;

type Assertions = typeof standIn;

interface Row {
  /** Must return. */
  passes: (a: Assertions) => unknown;
  /** Each must throw, or reject with, an AssertionError. */
  fails: ((a: Assertions) => unknown)[];
}

const throwRange = () => {
  throw new RangeError("too far");
};
const rejectRange = () => Promise.reject(new RangeError("too far"));

const ROWS: Record<string, Row> = {
  assert: {
    passes: (a) => a.assert("x"),
    fails: [(a) => a.assert(0), (a) => a.assert("")],
  },
  assertFalse: {
    passes: (a) => a.assertFalse(""),
    fails: [(a) => a.assertFalse("x")],
  },
  fail: { passes: () => {}, fails: [(a) => a.fail()] },
  assertEquals: {
    passes: (a) => {
      a.assertEquals({ a: [1, NaN, new Date(1)] }, {
        a: [1, NaN, new Date(1)],
      });
      a.assertEquals(new Uint8Array([1, 2]), new Uint8Array([1, 2]));
      a.assertEquals(
        new Map([["a", new Set([1])]]),
        new Map([["a", new Set([1])]]),
      );
    },
    fails: [
      (a) => a.assertEquals<unknown>(1, "1"),
      (a) => a.assertEquals({ a: [1, 2] }, { a: [1, 3] }),
      (a) => a.assertEquals([1], [1, 2]),
      (a) => a.assertEquals(new Uint8Array([1]), new Uint8Array([2])),
      (a) => a.assertEquals(new Map([["a", 1]]), new Map([["a", 2]])),
    ],
  },
  assertNotEquals: {
    passes: (a) => a.assertNotEquals([1], [2]),
    fails: [(a) => a.assertNotEquals([1], [1])],
  },
  assertStrictEquals: {
    passes: (a) => a.assertStrictEquals(NaN, NaN),
    fails: [
      (a) => a.assertStrictEquals([1], [1]),
      (a) => a.assertStrictEquals(0, -0),
    ],
  },
  assertMatch: {
    passes: (a) => a.assertMatch("abc", /b/),
    fails: [(a) => a.assertMatch("abc", /^b/)],
  },
  assertStringIncludes: {
    passes: (a) => a.assertStringIncludes("abc", "b"),
    fails: [(a) => a.assertStringIncludes("abc", "d")],
  },
  assertExists: {
    passes: (a) => a.assertExists(0),
    fails: [(a) => a.assertExists(null), (a) => a.assertExists(undefined)],
  },
  assertInstanceOf: {
    passes: (a) => a.assertInstanceOf(new RangeError(), Error),
    fails: [
      (a) => a.assertInstanceOf(new Error(), RangeError),
      (a) => a.assertInstanceOf(null, Object),
    ],
  },
  assertGreater: {
    passes: (a) => a.assertGreater(2, 1),
    fails: [(a) => a.assertGreater(1, 1)],
  },
  assertGreaterOrEqual: {
    passes: (a) => a.assertGreaterOrEqual(1, 1),
    fails: [(a) => a.assertGreaterOrEqual(0, 1)],
  },
  assertLess: {
    passes: (a) => a.assertLess(1, 2),
    fails: [(a) => a.assertLess(1, 1), (a) => a.assertLess(NaN, 1)],
  },
  assertLessOrEqual: {
    passes: (a) => a.assertLessOrEqual(1, 1),
    fails: [(a) => a.assertLessOrEqual(1, 0)],
  },
  assertObjectMatch: {
    passes: (a) =>
      a.assertObjectMatch({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1 } }),
    fails: [
      (a) => a.assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } }),
      (a) => a.assertObjectMatch({ a: 1 }, { b: 1 }),
    ],
  },
  assertThrows: {
    passes: (a) => {
      a.assertThrows(throwRange);
      const error = a.assertThrows(throwRange, RangeError, "far");
      if (error.message !== "too far") throw error;
    },
    fails: [
      (a) => a.assertThrows(() => {}),
      (a) => a.assertThrows(throwRange, TypeError),
      (a) => a.assertThrows(throwRange, RangeError, "near"),
      (a) =>
        a.assertThrows(() => {
          throw "text";
        }, Error),
    ],
  },
  assertRejects: {
    passes: async (a) => {
      await a.assertRejects(rejectRange);
      const error = await a.assertRejects(rejectRange, RangeError, "far");
      if (error.message !== "too far") throw error;
    },
    fails: [
      (a) => a.assertRejects(() => Promise.resolve()),
      (a) => a.assertRejects(rejectRange, TypeError),
      (a) => a.assertRejects(rejectRange, RangeError, "near"),
      (a) => a.assertRejects(throwRange, RangeError),
    ],
  },
};

const ASSERTIONS: Record<string, Assertions> = {
  // The classes of errors are not the same, which matters to types alone.
  "package": packaged as unknown as Assertions,
  "stand-in": standIn,
};

for (const [name, assertions] of Object.entries(ASSERTIONS)) {
  const ignore = name === "package" && !hasPackages;

  Deno.test(`assert.ts: each of the ${name}`, { ignore }, async (t) => {
    for (const [title, { passes, fails }] of Object.entries(ROWS)) {
      await t.step(`${title}() passes and fails`, async () => {
        await passes(assertions);
        for (const failing of fails) {
          const error = await thrownBy(() => failing(assertions));
          if (!(error instanceof assertions.AssertionError)) {
            throw new Error(`Passed, or threw something else: ${failing}`);
          }
        }
      });
    }
    await t.step("assertEquals() shows the caller's text", async () => {
      const error = await thrownBy(() =>
        assertions.assertEquals(1, 2, "caller's text")
      );
      if (!String(error).includes("caller's text")) throw error;
    });
  });
}

/** What a function throws or its promise rejects with. */
async function thrownBy(fn: () => unknown): Promise<unknown> {
  try {
    await fn();
  } catch (error) {
    return error;
  }
}

for (
  const [name, path] of [
    ["package", packagedPath],
    ["stand-in", standInPath],
  ] as const
) {
  const ignore = name === "package" && !hasPackages;

  Deno.test(`path.ts: join() and basename() of the ${name}`, { ignore }, () => {
    const rows = [
      [path.join("/a", "..", "b", "./c"), "/b/c"],
      [path.join("a/", "/b/"), "a/b/"],
      [path.join(""), "."],
      [path.join("a", "", "b"), "a/b"],
      [path.basename("/a/b.txt"), "b.txt"],
      [path.basename("/a/b/"), "b"],
      [path.basename("/a/b.txt", ".txt"), "b"],
    ];
    for (const [actual, expected] of rows) {
      standIn.assertStrictEquals(actual, expected);
    }
  });
}
