import { connect } from "node:http2";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { FileBody } from "../handlers/file_body.ts";
import { Client } from "./support/client.ts";
import {
  exchange,
  handshakeRequest,
  RawConnection,
} from "./support/raw_client.ts";
import { startTestService, type TestService } from "./support/service.ts";
import { until, within } from "./support/wait.ts";

/** A name that a file of the console has as well. */
const OWN_NAME = "console.js";

/** The files of the folder, and beside it. */
const FILES: Record<string, string> = {
  "app/index.html": "<!doctype html>my page",
  [`app/${OWN_NAME}`]: "my script",
  "app/sub/index.html": "a page in a subfolder",
  "app/sub/style.css": "a {}",
  "app/empty/data.txt": "a folder without a page",
  "app/100%.txt": "a sign",
  "app/日 本.txt": "a name",
  "app/IMAGE.PNG": "an image",
  "app/noending": "bytes",
  "app/.env": "hidden",
  "app/.git/config": "hidden",
  "app/wsecho/mine.txt": "in the console's place",
  "outside.txt": "outside",
  "app2/near.txt": "outside",
};

/** Symbolic links, and what they lead to. */
const LINKS: Record<string, string> = {
  "app/within.css": "sub/style.css",
  "app/folder": "sub",
  "app/out.txt": "../outside.txt",
  "app/near": "../app2",
  "app/shown.txt": ".env",
  "app/loop": "loop",
};

