import { type ClientHttp2Stream, connect } from "node:http2";
import { gunzipSync } from "node:zlib";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ENDPOINT_NAMES, ENDPOINTS } from "../handlers/endpoints.ts";
import { createPage } from "../handlers/page.ts";
import { SETTINGS } from "../handlers/server/service_options.ts";
import { PARAMETERS } from "../handlers/websocket/parameters.ts";
import { Client } from "./support/client.ts";
import { run, ServiceProcess } from "./support/process.ts";
import { exchange } from "./support/raw_client.ts";
import { startTestService, type TestService } from "./support/service.ts";
import { until, within } from "./support/wait.ts";

const FOLDER = new URL("../static/", import.meta.url);
const INDEX = Deno.readTextFileSync(new URL("index.html", FOLDER));
const NAMES = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name);
/** A file of the page that is not the page itself, in ASCII. */
const SCRIPT = NAMES.find((name) =>
  name.endsWith(".js") &&
  /^\p{ASCII}+$/u.test(Deno.readTextFileSync(new URL(name, FOLDER)))
)!;

/** What a page that serves its files alone does not need. */
const UNUSED = { describe: () => "", countResponses: () => 0 };

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
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function assertSecurityHeaders(headers: Headers) {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    assertEquals(headers.get(name), value, name);
  }
}

/** Requests a path as it is: `fetch` would tidy it up. */
function get(
  { port }: TestService,
  path: string,
  host = "Host: 127.0.0.1\r\n",
) {
  return exchange(port, `GET ${path} HTTP/1.1\r\n${host}\r\n`);
}

/** What the page is told about the service. */
function described(headers: Headers) {
  const header = headers.get("x-wsecho") ?? "";
  assertMatch(header, /^[\x20-\x7e]+$/);
  return JSON.parse(header);
}

Deno.test("createPage() serves every file, to HEAD its headers alone", async () => {
  await using service = startTestService();
  for (const name of NAMES) {
    const url = `${service.urls.page}${name}`;
    const expected = await Deno.readFile(new URL(name, FOLDER));
    const response = await fetch(url);
    assertEquals([response.status, await response.bytes()], [200, expected]);
    const headers = { "Accept-Encoding": "identity" };
    const head = await fetch(url, { method: "HEAD", headers });
    assertEquals([head.status, await head.text()], [200, ""]);
    const type = MEDIA_TYPES[name.slice(name.lastIndexOf(".") + 1)];
    assert(type, `a media type is known for ${name}`);
    for (const { headers } of [response, head]) {
      assertMatch(headers.get("content-type") ?? "", type);
      assertSecurityHeaders(headers);
      assertEquals(headers.has("x-wsecho"), name === "index.html");
    }
    assertEquals(head.headers.get("content-length"), `${expected.length}`);
    assertEquals(head.headers.get("etag"), response.headers.get("etag"));
  }
});

/** Paths that give the page, as they are and as the page is told them. */
const PAGE_PATHS = [
  ..."/ // /index.html /any/prefix/ /% /%00 /%zz /constructor".split(" "),
  ..."/static /main.ts /..%2f /..%2fmain.ts /..%5cmain.ts".split(" "),
  ...[`/${SCRIPT}/`, `/${SCRIPT}%00`, `/a%2f${SCRIPT}`],
  `/${SCRIPT.toUpperCase()}`,
];

/** Other paths that give the page, and the path that it is told. */
const CHANGED_PATHS: Record<string, string> = {
  "/uppercase?delay=5": "/uppercase",
  "/../main.ts": "/main.ts",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd": "/etc/passwd",
  "/..\\main.ts": "/main.ts",
  "/.": "/",
  "/..": "/",
  [`/?x=/${SCRIPT}`]: "/",
  // A header of the path's own length would be a burden on proxies.
  [`/${"x".repeat(60_000)}`]: `/${"x".repeat(499)}…`,
};

Deno.test("createPage() gives the page for every path that names no file, at any Host", async () => {
  await using service = startTestService();
  const same = PAGE_PATHS.map((path) => [path, path] as const);
  for (const [path, seen] of [...same, ...Object.entries(CHANGED_PATHS)]) {
    const { status, headers, body } = await get(service, path);
    assertEquals([status, body], [200, INDEX], path);
    assertMatch(headers.get("content-type") ?? "", MEDIA_TYPES["html"]!);
    assertSecurityHeaders(headers);
    assertEquals(described(headers).path, seen);
  }
  for (const host of ["Host: a b\r\n", "Host: [::1\r\n", "Host: \r\n", ""]) {
    const { status, body } = await get(service, "/", host);
    assertEquals([status, body], [200, INDEX], host);
  }
  assertEquals(service.errors, []);
});

