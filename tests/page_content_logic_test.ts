/** How the page shows what it received: the parts that need no browser. */

import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { compareHeaders } from "../static/browser_headers.js";
import { findDifference, type Side } from "../static/difference.js";
import { layOutJson } from "../static/json_text.js";
import { escapeInvisible, splitVisible } from "../static/visible_text.js";

Deno.test("layOutJson() changes white space between tokens only", () => {
  for (
    const [text, expected] of [
      [
        '{"a":9007199254740993,"b":1.0,"a":2}',
        '{\n  "a": 9007199254740993,\n  "b": 1.0,\n  "a": 2\n}',
      ],
      ['[1E+2,"\\u0041\\/"]', '[\n  1E+2,\n  "\\u0041\\/"\n]'],
      [" [ { } ,\n[ ]\t] ", "[\n  {},\n  []\n]"],
      ['{"a, [b] :\\"":" c [ ] "}', '{\n  "a, [b] :\\"": " c [ ] "\n}'],
    ] as const
  ) assertEquals(layOutJson(text), expected);
  fc.assert(fc.property(fc.jsonValue(), fc.nat(2), (value, indent) => {
    const text = JSON.stringify([value], null, indent);
    assertEquals(layOutJson(text), JSON.stringify([value], null, 2));
  }));
});

Deno.test("layOutJson() takes deep and large JSON", () => {
  const depth = 100_000;
  const deep = "[".repeat(depth) + "]".repeat(depth);
  assertEquals(layOutJson(deep)?.replaceAll(/\s/g, ""), deep);
  const large = "x".repeat(16 * 1024 ** 2);
  assertEquals(layOutJson(`["${large}"]`), `[\n  "${large}"\n]`);
  const many = `[${"1,".repeat(500_001)}1]`;
  for (const text of ["42", '"[]"', "{a}", "[1,]", "", "\ufeff[]", many]) {
    assertEquals(layOutJson(text), undefined, text.slice(0, 9));
  }
});

Deno.test("splitVisible() shows every character, and maps back to the text", () => {
  for (
    const [text, shown] of [
      ["a\tb\r\n\0", "a\\tb\\r\\n\\u0000"],
      ["\u202etxt.exe", "\\u202etxt.exe"],
      ["a\u200bb\u2028\u00ad", "a\\u200bb\\u2028\\u00ad"],
      ["\ud800x\udc00", "\\ud800x\\udc00"],
      ["\u{e0041}\u3164\u{e0100}", "\\u{e0041}\\u3164\\u{e0100}"],
      ["你好 é ß 😀", "你好 é ß 😀"],
      ["👩‍💻 👩🏽‍🚀 ❤️‍🔥 ☎︎ 1️⃣", "👩‍💻 👩🏽‍🚀 ❤️‍🔥 ☎︎ 1️⃣"],
      [
        "a\u200d💻 😀\u200d a\ufe0f ❤\ufe0f\ufe0f",
        "a\\u200d💻 😀\\u200d a\\ufe0f ❤\ufe0f\\ufe0f",
      ],
    ] as const
  ) assertEquals(escapeInvisible(text), shown);

  const unit = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "\n",
      "\r",
      "\t",
      "\\",
      "\\n",
      "\u202e",
      "\u200d",
      "\ufe0f",
    ),
    fc.constantFrom("😀", "❤️", "\ud800", "\udc00", "\u{e0041}", "x"),
  );
  fc.assert(fc.property(fc.array(unit), (units) => {
    const text = units.join("");
    const parts = [...splitVisible(text)];
    assertEquals(parts.map((part) => part.text).join(""), text);
    for (const { text, escape } of parts) {
      if (escape === undefined) {
        const bare = text.replaceAll(
          /(?<=\p{Extended_Pictographic}.?)[\u200d\ufe0e\ufe0f]|\ufe0f(?=\u20e3)/gsu,
          "",
        );
        assertMatch(bare, /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u);
      } else {
        const meant = escape.replaceAll(
          /\\u\{(\w+)\}/g,
          (_, code) => String.fromCodePoint(parseInt(code, 16)),
        );
        assertEquals(JSON.parse(`"${meant}"`), text);
      }
    }
  }));
});

