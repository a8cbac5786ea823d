import process from "node:process";
import { extname } from "@std/path";
import type { Content } from "./response_limit.ts";

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
  // Firefox and Safari round a page's clock to 1 ms unless it is isolated.
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const MEDIA_TYPES: Record<string, string> = {
  ".css": "text/css; charset=UTF-8",
  ".html": "text/html; charset=UTF-8",
  ".js": "text/javascript; charset=UTF-8",
  ".svg": "image/svg+xml",
};

/** A file of the page, as it is and in gzip. */
export class PageFile {
  /** The file as it is. */
  readonly plain: Content;
  #gzipped: Content | undefined;

  /**
   * Reads the file.
   *
   * @throws {Error} when it cannot be read
   */
  constructor(path: string) {
    const body = Deno.readFileSync(path);
    // Not every file system knows the time.
    const modified = Deno.statSync(path).mtime ?? new Date();
    const time = modified.getTime().toString(16);
    this.plain = {
      status: 200,
      body,
      headers: {
        ...HEADERS,
        "Accept-Ranges": "bytes",
        "Content-Type": MEDIA_TYPES[extname(path)] ??
          "application/octet-stream",
        // A weak tag stands for the content, whatever its coding.
        "ETag": `W/"${body.length.toString(16)}-${time}"`,
        "Last-Modified": modified.toUTCString(),
        "Vary": "Accept-Encoding",
      },
    };
  }

  /** The file in gzip, or as it is where that is not longer. */
  get gzipped(): Content {
    return this.#gzipped ??= gzip(this.plain);
  }
}

/** Compresses; once for a file, when a client asks for it, to save memory. */
function gzip(plain: Content): Content {
  // An import would load the module in every worker.
  const { gzipSync } = process.getBuiltinModule("node:zlib");
  // Small chunks, as each result is a view of a whole one; so it is copied.
  const body = new Uint8Array(gzipSync(plain.body, { chunkSize: 2_048 }));
  const headers = { ...plain.headers, "Content-Encoding": "gzip" };
  return body.length < plain.body.length ? { ...plain, headers, body } : plain;
}