Deno.test("createPage() finds a file's name after any prefix", async () => {
  await using service = startTestService();
  const expected = await Deno.readTextFile(new URL(SCRIPT, FOLDER));
  for (const prefix of ["/a/b/", "//", "/../", "/%/", "/%2e%2e/", "/a//b/"]) {
    const { status, body } = await get(service, `${prefix}${SCRIPT}?x=1`);
    assertEquals([status, body], [200, expected], prefix);
  }
});

Deno.test("createPage() answers conditions", async () => {
  await using service = startTestService();
  const url = `${service.urls.page}${SCRIPT}`;
  const first = await fetch(url);
  const size = (await first.bytes()).length;
  const tag = first.headers.get("etag") ?? "";
  const time = first.headers.get("last-modified") ?? "";
  assertMatch(tag, /^W\/"[^"]+"$/);
  const second = new Date(Date.parse(time) - 1_000).toUTCString();
  const rows: [headers: Record<string, string>, status: number][] = [
    [{ "If-None-Match": tag }, 304],
    [{ "If-None-Match": `"a" , ${tag.slice(2)}` }, 304],
    [{ "If-None-Match": "*" }, 304],
    [{ "If-None-Match": '"a"' }, 200],
    [{ "If-None-Match": '"a"', "If-Modified-Since": time }, 200],
    [{ "If-Modified-Since": time }, 304],
    [{ "If-Modified-Since": second }, 200],
    [{ "If-Modified-Since": "x" }, 200],
  ];
  for (const [headers, status] of rows) {
    const response = await fetch(url, { headers });
    const { length } = await response.bytes();
    const title = JSON.stringify(headers);
    assertEquals(
      [response.status, length],
      [status, status === 304 ? 0 : size],
      title,
    );
    assertEquals(response.headers.get("etag"), tag);
    assertSecurityHeaders(response.headers);
  }
});

Deno.test("createPage() answers a range of a file's bytes", async () => {
  await using service = startTestService();
  const text = await Deno.readTextFile(new URL(SCRIPT, FOLDER));
  const size = text.length;
  for (
    const [range, status, place, body] of [
      ["bytes=2-4", 206, "2-4", text.slice(2, 5)],
      ["bytes=-3", 206, `${size - 3}-${size - 1}`, text.slice(-3)],
      [`bytes=5-${size}`, 206, `5-${size - 1}`, text.slice(5)],
      [`bytes=${size}-`, 416, "*", ""],
      ["bytes=1-2,4-5", 200, undefined, text],
    ] as const
  ) {
    const response = await fetch(`${service.urls.page}${SCRIPT}`, {
      headers: { "Range": range },
    });
    const contentRange = response.headers.get("content-range");
    assertEquals(contentRange, place ? `bytes ${place}/${size}` : null);
    assertEquals([response.status, await response.text()], [status, body]);
  }
  const range = { "Range": "bytes=2-4" };
  // No weak tag meets If-Range.
  const conditional = { ...range, "If-Range": 'W/"a"' };
  for (const [method, headers] of [["HEAD", range], ["GET", conditional]]) {
    const init = { method, headers } as RequestInit;
    const response = await fetch(`${service.urls.page}${SCRIPT}`, init);
    await response.bytes();
    assertEquals(response.status, 200);
  }
});

/** What clients accept, and whether they get gzip. */
const ACCEPTED: [header: string, isGzip: boolean][] = [
  ["gzip", true],
  ["deflate, GZIP ; q=0.1", true],
  ["br, gzip;q=0.5", true],
  ["*", true],
  ["identity;q=0.5, *;q=0.8", true],
  ["", false],
  ["br", false],
  ["gzip;q=0, *", false],
  ["*;q=0", false],
  ["gzip;q=x", false],
  ["gzip;q=0.5, identity", false],
];

