/** The parts of the page that need no browser. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as codes from "../static/close_code.js";
import { pauseBefore } from "../static/connection.js";
import * as endpoint from "../static/endpoint.js";
import * as parameters from "../static/parameters.js";
import * as payload from "../static/payload.js";
import * as statistics from "../static/statistics.js";
import { chinese, english } from "../static/words.js";
import { connectionWords } from "../static/words_connection.js";
import { logWords } from "../static/words_log.js";
import { messageWords } from "../static/words_message.js";
import { optionWords } from "../static/words_options.js";
import { exchange, handshakeRequest } from "./support/raw_client.ts";
import { startTestService } from "./support/service.ts";

type Row = parameters.Parameter;

/** A test of a function by a table: its arguments, and the result. */
function table<Arguments extends unknown[], Result>(
  name: string,
  call: (...given: Arguments) => Result,
  rows: readonly [...Arguments, Result][],
) {
  Deno.test(name, () => {
    for (const row of rows) {
      const given = row.slice(0, -1) as unknown as Arguments;
      assertEquals(call(...given), row.at(-1), JSON.stringify(given));
    }
  });
}

table("parseHex() reads digits, and points at what it cannot read", (text) => {
  const read = payload.parseHex(text);
  return "fault" in read ? [read.fault.at, read.fault.found] : [...read.bytes];
}, [
  ["", []],
  ["48656c", [0x48, 0x65, 0x6c]],
  ["48 65\n6C", [0x48, 0x65, 0x6c]],
  ["0x48, 0X65,0x6c", [0x48, 0x65, 0x6c]],
  ["de:ad-be:ef", [0xde, 0xad, 0xbe, 0xef]],
  ["zz", [1, "z"]],
  ["48 6g", [5, "g"]],
  ["4 8", [1, undefined]],
  ["48 6", [4, undefined]],
  ["48 😀", [4, "😀"]],
] as [string, unknown[]][]);

Deno.test("hexDump() shows offsets, bytes and ASCII", () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => i + 0x3a);
  assertEquals(
    payload.hexDump(bytes),
    "00000000  3a 3b 3c 3d 3e 3f 40 41  42 43 44 45 46 47 48 49  :;<=>?@ABCDEFGHI\n" +
      `00000010  4a 4b${" ".repeat(45)}JK`,
  );
  assertEquals(payload.hexDump(bytes, 16).slice(0, 15), "00000010  4a 4b");
});

Deno.test("sizes, durations and previews are readable", () => {
  assertEquals(
    [0, 1023, 1024, 1536, 1024 ** 2 - 1, 16 * 1024 ** 2]
      .map(payload.formatSize),
    ["0 B", "1023 B", "1 KiB", "1.5 KiB", "1 MiB", "16 MiB"],
  );
  const clocks = [7_900, 3_723_000].map(statistics.formatClock);
  assertEquals(clocks, ["0:07", "1:02:03"]);
  const { preview } = payload;
  assertEquals(preview("a\n  b".repeat(100), 5), "a\n  b…");
  assertEquals(preview("ab😀c", 3), "ab😀…");
  assertEquals(preview(Uint8Array.of(1, 2, 3).buffer, 6), "01 02 …");
});

Deno.test("summarize() gives nearest-rank percentiles", () => {
  const summarize = (values: number[]) =>
    Object.values(statistics.summarize(values));
  assertEquals(summarize([3]), [3, 3, 3, 3]);
  const falling = Array.from({ length: 100 }, (_, i) => 100 - i);
  assertEquals(summarize(falling), [1, 50.5, 95, 100]);
});

