/** A registry of packages on this machine, for Deno and `deno publish`. */

/** The stand-in for the package that the service imports. */
const PATH_MODULE = new URL("../../.ci/offline/path.ts", import.meta.url);

const PUBLISH = new URLPattern({
  pathname: "/api/scopes/:scope/packages/:name/versions/:version",
});
const VERSIONS = new URLPattern({
  pathname: "/:name(@[\\w-]+/[\\w-]+)/meta.json",
});
const VERSION = new URLPattern({
  pathname: "/:path(@[\\w-]+/[\\w-]+/.+)_meta.json",
});

/**
 * A registry that Deno takes by the variable `JSR_URL`. It has the stand-in for
 * `@std/path`, and what is published to it.
 */
export class Registry implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** The environment of a process that has this registry and its own cache. */
  readonly env: Record<string, string>;
  /** An empty folder, to run programs in. */
  readonly cwd: string;

  /** Starts it. */
  constructor() {
    this.#folder = Deno.makeTempDirSync({ prefix: "wsecho_" });
    this.cwd = `${this.#folder}/cwd`;
    Deno.mkdirSync(this.cwd);
    const path = this.folderOf("@std/path/1.1.4");
    Deno.mkdirSync(path, { recursive: true });
    Deno.copyFileSync(PATH_MODULE, `${path}/mod.ts`);
    Deno.writeTextFileSync(`${path}/deno.json`, '{"exports":"./mod.ts"}');
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
    this.env = {
      DENO_DIR: `${this.#folder}/cache`,
      JSR_URL: `http://127.0.0.1:${this.#server.addr.port}/`,
    };
  }

  /** The folder of a package's version, `@scope/name/version`. */
  folderOf(path: string): string {
    return `${this.#folder}/packages/${path}`;
  }

  async #answer(request: Request): Promise<Response> {
    const { url } = request;
    if (request.method === "POST") {
      const { scope, name, version } = PUBLISH.exec(url)!.pathname.groups;
      await unpack(request, this.folderOf(`@${scope}/${name}/${version}`));
      return Response.json({ id: "1", status: "success", error: null });
    }
    // It knows every package, and no version that is to be published.
    if (PUBLISH.test(url)) return new Response(null, { status: 404 });
    const { pathname } = new URL(url);
    if (pathname.startsWith("/api/")) return Response.json({});
    try {
      return await this.#read(url, pathname);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return new Response(null, { status: 404 });
    }
  }

  async #read(url: string, pathname: string): Promise<Response> {
    const name = VERSIONS.exec(url)?.pathname.groups["name"];
    if (name !== undefined) {
      const versions = Array.from(
        Deno.readDirSync(this.folderOf(name)),
        ({ name }) => [name, {}],
      );
      return Response.json({ versions: Object.fromEntries(versions) });
    }
    const path = VERSION.exec(url)?.pathname.groups["path"];
    if (path !== undefined) {
      return Response.json(await describe(this.folderOf(path)));
    }
    return new Response(await Deno.readFile(this.folderOf(pathname.slice(1))));
  }

  /** Stops it; what was fetched stays in the cache. */
  async stop() {
    await this.#server.shutdown();
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Unpacks the archive that `deno publish` sends. */
async function unpack({ body }: Request, folder: string) {
  await Deno.mkdir(folder, { recursive: true });
  const tar = new Deno.Command("tar", {
    args: ["-xzf", "-", "-C", folder],
    stdin: "piped",
  }).spawn();
  await body!.pipeTo(tar.stdin);
  const { success } = await tar.status;
  if (!success) throw new Error(`Cannot unpack what was published: tar failed`);
}

/** The files of a folder and its subfolders, by their paths in it. */
export function listFiles(folder: string, prefix = ""): string[] {
  return Array.from(Deno.readDirSync(`${folder}/${prefix}`))
    .flatMap(({ name, isDirectory }) =>
      isDirectory ? listFiles(folder, `${prefix}${name}/`) : `${prefix}${name}`
    ).sort();
}

/** What the registry tells of a version: its exports and its files. */
async function describe(folder: string) {
  const config = await Deno.readTextFile(`${folder}/deno.json`);
  const files = listFiles(folder).map(async (path) => {
    const bytes = await Deno.readFile(`${folder}/${path}`);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const checksum = `sha256-${new Uint8Array(digest).toHex()}`;
    return [`/${path}`, { size: bytes.length, checksum }];
  });
  return {
    exports: { ".": JSON.parse(config).exports },
    manifest: Object.fromEntries(await Promise.all(files)),
  };
}
