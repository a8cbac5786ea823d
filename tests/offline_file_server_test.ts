import { assertEquals } from "@std/assert";
import { serveFile as packaged } from "@std/http/file-server";
import { serveFile as standIn } from "../.ci/offline/file_server.ts";
import { inheritedFlags } from "../.ci/offline/flags.ts";

// Where the package can be had these tests run on it as well, which shows that
// what is expected of the stand-in is what the package does.
const hasPackages = inheritedFlags().length === 0;

const CONTENT = "abcdefghijklmnopqrstuvwxyz";
const MODIFIED = new Date("2026-01-02T03:04:05.678Z");
const TIME = "Fri, 02 Jan 2026 03:04:05 GMT";
const OLD_TIME = "Fri, 02 Jan 2026 03:04:04 GMT";
const ETAG = 'W/"1a-Qlf1pAgjxe8QgiNwjz9sLrViiJp"';
const HEADERS = {
  "accept-ranges": "bytes",
  "content-length": "26",
  "content-type": "text/html; charset=UTF-8",
  "etag": ETAG,
  "last-modified": TIME,
};

/** Request headers, status, body unless it is a refusal, response headers. */
type Row = [HeadersInit, number, string?, Record<string, string>?];

const part = (range: string, status: number, place: string, body?: string) =>
  [{ range }, status, body, { "content-range": `bytes ${place}/26` }] as Row;

const ROWS: Record<string, Row> = {
  "the whole file": [{}, 200, CONTENT, HEADERS],
  "a known tag": [{ "if-none-match": ETAG }, 304, "", { etag: ETAG }],
  "one of two": [{ "if-none-match": `"a" , ${ETAG.slice(2)}` }, 304, ""],
  "any tag": [{ "if-none-match": "*" }, 304, ""],
  "an old tag": [{ "if-none-match": "a", "if-modified-since": TIME }, 200],
  "a known time": [{ "if-modified-since": TIME }, 304, ""],
  "an old time": [{ "if-modified-since": OLD_TIME }, 200, CONTENT],
  "no time": [{ "if-modified-since": "x" }, 200, CONTENT],
  "a range": part("bytes=2-4", 206, "2-4", "cde"),
  "a range without an end": part("bytes=24-", 206, "24-25", "yz"),
  "a range that ends late": part("bytes=24-99", 206, "24-25", "yz"),
  "a range from the end": part("bytes=-2", 206, "24-25", "yz"),
  "a long range from the end": part("bytes=-99", 206, "0-25", CONTENT),
  "a range beyond the end": part("bytes=26-30", 416, "*"),
  "a range in reverse": part("bytes=4-2", 416, "*"),
  "no range": [{ range: "bytes=x" }, 200, CONTENT],
  "two ranges": [{ range: "bytes=0-1,3-4" }, 200, CONTENT],
};

for (const [name, serve] of Object.entries({ packaged, standIn })) {
  const ignore = name === "packaged" && !hasPackages;

  Deno.test(`${name} serveFile() answers`, { ignore }, async (t) => {
    const file = await Deno.makeTempFile({ suffix: ".html" });
    const ask = (path: string, headers: HeadersInit = {}, method = "GET") =>
      serve(new Request("http://localhost/", { method, headers }), path);
    await Deno.writeTextFile(file, CONTENT);
    await Deno.utime(file, MODIFIED, MODIFIED);
    for (const [title, [sent, status, body, got]] of Object.entries(ROWS)) {
      await t.step(title, async () => {
        const response = await ask(file, sent);
        const text = await response.text();
        assertEquals([response.status, body ?? text], [status, text]);
        for (const [header, value] of Object.entries(got ?? {})) {
          assertEquals(response.headers.get(header), value, header);
        }
      });
    }
    await t.step("HEAD, and a file that is gone", async () => {
      const { status, headers, body } = await ask(file, {}, "HEAD");
      const length = headers.get("content-length");
      assertEquals([status, length, body], [200, "26", null]);
      await Deno.remove(file);
      assertEquals((await ask(file)).status, 404);
    });
  });
}
