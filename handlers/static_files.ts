import { serveFile } from "@std/http/file-server";
import { join } from "@std/path";

/** What a static file's response carries besides its own headers. */
const HEADERS = {
  "Cache-Control": "no-cache",
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const INDEX = "index.html";

export interface StaticFilesOptions {
  /** The folder of the files, itself flat. Default: `static/`. */
  directory?: string;
  /**
   * Tells the page about the service, as one line of ASCII for the header
   * `X-Wsecho`, given the path that was asked for.
   */
  describe(path: string): string;
}

/**
 * Creates the handler of everything that is not an upgrade: GET and HEAD of a
 * path whose last segment names a file of the folder give that file, so that
 * the page finds its own files from every path, also behind a proxy that mounts
 * the service under a prefix; every other path gives the page itself.
 *
 * Only names found in the folder now are ever served: no path can lead out of
 * it, and symbolic links are not followed.
 *
 * @throws {Error} when the folder cannot be read
 */
export function createStaticFiles(
  { describe, directory = join(import.meta.dirname!, "..", "static") }:
    StaticFilesOptions,
): (request: Request, path: string) => Promise<Response> {
  const names = listFiles(directory);

  return async (request, path) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response(
        `Cannot serve the page: the method is ${request.method}, expected GET or HEAD\n`,
        {
          status: 405,
          headers: {
            "Allow": "GET, HEAD",
            "Content-Type": "text/plain; charset=utf-8",
          },
        },
      );
    }
    const name = path.slice(path.lastIndexOf("/") + 1);
    const file = names.has(name) ? name : INDEX;
    const response = await serveFile(request, join(directory, file));
    for (const [header, value] of Object.entries(HEADERS)) {
      response.headers.set(header, value);
    }
    // serveFile puts the file's last access there; the platform knows the date.
    response.headers.delete("Date");
    if (file === INDEX) response.headers.set("X-Wsecho", describe(path));
    return response;
  };
}

function listFiles(directory: string): Set<string> {
  try {
    return new Set(
      Array.from(Deno.readDirSync(directory))
        .filter((entry) => entry.isFile)
        .map((entry) => entry.name),
    );
  } catch (cause) {
    throw new Error(
      `Cannot read the page's folder "${directory}": ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
}