table(
  "writeParameter() changes one parameter and nothing else",
  (url: string, name: string, value: string) => {
    const written = parameters.writeParameter(url, name, value);
    const read = parameters.readParameters(written).get(name);
    assertEquals(read ?? "", value);
    return written;
  },
  [
    ["ws://h/echo", "delay", "5", "ws://h/echo?delay=5"],
    ["ws://h/echo?delay=5", "delay", "", "ws://h/echo"],
    ["ws://h/?x=%41&delay=5&y", "delay", "6", "ws://h/?x=%41&delay=6&y"],
    ["ws://h/?delay=1&a&delay=2", "delay", "3", "ws://h/?delay=3&a"],
    ["ws:/", "prefix", "a&b 你", "ws:/?prefix=a%26b%20你"],
  ],
);

/** The table that a service sends. */
async function readTable(page: string) {
  const { headers } = await fetch(page, { method: "HEAD" });
  const info = endpoint.parseServerInfo(headers.get("X-Wsecho"));
  assert(info && info.parameters.length > 0);
  return info.parameters;
}

/** What one of the patterns takes, or comes near to. */
// deno-fmt-ignore
const PATTERNED = [
  "", "1234567", "aZ09-_.x", "aZ09-_xx", "aZ09-_xx\n", "a:", ":b", "é:😀", "ab",
  "/", "//h", "/a b", "/é", "ws://h", "wss://h/?a#b", "https://h", "HTTP://h", "http://", "ws:///x", "ftp://h",
];

/** Values at and beyond the limits of a parameter, and none at all. */
function tryValues(
  { kind, min = 0, max = 0, unit, ranges = [], pattern }: Row,
) {
  if (pattern !== undefined) {
    return [...PATTERNED].concat(
      ["x", "/", "x:"].flatMap((start) =>
        [max, max + 1].map((length) => start.padEnd(length, "x"))
      ),
    );
  }
  const [letter, size] = unit === "bytes" ? ["é", 2] : ["😀", 1];
  const most = Math.floor(max / size);
  if (kind === "text") {
    return ["", letter.repeat(most), letter.repeat(most + 1)];
  }
  const edges = [[min, max] as const, ...ranges].flatMap(([first, last]) =>
    [first - 1, first, last, last + 1].map(String)
  );
  return ["", "00", "1", "2", " 5", "1.5", "1e3", "x", "01000", ...edges];
}

Deno.test("findFault() finds exactly what the server refuses", async () => {
  await using service = startTestService();
  for (const row of await readTable(service.urls.page)) {
    const given = tryValues(row).map((value) => [value]);
    for (const values of [...given, ["1", "1"]]) {
      const query = new URLSearchParams(values.map((one) => [row.name, one]));
      const request = handshakeRequest({ path: `/?${query}` });
      const { status } = await exchange(service.port, request);
      const found = parameters.findFault(row, query) !== undefined;
      // A valid value may be answered with another status than 101.
      assertEquals(status === 400, found, `?${query} got ${status}`);
    }
    const twice = new URLSearchParams([[row.name, "1"], [row.name, "1"]]);
    assertEquals(parameters.findFault(row, twice), "repeated");
  }
});

Deno.test("findFault() finds redirects without a target, as the server does", async () => {
  await using service = startTestService();
  const table = await readTable(service.urls.page);
  const row = table.find(({ name }) => name === "status")!;
  for (let code = 300; code < 310; code++) {
    for (const query of [`status=${code}`, `status=0${code}&location=/`]) {
      const request = handshakeRequest({ path: `/?${query}` });
      const { status } = await exchange(service.port, request);
      const fault = parameters.findFault(row, new URLSearchParams(query));
      assertEquals(fault, status === 400 ? "target" : undefined, query);
    }
  }
});

Deno.test("no word of one file hides that of another", () => {
  const files = [connectionWords, optionWords, messageWords, logWords];
  const names = files.flatMap((words) => Object.keys(words));
  assertEquals(names, [...new Set(names)]);
});