Deno.test("findDifference() finds the first one, without dividing characters", () => {
  const sides = (
    expected: string | ArrayBuffer,
    received: string | ArrayBuffer,
  ) => {
    const found = findDifference(expected, received);
    const list = ({ before, differing, after, length }: Side) =>
      `${before}[${differing}]${after} ${length}`;
    return found && [found.at, list(found.expected), list(found.received)];
  };
  const bytes = (...list: number[]) => Uint8Array.from(list).buffer;
  for (
    const [expected, received, found] of [
      ["same", "same", undefined],
      ["hello", "hallo", [1, "h[e]llo 5", "h[a]llo 5"]],
      ["ab", "abc", [2, "ab[] 2", "ab[c] 3"]],
      ["aaa", "aa", [2, "aa[a] 3", "aa[] 2"]],
      ["", "x", [0, "[] 0", "[x] 1"]],
      // These share their high, and those their low surrogate.
      ["😀x", "😁x", [0, "[😀]x 2", "[😁]x 2"]],
      ["é😀z", "é🐀z", [1, "é[😀]z 3", "é[🐀]z 3"]],
      [bytes(1, 2, 3), bytes(1, 9, 3), [1, "01[02]03 3", "01[09]03 3"]],
      ["a", bytes(98), [0, "[61] 1", "[62] 1"]],
      ["a", bytes(97), undefined],
    ] as const
  ) assertEquals(sides(expected, received), found as typeof found & undefined);

  const long = "-".repeat(1_000);
  assertEquals(sides(`${long}a${long}`, `${long}b${long}`), [
    1_000,
    `…${"-".repeat(24)}[a]${"-".repeat(24)}… 2001`,
    `…${"-".repeat(24)}[b]${"-".repeat(24)}… 2001`,
  ]);
  assertEquals(sides("x", long)?.[2], `[${"-".repeat(120)}…] 1000`);
  const text = fc.string({ unit: fc.constantFrom("a", "b", "😀", "😁", "🐀") });
  fc.assert(fc.property(text, text, (expected, received) => {
    const found = findDifference(expected, received);
    if (expected === received) return assertEquals(found, undefined);
    const [left, right] = [Array.from(expected), Array.from(received)];
    const at = left.findIndex((one, i) => one !== right[i]);
    assertEquals(found?.at, at < 0 ? left.length : at);
  }));
});

Deno.test("compareHeaders() tells what was added, removed and changed", () => {
  const page = { origin: "https://p", userAgent: "UA (KHTML, like Gecko)" };
  const sent = {
    host: "h:1",
    origin: page.origin,
    "user-agent": page.userAgent,
    connection: "keep-alive, Upgrade",
    upgrade: "WebSocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "(withheld)",
    "sec-websocket-extensions": "permessage-deflate; client_max_window_bits",
    "sec-fetch-mode": "websocket",
    "accept-encoding": "gzip",
    "accept-language": "en",
    "cache-control": "no-cache",
    pragma: "no-cache",
  };
  const compare = (change: Record<string, string>) =>
    compareHeaders("wss://h:1/x", page, { ...sent, ...change });
  assertEquals(compare({ cookie: "(withheld)", origin: "(withheld)" }), []);
  assertEquals(compare({ "x-forwarded-for": "1.2.3.4", host: "inner" }), [
    { change: "added", name: "x-forwarded-for", received: "1.2.3.4" },
    { change: "changed", name: "host", sent: "h:1", received: "inner" },
  ]);
  const { pragma: _, ...rest } = sent;
  assertEquals(compareHeaders("wss://h:1/x", page, rest), [
    { change: "removed", name: "pragma" },
  ]);
});