class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<Folder> {
    const folder = new Folder(await Deno.makeTempDir());
    for (const [name, text] of Object.entries(FILES)) folder.write(name, text);
    for (const [name, target] of Object.entries(LINKS)) {
      await Deno.symlink(target, `${folder.path}/${name}`);
    }
    return folder;
  }

  write(name: string, content: string | Uint8Array) {
    const file = `${this.path}/${name}`;
    Deno.mkdirSync(file.replace(/\/[^/]*$/, ""), { recursive: true });
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    Deno.writeFileSync(file, bytes);
  }

  serve(paths: Record<string, string[]> = {}): TestService {
    return startTestService({ static: `${this.path}/app`, paths });
  }

  async [Symbol.asyncDispose]() {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Requests a path as it is: `fetch` would tidy it up. */
function get({ port }: TestService, path: string) {
  return exchange(port, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
}

/** Paths, and the file that they give with its media type. */
const FOUND: [path: string, file: string, type: string][] = [
  ["/", "app/index.html", "text/html; charset=UTF-8"],
  ["/index.html", "app/index.html", "text/html; charset=UTF-8"],
  ["/?x=1", "app/index.html", "text/html; charset=UTF-8"],
  [`/${OWN_NAME}`, `app/${OWN_NAME}`, "text/javascript; charset=UTF-8"],
  ["/sub/", "app/sub/index.html", "text/html; charset=UTF-8"],
  ["/sub/style.css", "app/sub/style.css", "text/css; charset=UTF-8"],
  ["/empty/../sub/style.css", "app/sub/style.css", "text/css; charset=UTF-8"],
  ["/100%25.txt", "app/100%.txt", "text/plain; charset=UTF-8"],
  ["/%E6%97%A5%20%E6%9C%AC.txt", "app/日 本.txt", "text/plain; charset=UTF-8"],
  ["/IMAGE.PNG", "app/IMAGE.PNG", "image/png"],
  ["/noending", "app/noending", "application/octet-stream"],
  ["/within.css", "app/sub/style.css", "text/css; charset=UTF-8"],
  ["/folder/style.css", "app/sub/style.css", "text/css; charset=UTF-8"],
];

/** Paths that give no file. */
const MISSING = [
  ..."/none /sub/none /empty /empty/ /noending/ /noending/x /app".split(" "),
  ..."/.env /.git /.git/ /.git/config /sub/..%2f.env /%2eenv".split(" "),
  ..."/out.txt /near/near.txt /near /shown.txt /loop".split(" "),
  ..."/../outside.txt /..%2foutside.txt /..%5coutside.txt".split(" "),
  ..."/sub/..%2f..%2foutside.txt /sub%2fstyle.css /sub%5cstyle.css".split(" "),
  ..."/%2e%2e/app2/near.txt /..%2fapp2/near.txt".split(" "),
  ..."/100%.txt /% /%zz /%00 /noending%00 /c:/noending /C%3A".split(" "),
  ...["//localhost/noending/", `/${"x".repeat(5_000)}`, "/console.css"],
];

Deno.test("findStaticFile() finds the files of the folder, and nothing else", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  const unreadable = "/unreadable.txt";
  folder.write(`app${unreadable}`, "not for all");
  await Deno.chmod(`${folder.path}/app${unreadable}`, 0);
  // The superuser can read all.
  const missing = Deno.uid() === 0 ? MISSING : [...MISSING, unreadable];
  for (const [path, file, type] of FOUND) {
    const { status, headers, body } = await get(service, path);
    assertEquals([status, body], [200, FILES[file]], path);
    assertEquals(headers.get("content-type"), type);
    assertEquals(headers.get("cache-control"), "no-cache");
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assert(!headers.has("content-security-policy"));
  }
  for (const path of missing) {
    const { status, headers, body } = await get(service, path);
    assertEquals(status, 404, path);
    assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
    assertMatch(body, /^Cannot find "\/[^\n]*the console is at \/wsecho\n$/);
  }
  assertEquals(service.errors, []);
});

Deno.test("findStaticFile() reads what is there when it is asked", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  const tag = async () => {
    const { status, headers } = await get(service, "/late.js");
    return `${status} ${headers.get("etag")}`;
  };
  const tags = [await tag()];
  folder.write("app/late.js", "1");
  tags.push(await tag());
  folder.write("app/late.js", "22");
  tags.push(await tag());
  assertEquals(tags.map((text) => text.slice(0, 3)), ["404", "200", "200"]);
  assertEquals(new Set(tags).size, 3);
  // A build may replace the whole folder.
  await Deno.remove(`${folder.path}/app`, { recursive: true });
  assertEquals((await get(service, "/late.js")).status, 404);
  folder.write("app/late.js", "new");
  assertEquals((await get(service, "/late.js")).body, "new");
});

Deno.test("createPlainHandler() answers HEAD, conditions, ranges and other methods as for its own files", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  const url = `${service.urls.page}sub/style.css`;
  const first = await fetch(url);
  assertEquals(await first.text(), "a {}");
  const tag = first.headers.get("etag")!;
  const rows: [RequestInit, number, string][] = [
    [{ method: "HEAD" }, 200, ""],
    [{ headers: { "If-None-Match": tag } }, 304, ""],
    [{ headers: { "Range": "bytes=2-" } }, 206, "{}"],
    [{ headers: { "Range": "bytes=-1" } }, 206, "}"],
    [{ headers: { "Range": "bytes=4-" } }, 416, ""],
  ];
  for (const [init, status, body] of rows) {
    const response = await fetch(url, init);
    assertEquals([response.status, await response.text()], [status, body]);
    assertEquals(response.headers.get("etag"), tag);
  }
  const refused = await fetch(url, { method: "PUT", body: "x" });
  assertEquals([refused.status, refused.headers.get("allow")], [
    405,
    "GET, HEAD",
  ]);
  await refused.body?.cancel();
});

Deno.test("createPlainHandler() leads to a subfolder's page below any prefix of a proxy", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  for (
    const [path, location] of [
      ["/sub", "./sub/"],
      ["//sub", "./sub/"],
      ["/sub?x=%26&y", "./sub/?x=%26&y"],
    ]
  ) {
    const { status, headers } = await get(service, path!);
    assertEquals([status, headers.get("location")], [302, location]);
  }
});