Deno.test("each parameter has words in both languages", async () => {
  await using service = startTestService();
  for (const row of await readTable(service.urls.page)) {
    for (const words of [english, chinese]) {
      const own = words.parameters[row.name];
      assert(own?.label && own.hint, `${words.code}: ${row.name}`);
      assert(words.expected(row) !== "", `${words.code}: ${row.name}`);
      assert(words.groups[row.group!], `${words.code}: ${row.group}`);
    }
    const foreign = chinese.range(row).replace(/UTF-8|`.*?`/g, "")
      .match(/[a-z]+/gi);
    assertEquals(foreign, null, row.name);
  }
});

Deno.test("range() and expected() are composed of a row's limits", () => {
  const delay = { kind: "integer", min: 2, max: 6e4, unit: "ms" };
  assertEquals(english.range(delay), "2 to 60,000 ms");
  assertEquals(chinese.range(delay), "2 至 60,000 毫秒");
  const size = { kind: "integer", min: 1, max: 9, unit: "bytes" };
  assertEquals(english.range(size), "1 to 9 bytes");
  assertEquals(chinese.range(size), "1 至 9 字节");
  const share = { kind: "integer", max: 100, unit: "%" };
  assertEquals(english.expected(share), "A whole number from 0 to 100%");
  assertEquals(chinese.expected(share), "须为整数：0 至 100%");
  const key = { name: "watch", kind: "text", max: 64, unit: "characters" };
  const watch = { ...key, expected: "8 to 64 letters" };
  assertEquals(english.expected(watch), "Enter 8 to 64 letters");
  assertEquals(
    chinese.expected(watch),
    "最多 64 个字符，至少 8 个，只含 A-Z a-z 0-9 _ -",
  );
  const pages = english.expected({ ...delay, unit: "pages" });
  assertEquals(pages, "A whole number from 2 to 60,000 pages");
  const ranges = [[1000, 1003], [3000, 4999]] as const;
  const range = english.range({ kind: "code", ranges });
  assertEquals(range, "1000–1003 or 3000–4999");
  assertEquals(english.range({ kind: "later" }), "");
});

table(
  "mountPrefix() finds where a proxy mounts the page",
  endpoint.mountPrefix,
  [
    ["/", "/", ""],
    ["/uppercase", "/uppercase", ""],
    ["/proxy/uppercase/", "/uppercase/", "/proxy"],
    ["/a/b/", "/", "/a/b"],
    ["/here", "/there", ""],
    ["/p/long/path", "/long/pa…", "/p"],
    ["/here", "/the…", ""],
  ],
);

Deno.test("guessPrefix() and findChoice() read paths without the server", () => {
  assertEquals(
    ["/", "/echo", "/p/uppercase/", "/p/"].map(endpoint.guessPrefix),
    ["", "", "/p", "/p"],
  );
  const served = [{ name: "echo", paths: ["/", "/echo"] }];
  const choices = endpoint.listChoices(served, "/p");
  const found = ["/p/echo/", "/p", "/p/x"]
    .map((path) => endpoint.findChoice(choices, path)?.path);
  assertEquals(found, ["/p/echo", "/p/", undefined]);
});

Deno.test("parseServerInfo() refuses garbage and completes the rest", () => {
  for (const text of [null, "", "{}", "null", "7", '{"path":1}']) {
    assertEquals(endpoint.parseServerInfo(text), undefined, String(text));
  }
  const info = endpoint.parseServerInfo('{"path":"/","endpoints":[]}');
  const lists = { endpoints: [], subprotocols: [], origins: [] };
  const rest = { parameters: [], limits: {}, version: "", refusing: null };
  assertEquals(info, { path: "/", watch: null, ...lists, ...rest });
});

table(
  "allowsOrigin() knows origins, self and patterns",
  (allowed: string, origin: string) =>
    endpoint.allowsOrigin(allowed.split(" ").filter(Boolean), origin, "h:1"),
  [
    ["", "http://any", true],
    ["http://a https://b:8443", "https://b:8443", true],
    ["https://b", "https://b:8443", false],
    ["self", "https://h:1", true],
    ["self", "https://h", false],
    ["*.example.com", "http://a.b.example.com", true],
    ["*.example.com", "http://example.com", false],
    ["*.example.com", "http://badexample.com", false],
    ["*.example.com", "http://a.example.com:81", false],
    ["https://*.example.com", "https://a.example.com", true],
    ["https://*.example.com", "http://a.example.com", false],
  ],
);

