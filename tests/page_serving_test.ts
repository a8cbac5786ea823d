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
import { run } from "./support/process.ts";
import { exchange } from "./support/raw_client.ts";
import { startTestService } from "./support/service.ts";

const FOLDER = new URL("../static/", import.meta.url);
const INDEX = Deno.readTextFileSync(new URL("index.html", FOLDER));
const NAMES = Array.from(Deno.readDirSync(FOLDER), ({ name }) => name);
/** A file of the page that is not the page itself, in ASCII. */
const SCRIPT = NAMES.find((name) =>
  name.endsWith(".js") &&
  /^\p{ASCII}+$/u.test(Deno.readTextFileSync(new URL(name, FOLDER)))
)!;

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
function rawGet(path: string, host = "Host: 127.0.0.1\r\n"): string {
  return `GET ${path} HTTP/1.1\r\n${host}\r\n`;
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
    const head = await fetch(url, { method: "HEAD" });
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
// deno-fmt-ignore
const PAGE_PATHS = [
  "/", "//", "/index.html", "/any/prefix/", "/%", "/%00", "/%zz", "/..%2f", "/..%2fmain.ts",
  "/..%5cmain.ts", "/main.ts", "/handlers/page.ts", "/static", "/constructor", `/${SCRIPT}/`,
  `/${SCRIPT}%00`, `/a%2f${SCRIPT}`, `/${SCRIPT.toUpperCase()}`,
];

/** Other paths that give the page, and the path that it is told. */
const CHANGED_PATHS: Record<string, string> = {
  "/uppercase?delay=5": "/uppercase",
  "/../main.ts": "/main.ts",
  "/%2e%2e/main.ts": "/main.ts",
  "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd": "/etc/passwd",
  "/..\\main.ts": "/main.ts",
  "/.": "/",
  "/..": "/",
  [`/?x=/${SCRIPT}`]: "/",
  // A header of the path's own length would be a burden on proxies.
  [`/${"x".repeat(60_000)}`]: `/${"x".repeat(499)}…`,
};

Deno.test("createPage() gives the page for every path that names no file", async () => {
  await using service = startTestService();
  for (
    const [path, seen] of [
      ...PAGE_PATHS.map((path) => [path, path] as const),
      ...Object.entries(CHANGED_PATHS),
    ]
  ) {
    const { status, headers, body } = await exchange(
      service.port,
      rawGet(path),
    );
    assertEquals([status, body], [200, INDEX], path);
    assertMatch(headers.get("content-type") ?? "", MEDIA_TYPES["html"]!);
    assertSecurityHeaders(headers);
    assertEquals(described(headers).path, seen);
  }
  assertEquals(service.errors, []);
});

Deno.test("createPage() finds a file's name after any prefix", async () => {
  await using service = startTestService();
  const expected = await Deno.readTextFile(new URL(SCRIPT, FOLDER));
  for (const prefix of ["/a/b/", "//", "/../", "/%/", "/%2e%2e/", "/a//b/"]) {
    const { status, headers, body } = await exchange(
      service.port,
      rawGet(`${prefix}${SCRIPT}?x=1`),
    );
    assertEquals([status, body], [200, expected], prefix);
    assertMatch(headers.get("content-type") ?? "", MEDIA_TYPES["js"]!);
    assertEquals(headers.has("x-wsecho"), false);
  }
});

Deno.test("createPage() gives the page for any Host", async () => {
  await using service = startTestService();
  for (const host of ["Host: a b\r\n", "Host: [::1\r\n", "Host: \r\n", ""]) {
    const { status, body } = await exchange(service.port, rawGet("/", host));
    assertEquals([status, body], [200, INDEX], host);
  }
  assertEquals(service.errors, []);
});

Deno.test("createPage() answers conditions, ranges and other methods", async () => {
  await using service = startTestService();
  const text = await Deno.readTextFile(new URL(SCRIPT, FOLDER));
  const size = text.length;
  const url = `${service.urls.page}${SCRIPT}`;
  const head = await fetch(url, { method: "HEAD" });
  const etag = head.headers.get("etag") ?? "";
  assertMatch(etag, /^(W\/)?".+"$/);

  /** Asks with one header more; the response's body and one of its headers. */
  const ask = async (name: string, value: string, shown: string) => {
    const response = await fetch(url, { headers: { [name]: value } });
    assertSecurityHeaders(response.headers);
    const { status, headers } = response;
    return [status, headers.get(shown), await response.text()];
  };
  assertEquals(await ask("If-None-Match", etag, "etag"), [304, etag, ""]);
  assertEquals(await ask("If-None-Match", '"x"', "etag"), [200, etag, text]);
  const parts: Record<string, [start: number, end: number]> = {
    "0-4": [0, 4],
    "5-": [5, size - 1],
    "-3": [size - 3, size - 1],
    [`2-${size + 100}`]: [2, size - 1],
  };
  for (const [range, [start, end]] of Object.entries(parts)) {
    assertEquals(
      await ask("Range", `bytes=${range}`, "content-range"),
      [206, `bytes ${start}-${end}/${size}`, text.slice(start, end + 1)],
    );
  }
  const beyond = await ask("Range", `bytes=${size}-`, "content-range");
  assertEquals(beyond.slice(0, 2), [416, `bytes */${size}`]);

  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    for (const target of [url, service.urls.page]) {
      const response = await fetch(target, { method });
      const { status, headers } = response;
      const body = await response.text();
      assertEquals([status, headers.get("allow")], [405, "GET, HEAD"]);
      assertMatch(
        headers.get("content-type") ?? "",
        /^text\/plain; charset=utf/,
      );
      assertMatch(body, /^Cannot [^\n]*[^.\n]\n$/);
      assertStringIncludes(body, method);
    }
  }
});