Deno.test("createPage() compresses for clients that accept it", async () => {
  const serve = createPage(UNUSED);
  const plain = await Deno.readFile(new URL(SCRIPT, FOLDER));
  const get = (headers: HeadersInit, method = "GET") =>
    serve(new Request(`http://x/${SCRIPT}`, { method, headers }), {
      completed: Promise.resolve(),
    });
  const tag = get({}).headers.get("etag")!;
  for (const [accepted, isGzip] of ACCEPTED) {
    const accept = { "Accept-Encoding": accepted };
    const response = get(accept);
    const { headers } = response;
    const body = await response.bytes();
    assertEquals(isGzip ? new Uint8Array(gunzipSync(body)) : body, plain);
    assertEquals(headers.get("content-length"), `${body.length}`);
    assertEquals(headers.get("content-encoding"), isGzip ? "gzip" : null);
    const fresh = get({ ...accept, "If-None-Match": tag });
    const part = get({ ...accept, "Range": "bytes=2-4" });
    assertEquals([fresh.status, part.status], [304, 206], accepted);
    assertEquals(await part.bytes(), plain.subarray(2, 5));
    assert(!part.headers.has("content-encoding"));
    for (const answer of [response, fresh, part]) {
      assertEquals(answer.headers.get("vary"), "Accept-Encoding");
      assertEquals(answer.headers.get("etag"), tag);
    }
    assertEquals([...get(accept, "HEAD").headers], [...headers]);
  }
});

/** The modules that the page's script needs at first, itself included. */
function importGraph(): Set<string> {
  const names = new Set(["console.js"]);
  // The set grows while it is walked.
  for (const name of names) {
    const text = Deno.readTextFileSync(new URL(name, FOLDER));
    const imports = text.matchAll(/\b(?:from|import) "\.\/([^"]+)"/g);
    for (const [, imported] of imports) names.add(imported!);
  }
  return names;
}

Deno.test("index.html preloads what its script imports, in alphabetical order", () => {
  const links = INDEX.matchAll(/<link rel="modulepreload" href="([^"]+)">/g);
  const imported = importGraph();
  imported.delete("console.js");
  assertEquals(Array.from(links, ([, name]) => name), [...imported].sort());
});

Deno.test("createPage() serves at most 256 responses that are not taken", async () => {
  await using service = startTestService();
  const origin = `http://127.0.0.1:${service.port}`;
  const closedWindow = { settings: { initialWindowSize: 0 } };
  const sessions = [1, 2, 3, 4].map(() => connect(origin, closedWindow));
  const statuses: Record<string, number> = {};
  const ask = (method: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => {
      const request = sessions[i % 4]!.request({
        ":path": "/",
        ":method": method,
      });
      return new Promise<ClientHttp2Stream>((resolve) =>
        request.on("response", (headers) => {
          const status = `${headers[":status"]}`;
          statuses[status] = (statuses[status] ?? 0) + 1;
          resolve(request);
        })
      );
    }));

  await within(ask("GET", 256), "256 pages");
  assertEquals(statuses, { 200: 256 });
  const refused = await exchange(
    service.port,
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  assertEquals(refused.status, 503);
  assertEquals(refused.headers.get("retry-after"), "1");
  await within(ask("GET", 8), "8 refusals");
  await within(ask("POST", 8), "8 refusals of a POST");
  assertEquals(statuses, { 200: 256, 503: 16 });
  // The next refusal has no body, so that it ends whatever the window.
  const [last] = await within(ask("GET", 1), "a refusal");
  await until(() => last!.closed, "the refusal ends");
  const other = await exchange(
    service.port,
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  assertEquals([other.status, other.body], [503, ""]);
  const http1 = await exchange(
    service.port,
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  );
  assertEquals([http1.status, http1.body], [200, INDEX]);
  for (const session of sessions) session.destroy();
  await until(
    async () => (await get(service, "/")).status === 200,
    "the page is served again",
  );
});

Deno.test("createPage() refuses other methods", async () => {
  await using service = startTestService();
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    for (const name of ["", SCRIPT]) {
      const response = await fetch(service.urls.page + name, { method });
      const { status, headers } = response;
      const body = await response.text();
      assertEquals([status, headers.get("allow")], [405, "GET, HEAD"]);
      assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
      assertMatch(body, /^Cannot [^\n]*[^.\n]\n$/);
      assertStringIncludes(body, method);
    }
  }
});

