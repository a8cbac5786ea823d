/** The parts of the page that need no browser. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseBehaviour } from "../handlers/behaviour.ts";
import {
  isSendableCloseCode,
  MAX_REASON_BYTES,
  SENDABLE_CLOSE_CODES,
} from "../handlers/close_code.ts";
import {
  findFaults,
  readBehaviour,
  repliesMatch,
  writeBehaviour,
} from "../static/behaviour.js";
import { closeName, pageMayClose } from "../static/close_code.js";
import { pauseBefore } from "../static/connection.js";
import {
  completeUrl,
  curlCommand,
  findChoice,
  findUrlFault,
  guessPrefix,
  listChoices,
  mountPrefix,
  parseServerInfo,
  parseSubprotocols,
} from "../static/endpoint.js";
import { exportLog, Log, rowFilter } from "../static/log.js";
import {
  formatJson,
  formatSize,
  hexDump,
  parseHex,
  preview,
} from "../static/payload.js";
import {
  formatClock,
  ReplyMatcher,
  Statistics,
  summarize,
} from "../static/statistics.js";
import { english } from "../static/words_en.js";
import { chinese } from "../static/words_zh.js";

Deno.test("parseHex() reads digits with and without separators", () => {
  for (
    const [text, bytes] of [
      ["", []],
      ["48656c", [0x48, 0x65, 0x6c]],
      ["48 65\n6C", [0x48, 0x65, 0x6c]],
      ["0x48, 0X65,0x6c", [0x48, 0x65, 0x6c]],
      ["de:ad-be:ef", [0xde, 0xad, 0xbe, 0xef]],
    ] as const
  ) assertEquals(parseHex(text), { bytes: Uint8Array.from(bytes) }, text);
});

Deno.test("parseHex() points at what it cannot read", () => {
  for (
    const [text, at, found] of [
      ["zz", 1, "z"],
      ["48 6g", 5, "g"],
      ["4 8", 1, undefined],
      ["48 6", 4, undefined],
      ["48 😀", 4, "😀"],
    ] as const
  ) assertEquals(parseHex(text), { fault: { at, found } }, text);
});

Deno.test("hexDump() shows offsets, bytes and ASCII", () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => i + 0x3a);
  assertEquals(
    hexDump(bytes),
    "00000000  3a 3b 3c 3d 3e 3f 40 41  42 43 44 45 46 47 48 49  :;<=>?@ABCDEFGHI\n" +
      `00000010  4a 4b${" ".repeat(45)}JK`,
  );
  assertEquals(hexDump(bytes, 16).slice(0, 15), "00000010  4a 4b");
});

Deno.test("formatSize(), formatClock(), formatJson() and preview() suit people", () => {
  assertEquals(
    [0, 1023, 1024, 1536, 1024 ** 2 - 1, 16 * 1024 ** 2].map(formatSize),
    ["0 B", "1023 B", "1 KiB", "1.5 KiB", "1 MiB", "16 MiB"],
  );
  assertEquals([7_900, 3_723_000].map(formatClock), ["0:07", "1:02:03"]);
  assertEquals(formatJson('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
  assertEquals([formatJson("42"), formatJson("{a}")], [undefined, undefined]);
  assertEquals(preview("a\n  b".repeat(100), 5), "a b…");
  assertEquals(preview(Uint8Array.of(1, 2, 3).buffer, 6), "01 02 …");
});

Deno.test("summarize() gives nearest-rank percentiles", () => {
  assertEquals(summarize([]), undefined);
  assertEquals(summarize([3]), {
    minimum: 3,
    median: 3,
    p95: 3,
    maximum: 3,
  });
  assertEquals(summarize(Array.from({ length: 100 }, (_, i) => 100 - i)), {
    minimum: 1,
    median: 50.5,
    p95: 95,
    maximum: 100,
  });
});

Deno.test("ReplyMatcher pairs first in, first out, through a long burst", () => {
  const matcher = new ReplyMatcher();
  assertEquals(matcher.received(1), undefined);
  for (let i = 0; i < 5_000; i++) matcher.sent(i);
  for (let i = 0; i < 5_000; i++) assertEquals(matcher.received(i + 7), 7);
  assertEquals(matcher.received(1), undefined);
});

Deno.test("Statistics counts everything and keeps the last 200 round trips", () => {
  const statistics = new Statistics();
  for (let i = 0; i < 300; i++) statistics.count("received", 2, i);
  assertEquals(statistics.received, { messages: 300, bytes: 600 });
  assertEquals(statistics.roundTrips.length, 200);
  assertEquals(statistics.roundTrips[0], 100);
});

Deno.test("writeBehaviour() changes one parameter and nothing else", () => {
  for (
    const [url, name, value, expected] of [
      ["ws://h/echo", "delay", "5", "ws://h/echo?delay=5"],
      ["ws://h/echo?delay=5", "delay", "", "ws://h/echo"],
      ["ws://h/?x=%41&delay=5&y", "delay", "6", "ws://h/?x=%41&delay=6&y"],
      ["ws://h/?delay=1&a&delay=2", "delay", "3", "ws://h/?delay=3&a"],
      ["ws:/", "prefix", "a&b 你", "ws:/?prefix=a%26b%20你"],
    ] as const
  ) {
    assertEquals(writeBehaviour(url, name, value), expected);
    if (value !== "") {
      assertEquals(readBehaviour(expected).get(name), [value]);
    }
  }
});

Deno.test("findFaults() refuses exactly what the server refuses", () => {
  const rules = {
    prefix: "",
    isCloseCode: isSendableCloseCode,
    closeCodes: SENDABLE_CLOSE_CODES,
    maxReasonBytes: MAX_REASON_BYTES,
  };
  const values = {
    prefix: ["", "x".repeat(1024), "😀".repeat(1024), "x".repeat(1025)],
    delay: ["", "0", "60000", "60001", "1e3", "-1", "abc", " 5"],
    push: ["", "9", "10", "3600000", "3600001", "1.5"],
    close: ["", "999", "1000", "1003", "1004", "1006", "1007", "1014", "1015"]
      .concat("2999", "3000", "4999", "5000", "01000", "x"),
    reason: ["", "é".repeat(61), "é".repeat(62)],
    after: ["", "0", "1000000", "1000001", "x"],
    info: ["", "0", "1", "2", "yes"],
  };
  for (const [name, list] of Object.entries(values)) {
    for (const value of list) {
      const query = new URLSearchParams({ [name]: value });
      let refused = false;
      try {
        parseBehaviour(query, rules);
      } catch {
        refused = true;
      }
      const found = findFaults(readBehaviour(`ws://h/?${query}`)).size > 0;
      assertEquals(found, refused, `${name}=${value}`);
    }
  }
  assert(findFaults(readBehaviour("ws://h/?info=1&info=1")).has("info"));
});

Deno.test("repliesMatch() is false where the server speaks by itself", () => {
  const queries = ["", "?delay=5&prefix=push", "?info=0"];
  assert(queries.every((query) => repliesMatch(`ws://h/${query}`)));
  const others = ["?push=10", "?info=1", "?close=1000&after=2"];
  assert(!others.some((query) => repliesMatch(`ws://h/${query}`)));
});

Deno.test("mountPrefix() and guessPrefix() find where a proxy mounts the page", () => {
  for (
    const [page, server, prefix] of [
      ["/", "/", ""],
      ["/uppercase", "/uppercase", ""],
      ["/proxy/uppercase/", "/uppercase/", "/proxy"],
      ["/a/b/", "/", "/a/b"],
      ["/here", "/there", ""],
    ] as const
  ) assertEquals(mountPrefix(page, server), prefix, page);
  assertEquals(
    ["/", "/echo", "/p/uppercase/", "/p/"].map(guessPrefix),
    ["", "", "/p", "/p"],
  );
});

Deno.test("findChoice() ignores one slash at the end", () => {
  const choices = listChoices([{ name: "echo", paths: ["/", "/echo"] }], "/p");
  assertEquals(findChoice(choices, "/p/echo/")?.path, "/p/echo");
  assertEquals(findChoice(choices, "/p")?.path, "/p/");
  assertEquals(findChoice(choices, "/p/x"), undefined);
});

Deno.test("parseServerInfo() takes no garbage", () => {
  for (const text of [null, "", "{}", "null", "7", '{"path":1}']) {
    assertEquals(parseServerInfo(text), undefined, String(text));
  }
  assertEquals(parseServerInfo('{"path":"/","endpoints":[]}'), {
    version: "",
    path: "/",
    endpoints: [],
    subprotocols: [],
    origins: [],
    limits: {},
    refusing: null,
  });
});

Deno.test("completeUrl() understands what people paste", () => {
  for (
    const [text, url] of [
      ["ws://h/x", "ws://h/x"],
      [" https://h/x ", "wss://h/x"],
      ["localhost:8080/echo", "ws://localhost:8080/echo"],
      ["example.org/chat?a=b", "ws://example.org/chat?a=b"],
      ["/echo", "ws://here:1/echo"],
      ["hello world", "hello world"],
    ] as const
  ) assertEquals(completeUrl(text, "ws://here:1"), url);
});

Deno.test("findUrlFault() finds what no browser would connect to", () => {
  for (
    const [text, secure, fault] of [
      ["ws://h/", false, undefined],
      ["", false, "empty"],
      ["ftp://h/", false, "scheme"],
      ["ws://", false, "syntax"],
      ["ws:h", false, "syntax"],
      ["ws://h:99999/", false, "syntax"],
      ["ws://h/#x", false, "fragment"],
      ["ws://h/", true, "mixed"],
      ["ws://127.0.0.1/", true, undefined],
      ["wss://h/", true, undefined],
    ] as const
  ) assertEquals(findUrlFault(text, secure), fault, text);
});

Deno.test("parseSubprotocols() takes tokens, each once", () => {
  assertEquals(parseSubprotocols(" chat,v1.json ,"), {
    names: ["chat", "v1.json"],
    fault: undefined,
  });
  assertEquals(parseSubprotocols("a, b c").fault, "b c");
  assertEquals(parseSubprotocols("a, a").fault, "a");
});

Deno.test("curlCommand() quotes for a shell", () => {
  const command = curlCommand("wss://h/?reason=it's", ["a", "b"], "http://p");
  assertStringIncludes(command, " 'https://h/?reason=it'\\''s'");
  assertStringIncludes(command, "-H 'Sec-WebSocket-Protocol: a, b'");
});

Deno.test("closeName() names codes and ranges", () => {
  assertEquals(
    [1000, 1006, 1013, 3001, 4000, 1999].map(closeName),
    [
      "Normal Closure",
      "Abnormal Closure",
      "Try Again Later",
      "Registered",
      "Private Use",
      "Unassigned",
    ],
  );
  assertEquals([1000, 1001, 2999, 3000, 4999, 5000, NaN].map(pageMayClose), [
    true,
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("pauseBefore() doubles up to half a minute", () => {
  assertEquals([1, 2, 3, 6, 7, 8, 2000].map(pauseBefore), [
    500,
    1_000,
    2_000,
    16_000,
    30_000,
    30_000,
    30_000,
  ]);
});

Deno.test("Log keeps the newest rows within both limits and counts the others", () => {
  const log = new Log(3, 100);
  for (let i = 1; i <= 5; i++) log.addMessage("sent", String(i), 1);
  log.trim();
  assertEquals(log.rows.map(({ id }) => id), [3, 4, 5]);
  assertEquals(log.dropped, 2);
  log.addMessage("received", new ArrayBuffer(99), 99);
  assertEquals(log.rows.map(({ id }) => id), [5, 6]);
  log.clear();
  log.addMessage("received", new ArrayBuffer(500), 500);
  assertEquals([log.rows.length, log.dropped], [1, 0]);
});

Deno.test("rowFilter() and exportLog() take rows as people see them", () => {
  const log = new Log();
  log.addMessage("sent", "Straße (1)", 11);
  log.addMessage("received", Uint8Array.of(0xab, 1).buffer, 2, 1.23456);
  log.addEvent({
    name: "closed",
    code: 1000,
    reason: "",
    wasClean: true,
    handshakeFailed: false,
  });
  const ids = (direction: "all" | "sent" | "event", text: string) =>
    log.rows.filter(rowFilter(direction, text, ({ id }) => `row ${id}`))
      .map(({ id }) => id);
  assertEquals(ids("all", ""), [1, 2, 3]);
  assertEquals(ids("all", "STRASSE"), []);
  assertEquals(ids("all", "straße (1)"), [1]);
  assertEquals(ids("all", "ROW"), [2, 3]);
  assertEquals(ids("event", ""), [3]);

  const { url, rows } = JSON.parse(exportLog(log, { url: "ws://h/" }));
  assertEquals(url, "ws://h/");
  assertEquals(rows[0].text, "Straße (1)");
  assertEquals([rows[1].hex, rows[1].roundTrip], ["ab01", 1.235]);
  assertEquals([rows[2].name, rows[2].code], ["closed", 1000]);
});

Deno.test("the page's two languages say the same things", () => {
  const keys = (words: object): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === "object" ? [key, ...keys(value)] : [key]
    );
  assertEquals(keys(chinese), keys(english));
});