Deno.test("createPage() describes the service to the page", async () => {
  const defaults = {
    version: "",
    path: "/",
    endpoints: ENDPOINT_NAMES.map((name) => ({
      name,
      paths: ENDPOINTS[name].paths,
    })),
    parameters: PARAMETERS,
    subprotocols: [],
    origins: [],
    limits: SETTINGS.limits.default,
    refusing: null,
  };
  await using plain = startTestService();
  const { headers } = await exchange(plain.port, rawGet("/"));
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
  const answer = await exchange(service.port, rawGet("/%E5%9B%9E?x=1"));
  assertEquals(described(answer.headers), {
    ...defaults,
    ...changes,
    version: "1.0 “β”",
    path: "/%E5%9B%9E",
    endpoints: [{ name: "echo", paths: ["/%E5%9B%9E"] }],
    limits: { ...defaults.limits, ...limits },
    refusing: "the connection limit is reached (--max-connections 1)",
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

Deno.test("createPage() serves only files that were there at first", async () => {
  await using folder = await makeFolder();
  const { path: directory } = folder;
  await Deno.writeTextFile(`${directory}/index.html`, "the page");
  await Deno.writeTextFile(`${directory}/a.js`, "a script");
  await Deno.mkdir(`${directory}/folder`);
  await Deno.symlink(import.meta.filename!, `${directory}/link.js`);
  await Deno.symlink(`${directory}/a.js`, `${directory}/near.js`);
  const serve = createPage({ directory, describe: (path) => path });
  await Deno.writeTextFile(`${directory}/late.js`, "a later script");

  const get = async (path: string) => {
    const response = await serve(new Request(`http://x${path}`), path);
    return [response.status, await response.text()];
  };
  assertEquals(await get("/a.js"), [200, "a script"]);
  for (const name of ["link.js", "near.js", "late.js", "folder", "none"]) {
    assertEquals(await get(`/${name}`), [200, "the page"], name);
  }
  const missing = `${directory}/missing`;
  const { cause } = assertThrows(
    () => createPage({ directory: missing, describe: () => "" }),
    Error,
    `Cannot read the page's folder "${missing}": `,
  );
  assert(cause instanceof Deno.errors.NotFound);
});

Deno.test("startService() imported from a URL serves no file of the working directory", async () => {
  await using folder = await makeFolder();
  const { path: cwd } = folder;
  const root = new URL("../", import.meta.url);
  await using files = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async ({ url }) => {
      const file = new URL(`.${new URL(url).pathname}`, root);
      return new Response(await Deno.readFile(file));
    },
  );
  const origin = `http://127.0.0.1:${files.addr.port}`;
  const packages = ["@std/http/file-server", "@std/path"].map((name) => [
    name,
    import.meta.resolve(name).replace(root.href, `${origin}/`),
  ]);
  const program = `
    import { startService } from "${origin}/main.ts";
    try {
      const { urls } = startService({ port: 0 });
      console.log(await (await fetch(new URL(".env", urls.page))).text());
    } catch (error) {
      console.log(error.message);
    }
    Deno.exit();`;
  await Deno.writeTextFile(`${cwd}/.env`, "the secret");
  await Deno.writeTextFile(`${cwd}/index.html`, "a page");
  await Deno.writeTextFile(`${cwd}/program.ts`, program);
  await Deno.writeTextFile(
    `${cwd}/map.json`,
    JSON.stringify({ imports: Object.fromEntries(packages) }),
  );
  const flags =
    "--quiet --no-prompt --no-lock --allow-net --allow-read --allow-import";
  const { stdout, stderr } = await run({
    cwd,
    command: [
      Deno.execPath(),
      "run",
      ...flags.split(" "),
      `--reload=${origin}`,
      "--import-map=map.json",
      "program.ts",
    ],
  });
  assertEquals(stderr, "");
  assertMatch(stdout, /^Cannot serve the page: [^\n]*[^.\n]\n$/);
  assertStringIncludes(stdout, `${origin}/handlers/page.ts`);
});