Deno.test("createPage() describes the service to the page", async () => {
  const defaults = {
    version: "",
    path: "/",
    endpoints: ENDPOINT_NAMES.filter((name) => name !== "watch").map((
      name,
    ) => ({
      name,
      paths: ENDPOINTS[name].paths,
    })),
    watch: "/watch",
    parameters: PARAMETERS,
    prefix: "",
    subprotocols: [],
    origins: [],
    limits: SETTINGS.limits.default,
    refusing: null,
  };
  await using plain = startTestService();
  const { headers } = await get(plain, "/");
  assertEquals(described(headers), defaults);

  const limits = { maxMessageSize: 5, idleTimeout: 0, maxConnections: 1 };
  const changes = { subprotocols: ["v2", "v1"], origins: ["self"] };
  await using service = startTestService({
    ...changes,
    version: "1.0 “β”",
    paths: {
      ...Object.fromEntries(ENDPOINT_NAMES.map((name) => [name, []])),
      echo: ["/回"],
    },
    limits,
  });
  await using _client = await Client.open(service.url("echo"));
  const answer = await get(service, "/%E5%9B%9E?x=1");
  assertEquals(described(answer.headers), {
    ...defaults,
    ...changes,
    version: "1.0 “β”",
    path: "/%E5%9B%9E",
    endpoints: [{ name: "echo", paths: ["/%E5%9B%9E"] }],
    watch: null,
    limits: { ...defaults.limits, ...limits },
    refusing: "the connection limit is reached (--max-connections 1)",
  });
});

Deno.test("createPage() serves only files that were there at first", async () => {
  const directory = await Deno.makeTempDir();
  await using folder = new AsyncDisposableStack();
  folder.defer(() => Deno.remove(directory, { recursive: true }));
  await Deno.writeTextFile(`${directory}/index.html`, "the page");
  await Deno.writeTextFile(`${directory}/a.js`, "a script");
  await Deno.mkdir(`${directory}/folder`);
  await Deno.symlink(import.meta.filename!, `${directory}/link.js`);
  await Deno.symlink(`${directory}/a.js`, `${directory}/near.js`);
  const serve = createPage({ ...UNUSED, directory });
  await Deno.writeTextFile(`${directory}/late.js`, "a later script");

  const get = async (path: string) => {
    const request = new Request(`http://x${path}`);
    const response = serve(request, { completed: Promise.resolve() });
    return [response.status, await response.text()];
  };
  assertEquals(await get("/a.js"), [200, "a script"]);
  for (const name of ["link.js", "near.js", "late.js", "folder", "none"]) {
    assertEquals(await get(`/${name}`), [200, "the page"], name);
  }
  const missing = `${directory}/missing`;
  const { cause } = assertThrows(
    () => createPage({ ...UNUSED, directory: missing }),
    Error,
    `Cannot read the page's folder "${missing}": `,
  );
  assert(cause instanceof Deno.errors.NotFound);
});

Deno.test("main.ts run from a URL serves the page from there, or says why not", async () => {
  const root = new URL("../", import.meta.url);
  let missing = "";
  await using files = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const { pathname } = new URL(url);
      if (pathname === missing) return new Response(null, { status: 404 });
      return new Response(await Deno.readFile(new URL(`.${pathname}`, root)));
    },
  );
  const origin = `http://127.0.0.1:${files.addr.port}`;
  // A module from a URL cannot import the stand-in as a file.
  const path = import.meta.resolve("@std/path");
  const map = JSON.stringify({
    imports: { "@std/path": path.replace(root.href, `${origin}/`) },
  });
  const cwd = await Deno.makeTempDir({ prefix: "wsecho_" });
  await using folder = new AsyncDisposableStack();
  folder.defer(() => Deno.remove(cwd, { recursive: true }));
  const flags = ["--quiet", "--no-prompt", "--allow-net", "--allow-env"];
  flags.push(`--import-map=data:application/json,${map}`);
  const command = [Deno.execPath(), "run", ...flags, `${origin}/main.ts`];
  // The platform keeps what it did not find as well.
  const withCache = (name: string) => ({
    command,
    cwd,
    env: { DENO_DIR: `${cwd}/${name}` },
  });
  missing = "/static/words_log.js";
  const args = ["--port", "0"];
  const { code, stderr } = await run({ ...withCache("first"), args });
  assertEquals(code, 1);
  assertMatch(stderr, /^wsecho: Cannot load the page: [^\n]*\n$/);
  assertStringIncludes(stderr, missing);

  missing = "";
  await using service = await ServiceProcess.start(withCache("second"));
  const page = `http://127.0.0.1:${service.port}/`;
  const { headers } = await fetch(page, { method: "HEAD" });
  const tag = headers.get("etag")!;
  const known = { headers: { "If-None-Match": tag } };
  const [same, script] = await Promise.all([
    fetch(page, known),
    fetch(page + SCRIPT, known),
  ]);
  assertEquals([same.status, await same.text()], [304, ""]);
  assertEquals(
    [script.status, await script.text()],
    [200, Deno.readTextFileSync(new URL(SCRIPT, FOLDER))],
  );
});