table(
  "completeUrl() understands what people paste",
  (text: string) => endpoint.completeUrl(text, "ws://here:1"),
  [
    ["ws://h/x", "ws://h/x"],
    [" https://h/x ", "wss://h/x"],
    ["localhost:8080/echo", "ws://localhost:8080/echo"],
    ["example.org/chat?a=b", "ws://example.org/chat?a=b"],
    ["/echo", "ws://here:1/echo"],
    ["hello world", "hello world"],
  ],
);

table(
  "findUrlFault() finds what no browser connects to",
  endpoint.findUrlFault,
  [
    ["ws://h/", false, undefined],
    ["", false, "empty"],
    ["ftp://h/", false, "scheme"],
    ["ws://", false, "syntax"],
    ["ws:h", false, "syntax"],
    ["ws://h:99999/", false, "syntax"],
    ["ws://h/#x", false, "fragment"],
    ["ws://h:6000/", false, "port"],
    ["ws://h/", true, "mixed"],
    ["ws://127.0.0.1/", true, undefined],
    ["wss://h/", true, undefined],
  ],
);

table(
  "withoutSecrets() leaves out users and passwords",
  endpoint.withoutSecrets,
  [
    ["ws://h/?delay=1", "ws://h/?delay=1"],
    ["wss://u:p@h/?auth=a:b&delay=1", "wss://h/?delay=1"],
    ["ws://h/@?auth=a", "ws://h/@"],
  ],
);

Deno.test("parseSubprotocols() takes tokens, each once", () => {
  const { names, fault } = endpoint.parseSubprotocols(" chat,v1.json ,");
  assertEquals([names, fault], [["chat", "v1.json"], undefined]);
  assertEquals(endpoint.parseSubprotocols("a, b c").fault, "b c");
  assertEquals(endpoint.parseSubprotocols("a, a").fault, "a");
});

Deno.test("curlCommand() quotes for a shell", () => {
  const url = "wss://h/?reason=it's";
  const command = endpoint.curlCommand(url, ["a", "b"], "http://p");
  assertStringIncludes(command, " 'https://h/?reason=it'\\''s'");
  assertStringIncludes(command, "-H 'Sec-WebSocket-Protocol: a, b'");
});

table("closeName() names codes and ranges", codes.closeName, [
  [1000, "Normal Closure"],
  [1006, "Abnormal Closure"],
  [1013, "Try Again Later"],
  [1014, "Bad Gateway"],
  [3001, "Registered"],
  [4000, "Private Use"],
  [1999, "Unassigned"],
]);

table(
  "endedWell() is false for what deserves an explanation",
  (code: number, wasClean: boolean) => codes.endedWell({ code, wasClean }),
  [[1000, true, true], [1005, true, true], [1005, false, false]]
    .concat([[1006, false, false], [1011, true, false]]) as [
      number,
      boolean,
      boolean,
    ][],
);

Deno.test("a page may close with what a browser sends", () => {
  const { inRanges, namedCodes, pageRanges } = codes;
  const tried = [999, 1000, 1001, 2999, 3000, 4999, 5000, NaN];
  const allowed = tried.filter((code) => inRanges(code, pageRanges));
  assertEquals(allowed, [1000, 3000, 4999]);
  assertEquals(namedCodes([[999, 1001], [4000, 4999]]), [1000, 1001]);
});

Deno.test("pauseBefore() doubles up to half a minute", () => {
  const pauses = [1, 2, 3, 6, 7, 8, 2000].map((n) => pauseBefore(n) / 500);
  assertEquals(pauses, [1, 2, 4, 32, 60, 60, 60]);
});
