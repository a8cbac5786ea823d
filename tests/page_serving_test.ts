import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { DEFAULT_LIMITS } from "../handlers/limits.ts";
import type { ServiceOptions } from "../handlers/service.ts";
import { createStaticFiles } from "../handlers/static_files.ts";
import { Client } from "./support/client.ts";
import { startTestService } from "./support/service.ts";
import { exchange, type RawHeader } from "./support/raw_client.ts";

const FOLDER = new URL("../static/", import.meta.url);
const INDEX = Deno.readTextFileSync(new URL("index.html", FOLDER));
const NAMES = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name);
/** A file of the page that is not the page itself. */
const SCRIPT = NAMES.find((name) => name.endsWith(".js"))!;

const MEDIA_TYPES: Record<string, RegExp> = {
  "css": /^text\/css; charset=utf-8$/i,
  "html": /^text\/html; charset=utf-8$/i,
  "js": /^text\/javascript; charset=utf-8$/i,
  "png": /^image\/png$/,
  "svg": /^image\/svg\+xml$/,
};

/** What every file has to carry. */
const SECURITY_HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function assertSecurityHeaders(headers: Headers) {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    assertEquals(headers.get(name), value, name);
  }
}

/** A request whose path goes out as it is: `fetch` would tidy it up. */
function rawGet(path: string, headers: RawHeader[] = []): string {
  const lines = [["Host", "127.0.0.1"], ...headers]
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** What the page is told about the service. */
function described(headers: Headers) {
  const header = headers.get("x-wsecho") ?? "";
  assertMatch(header, /^[\x20-\x7e]+$/);
  return JSON.parse(header);
}

for (const name of NAMES) {
  Deno.test(`createStaticFiles() serves ${name}`, async () => {
    await using service = startTestService();
    const url = `${service.urls.page}${name}`;
    const expected = await Deno.readFile(new URL(name, FOLDER));
    const response = await fetch(url);
    const bytes = await response.bytes();
    assertEquals(response.status, 200);
    assertEquals(bytes, expected);

    const head = await fetch(url, { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
    const extension = name.slice(name.lastIndexOf(".") + 1);
    const type = MEDIA_TYPES[extension];
    assert(type, `a media type is known for ${name}`);
    for (const { headers } of [response, head]) {
      assertMatch(headers.get("content-type") ?? "", type);
      assertSecurityHeaders(headers);
      assertEquals(headers.has("x-wsecho"), name === "index.html");
    }
    assertEquals(head.headers.get("content-length"), `${expected.length}`);
    assertEquals(head.headers.get("etag"), response.headers.get("etag"));
  });
}

/** Paths that give the page, and the path that the page is told. */
const PAGE_PATHS: Record<string, string> = {
  "/": "/",
  "/index.html": "/index.html",
  "/echo": "/echo",
  "/uppercase?delay=5": "/uppercase",
  "/any/prefix/": "/any/prefix/",
  "//": "//",
  "/%": "/%",
  "/%00": "/%00",
  "/%zz": "/%zz",
  "/..%2f": "/..%2f",
  "/..%2fmain.ts": "/..%2fmain.ts",
  "/../main.ts": "/main.ts",
  "/%2e%2e/main.ts": "/main.ts",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd": "/etc/passwd",
  "/..\\main.ts": "/main.ts",
  "/..%5cmain.ts": "/..%5cmain.ts",
  "/main.ts": "/main.ts",
  "/handlers/router.ts": "/handlers/router.ts",
  "/.": "/",
  "/..": "/",
  "/static": "/static",
  "/constructor": "/constructor",
  [`/${SCRIPT}/`]: `/${SCRIPT}/`,
  [`/${SCRIPT}%00`]: `/${SCRIPT}%00`,
  [`/${SCRIPT}%2f`]: `/${SCRIPT}%2f`,
  [`/a%2f${SCRIPT}`]: `/a%2f${SCRIPT}`,
  [`/${SCRIPT.toUpperCase()}`]: `/${SCRIPT.toUpperCase()}`,
  [`/?x=/${SCRIPT}`]: "/",
};

for (const [path, seen] of Object.entries(PAGE_PATHS)) {
  Deno.test(`createStaticFiles() gives the page for ${path}`, async () => {
    await using service = startTestService();
    const { status, headers, body } = await exchange(
      service.port,
      rawGet(path),
    );
    assertEquals(status, 200);
    assertEquals(body, INDEX);
    assertMatch(headers.get("content-type") ?? "", MEDIA_TYPES["html"]!);
    assertSecurityHeaders(headers);
    assertEquals(described(headers).path, seen);
    assertEquals(service.errors, []);
  });
}

Deno.test("createStaticFiles() finds a file's name after any prefix", async () => {
  await using service = startTestService();
  const expected = await Deno.readTextFile(new URL(SCRIPT, FOLDER));
  const prefixes = ["/any/prefix/", "//", "/../", "/%/", "/%2e%2e/", "/a//b/"];
  for (const prefix of prefixes) {
    const { status, headers, body } = await exchange(
      service.port,
      rawGet(`${prefix}${SCRIPT}?x=1`),
    );
    assertEquals([status, body], [200, expected], prefix);
    assertMatch(headers.get("content-type") ?? "", MEDIA_TYPES["js"]!);
    assertEquals(headers.has("x-wsecho"), false);
  }
});

Deno.test("createStaticFiles() gives the page whatever Host says", async () => {
  await using service = startTestService();
  for (const host of ["a b", "[::1", ""]) {
    const { status, body } = await exchange(
      service.port,
      `GET /echo HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    );
    assertEquals([status, body], [200, INDEX], host);
  }
  const { status } = await exchange(service.port, "GET / HTTP/1.1\r\n\r\n");
  assertEquals([status, service.errors], [200, []]);
});

Deno.test("createStaticFiles() answers 304 to who has the file", async () => {
  await using service = startTestService();
  for (const path of [SCRIPT, ""]) {
    const url = `${service.urls.page}${path}`;
    const first = await fetch(url);
    const text = await first.text();
    const etag = first.headers.get("etag") ?? "";
    assertMatch(etag, /^(W\/)?".+"$/);

    const again = await fetch(url, { headers: { "If-None-Match": etag } });
    assertEquals([again.status, await again.text()], [304, ""]);
    assertEquals(again.headers.get("etag"), etag);
    assertSecurityHeaders(again.headers);

    const other = await fetch(url, { headers: { "If-None-Match": '"x"' } });
    assertEquals([other.status, await other.text()], [200, text]);
  }
});

Deno.test("createStaticFiles() gives a part of a file", async () => {
  await using service = startTestService();
  const bytes = await Deno.readFile(new URL(SCRIPT, FOLDER));
  const size = bytes.length;
  const parts: Record<string, [start: number, end: number]> = {
    "bytes=0-4": [0, 4],
    "bytes=5-": [5, size - 1],
    "bytes=-3": [size - 3, size - 1],
    [`bytes=2-${size + 100}`]: [2, size - 1],
  };
  for (const [range, [start, end]] of Object.entries(parts)) {
    const response = await fetch(`${service.urls.page}${SCRIPT}`, {
      headers: { "Range": range },
    });
    assertEquals(response.status, 206, range);
    assertEquals(
      response.headers.get("content-range"),
      `bytes ${start}-${end}/${size}`,
    );
    assertEquals(await response.bytes(), bytes.slice(start, end + 1));
    assertSecurityHeaders(response.headers);
  }
});

Deno.test("createStaticFiles() answers 416 to a part beyond the end", async () => {
  await using service = startTestService();
  const { size } = await Deno.stat(new URL(SCRIPT, FOLDER));
  const response = await fetch(`${service.urls.page}${SCRIPT}`, {
    headers: { "Range": `bytes=${size}-` },
  });
  await response.body?.cancel();
  assertEquals(response.status, 416);
  assertEquals(response.headers.get("content-range"), `bytes */${size}`);
});

Deno.test("createStaticFiles() answers 405 to other methods", async () => {
  await using service = startTestService();
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    for (const path of ["", SCRIPT]) {
      const response = await fetch(`${service.urls.page}${path}`, { method });
      assertEquals(response.status, 405);
      assertEquals(response.headers.get("allow"), "GET, HEAD");
      assertEquals(
        response.headers.get("content-type"),
        "text/plain; charset=utf-8",
      );
      const text = await response.text();
      assertMatch(text, /^Cannot [^\n]*[^.\n]\n$/);
      assertStringIncludes(text, method);
    }
  }
});

Deno.test("createStaticFiles() tells the page about a default service", async () => {
  await using service = startTestService({ version: "1.2.3" });
  const response = await fetch(service.urls.page, { method: "HEAD" });
  assertEquals(described(response.headers), {
    version: "1.2.3",
    path: "/",
    endpoints: [
      { name: "echo", paths: ["/", "/echo"] },
      { name: "uppercase", paths: ["/uppercase"] },
    ],
    subprotocols: [],
    origins: [],
    limits: {
      maxMessageSize: 16_777_216,
      maxBuffered: 16_777_216,
      maxConnections: 10_000,
      idleTimeout: 30,
    },
    refusing: null,
  });
});

Deno.test("createStaticFiles() tells the page how the service differs", async () => {
  const options: ServiceOptions = {
    paths: { echo: ["/%E5%9B%9E"], uppercase: [] },
    subprotocols: ["v2.chat", "chat"],
    origins: ["https://a.example"],
    limits: { maxMessageSize: 5, idleTimeout: 0, maxConnections: 1 },
  };
  await using service = startTestService(options);
  await using _guest = await Client.open(
    service.urls.endpoints.echo![0]!,
  );
  const response = await fetch(new URL("/回?x=声", service.urls.page));
  await response.body?.cancel();
  assertEquals(described(response.headers), {
    version: "",
    path: "/%E5%9B%9E",
    endpoints: [{ name: "echo", paths: ["/%E5%9B%9E"] }],
    subprotocols: ["v2.chat", "chat"],
    origins: ["https://a.example"],
    limits: {
      ...DEFAULT_LIMITS,
      maxMessageSize: 5,
      idleTimeout: 0,
      maxConnections: 1,
    },
    refusing: "all 1 connections of --max-connections are taken",
  });
});

/** A folder that is removed at the end of the scope. */
async function makeFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("createStaticFiles() serves only files that were there at first", async () => {
  await using folder = await makeFolder();
  const { path: directory } = folder;
  await Deno.writeTextFile(`${directory}/index.html`, "the page");
  await Deno.writeTextFile(`${directory}/a.js`, "a script");
  await Deno.mkdir(`${directory}/folder`);
  await Deno.symlink(import.meta.filename!, `${directory}/link.js`);
  await Deno.symlink(`${directory}/a.js`, `${directory}/near.js`);
  const serve = createStaticFiles({ directory, describe: (path) => path });
  await Deno.writeTextFile(`${directory}/late.js`, "too late");

  const get = async (path: string) => {
    const response = await serve(new Request(`http://x${path}`), path);
    return [response.status, await response.text()];
  };
  assertEquals(await get("/a.js"), [200, "a script"]);
  for (const name of ["link.js", "near.js", "late.js", "folder", "none"]) {
    assertEquals(await get(`/${name}`), [200, "the page"], name);
  }
});

Deno.test("createStaticFiles() says which folder it cannot read", () => {
  const error = assertThrows(
    () => createStaticFiles({ directory: "/no/such", describe: () => "" }),
    Error,
    'Cannot read the page\'s folder "/no/such": ',
  );
  assert(error.cause instanceof Deno.errors.NotFound);
});