Deno.test("createPlainHandler() keeps the console, with all its files, at /wsecho and at endpoints", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve({ echo: ["/", "/a/echo", "/sub"] });
  const consoles = ["/wsecho", "/wsecho/", "/prefix/wsecho", "/a/echo"];
  for (const path of [...consoles, "/a/echo/", "/uppercase?delay=5"]) {
    const { status, headers, body } = await get(service, path);
    assertEquals(status, 200, path);
    assert(headers.has("content-security-policy"));
    const info = JSON.parse(headers.get("x-wsecho")!);
    assertEquals(info.path, path.replace(/\?.*/, ""));
    const base = new URL(path, service.urls.page);
    const links = [...body.matchAll(/ (?:href|src)="([\w/]+\.\w+)"/g)];
    assert(links.length > 10);
    for (const [, link] of path === "/a/echo" ? links : links.slice(0, 1)) {
      const name = link!.replace("wsecho/", "");
      const expected = await Deno.readTextFile(
        new URL(`../static/${name}`, import.meta.url),
      );
      const { pathname } = new URL(link!, base);
      assertEquals((await get(service, pathname)).body, expected);
    }
  }
  // A page of the user's comes first, with what the console needs to know.
  for (const path of ["/", "/sub/"]) {
    const { headers, body } = await get(service, path);
    assertMatch(body, /page/);
    assertEquals(JSON.parse(headers.get("x-wsecho")!).path, path);
  }
  assert(!(await get(service, "/noending")).headers.has("x-wsecho"));
  await using client = await Client.open(service.url("echo"));
  assertEquals(await client.ask("x"), "x");
  const health = await get(service, "/?health");
  assertEquals(JSON.parse(health.body).status, "ok");
});

Deno.test("createPlainHandler() logs how a handshake without Upgrade was answered", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  for (const [path, status] of [["/", 200], ["/none", 404]] as const) {
    const request = handshakeRequest({ path, replace: { upgrade: null } });
    assertEquals((await exchange(service.port, request)).status, status);
    assertEquals(service.log.of("refused").at(-1)?.status, status);
  }
});

Deno.test("FileBody streams a large file over HTTP/1 and HTTP/2", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
  folder.write("app/large.bin", bytes);
  const url = `${service.urls.page}large.bin`;
  assertEquals(await (await fetch(url)).bytes(), bytes);
  const range = { headers: { "Range": "bytes=65000-200000" } };
  const part = await fetch(url, range);
  assertEquals(await part.bytes(), bytes.subarray(65_000, 200_001));

  const session = connect(service.urls.page);
  const request = session.request({ ":path": "/large.bin" });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  request.on("data", (chunk) => chunks.push(chunk));
  const { promise, resolve } = Promise.withResolvers<void>();
  request.on("end", resolve);
  await within(promise, "the file over HTTP/2");
  session.destroy();
  assertEquals(await new Blob(chunks).bytes(), bytes);
});

Deno.test("FileBody is read for at most 256 clients at a time, who do not keep others from the console", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  // More than the sockets of both ends take.
  folder.write("app/large.bin", new Uint8Array(20_000_000));
  using readers = new DisposableStack();
  const ask = (path: string) =>
    exchange(
      service.port,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
  for (let reader = 0; reader < 256; reader++) {
    const connection = readers.use(await RawConnection.open(service.port));
    await connection.write(
      "GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    await connection.read();
  }
  assertEquals((await ask("/noending")).status, 503);
  assertEquals((await ask("/wsecho")).status, 200);
  readers.dispose();
  await until(
    async () => (await ask("/noending")).status === 200,
    "files are served again",
  );
});

Deno.test("FileBody ends a response whose file changes, rather than to mix two versions", async () => {
  await using folder = await Folder.create();
  await using service = folder.serve();
  const size = 20_000_000;
  folder.write("app/large.bin", new Uint8Array(size));
  using connection = await RawConnection.open(service.port);
  await connection.write("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
  let received = (await connection.read())!.length;
  folder.write("app/large.bin", new Uint8Array(size + 1));
  for (let chunk; (chunk = await connection.read()) !== null;) {
    received += chunk.length;
  }
  assert(received < size);
  assertMatch(`${service.errors}`, /^Error: Cannot send the file .* changed/);
});

Deno.test({
  name: "FileBody does not wait for a named pipe in the place of its file",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await Folder.create();
  const path = `${folder.path}/app/noending`;
  const body = new FileBody(path, Deno.statSync(path));
  Deno.removeSync(path);
  await new Deno.Command("mkfifo", { args: [path] }).output();
  // Were it opened, it would not wait for this end.
  using _end = await Deno.open(path, { read: true, write: true });
  assertThrows(() => body.read(), Error, "it has changed meanwhile");
});
