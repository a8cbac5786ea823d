import { assertEquals } from "@std/assert";
import { serveFile as packagedServeFile } from "@std/http/file-server";
import { serveFile } from "../.ci/offline/file_server.ts";
import { inheritedFlags } from "../.ci/offline/flags.ts";

// Where the package can be had these tests run on it too, which proves that
// what is expected of the stand-in is what the package does.
const hasPackages = inheritedFlags().length === 0;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
const MODIFIED = new Date("2026-01-02T03:04:05.678Z");
const LAST_MODIFIED = "Fri, 02 Jan 2026 03:04:05 GMT";
const ETAG = 'W/"1a-Qlf1pAgjxe8QgiNwjz9sLrViiJp"';

/** Makes a folder that is removed with its content at the end of the scope. */
async function makeFolder(files: Record<string, string>) {
  const folder = await Deno.makeTempDir({ prefix: "wsecho_" });
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, content);
    await Deno.utime(`${folder}/${name}`, MODIFIED, MODIFIED);
  }
  return {
    path: folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

interface Exchange {
  method?: string;
  /** Request headers. */
  sent?: Record<string, string>;
  status: number;
  /** Response headers that must be there; null: must not. */
  got?: Record<string, string | null>;
  body?: string;
}

const EXCHANGES: Record<string, Exchange> = {
  "the whole file": {
    status: 200,
    got: {
      "accept-ranges": "bytes",
      "content-length": "26",
      "content-range": null,
      "content-type": "text/plain; charset=UTF-8",
      etag: ETAG,
      "last-modified": LAST_MODIFIED,
    },
    body: ALPHABET,
  },
  "HEAD": {
    method: "HEAD",
    status: 200,
    got: { "content-length": "26", etag: ETAG },
    body: "",
  },
  "other methods": { method: "DELETE", status: 405 },
  "a known tag": {
    sent: { "if-none-match": ETAG },
    status: 304,
    got: { etag: ETAG, "last-modified": LAST_MODIFIED },
    body: "",
  },
  "a known tag among others": {
    sent: { "if-none-match": `"a" , ${ETAG.slice(2)}` },
    status: 304,
  },
  "any tag": { sent: { "if-none-match": "*" }, status: 304 },
  "an old tag, whatever the time": {
    sent: { "if-none-match": '"a"', "if-modified-since": LAST_MODIFIED },
    status: 200,
  },
  "a known time": { sent: { "if-modified-since": LAST_MODIFIED }, status: 304 },
  "an old time": {
    sent: { "if-modified-since": "Fri, 02 Jan 2026 03:04:04 GMT" },
    status: 200,
  },
  "a time that is none": { sent: { "if-modified-since": "x" }, status: 200 },
  "a range": {
    sent: { range: "bytes=2-4" },
    status: 206,
    got: { "content-range": "bytes 2-4/26", "content-length": "3", etag: ETAG },
    body: "cde",
  },
  "a range without an end": {
    sent: { range: "bytes=24-" },
    status: 206,
    got: { "content-range": "bytes 24-25/26" },
    body: "yz",
  },
  "a range that ends too late": {
    sent: { range: "bytes=24-99" },
    status: 206,
    got: { "content-range": "bytes 24-25/26" },
    body: "yz",
  },
  "a range from the end": {
    sent: { range: "bytes=-2" },
    status: 206,
    got: { "content-range": "bytes 24-25/26" },
    body: "yz",
  },
  "a range from the end, too long": {
    sent: { range: "bytes=-99" },
    status: 206,
    got: { "content-range": "bytes 0-25/26" },
    body: ALPHABET,
  },
  "a range beyond the end": {
    sent: { range: "bytes=26-" },
    status: 416,
    got: { "content-range": "bytes */26" },
  },
  "a range in reverse": { sent: { range: "bytes=4-2" }, status: 416 },
  "a range that is none": {
    sent: { range: "bytes=x" },
    status: 200,
    body: ALPHABET,
  },
  "two ranges": { sent: { range: "bytes=0-1,3-4" }, status: 200 },
};

for (
  const [name, serve] of [
    ["package", packagedServeFile],
    ["stand-in", serveFile],
  ] as const
) {
  const ignore = name === "package" && !hasPackages;

  Deno.test(`serveFile() of the ${name} answers`, { ignore }, async (t) => {
    await using folder = await makeFolder({ "a.txt": ALPHABET });
    for (const [title, exchange] of Object.entries(EXCHANGES)) {
      await t.step(title, async () => {
        const request = new Request("http://localhost/", {
          method: exchange.method ?? "GET",
          headers: exchange.sent ?? {},
        });
        const response = await serve(request, `${folder.path}/a.txt`);
        const body = await response.text();
        assertEquals(response.status, exchange.status);
        for (const [header, value] of Object.entries(exchange.got ?? {})) {
          assertEquals(response.headers.get(header), value, header);
        }
        if (exchange.body !== undefined) assertEquals(body, exchange.body);
      });
    }
  });

  Deno.test(
    `serveFile() of the ${name} names media types`,
    { ignore },
    async () => {
      const types = {
        "a.css": "text/css; charset=UTF-8",
        "a.html": "text/html; charset=UTF-8",
        "A.HTML": "text/html; charset=UTF-8",
        "a.js": "text/javascript; charset=UTF-8",
        "a.json": "application/json; charset=UTF-8",
        "a.png": "image/png",
        "a.svg": "image/svg+xml",
        "a.unknown": null,
        "a": null,
      };
      const files = Object.keys(types).map((file) => [file, "x"]);
      await using folder = await makeFolder(Object.fromEntries(files));
      for (const [file, type] of Object.entries(types)) {
        const request = new Request("http://localhost/", { method: "HEAD" });
        const response = await serve(request, `${folder.path}/${file}`);
        assertEquals(response.headers.get("content-type"), type, file);
      }
    },
  );

  Deno.test(
    `serveFile() of the ${name} knows no such file`,
    { ignore },
    async () => {
      await using folder = await makeFolder({ "empty.txt": "" });
      const get = (file: string, headers = {}) =>
        serve(
          new Request("http://localhost/", { headers }),
          `${folder.path}/${file}`,
        );
      assertEquals((await get("missing.txt")).status, 404);
      assertEquals((await get("")).status, 404);
      const empty = await get("empty.txt", { range: "bytes=0-" });
      assertEquals(empty.status, 200);
      assertEquals(await empty.text(), "");
    },
  );
}
