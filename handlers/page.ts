import { serveFile } from "@std/http/file-server";
import { join } from "@std/path";

/** Headers of every page response, besides the file's own. */
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

/** Settings of {@link createPage}. */
export interface PageOptions {
  /** The folder of the files, without subfolders. Default: `static/`. */
  directory?: string;
  /**
   * Describes the service to the page, as one line of ASCII for the header
   * `X-Wsecho`, given the requested path.
   */
  describe(path: string): string;
}

/**
 * Creates the handler of every request that is not an upgrade. GET and HEAD of
 * a path whose last segment names a file of the folder return that file, so
 * that the page finds its files from every path, also behind a proxy that
 * mounts the service under a prefix. Every other path returns the page.
 *
 * Serves only the names found in the folder at the start: no path leads out of
 * it, and symbolic links are not followed.
 *
 * @throws {Error} when the folder cannot be read
 */
export function createPage(
  { describe, directory = ownDirectory() }: PageOptions,
): (request: Request, path: string) => Promise<Response> {
  const names = listFiles(directory);

  return async (request, path) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refuseMethod(request.method);
    }
    const name = path.slice(path.lastIndexOf("/") + 1);
    const file = names.has(name) ? name : INDEX;
    const response = await serveFile(request, join(directory, file));
    for (const [header, value] of Object.entries(HEADERS)) {
      response.headers.set(header, value);
    }
    if (file === INDEX) response.headers.set("X-Wsecho", describe(path));
    return response;
  };
}

/**
 * The folder that comes with this module. A module loaded from a URL has none;
 * any relative path would then serve the files of the working directory.
 */
function ownDirectory(): string {
  if (import.meta.dirname === undefined) {
    throw new Error(
      `Cannot serve the page: "${import.meta.url}" is not a local file, so there is no folder static/ beside it`,
    );
  }
  return join(import.meta.dirname, "..", "static");
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

function refuseMethod(method: string): Response {
  return new Response(
    `Cannot serve the page: the method is ${method}, expected GET or HEAD\n`,
    {
      status: 405,
      headers: {
        "Allow": "GET, HEAD",
        "Content-Type": "text/plain; charset=utf-8",
      },
    },
  );
}
