import process from "node:process";
import { fileHeaders } from "./file_headers.ts";
import type { PageSource } from "./page_source.ts";
import type { Content } from "./response_limit.ts";

/** Headers of every page response, besides those of any file. */
const HEADERS = {
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
};

/** A file of the page, as it is and in gzip. */
export class PageFile {
  /** The file as it is. */
  readonly plain: Content<Uint8Array<ArrayBuffer>>;
  #gzipped: Content | undefined;

  /**
   * Creates it, of a type that its name tells.
   *
   * @param assets goes before the names of other files, where it links to them
   */
  constructor(name: string, source: PageSource, assets = "") {
    const body = assets === "" ? source.body : moveLinks(source.body, assets);
    this.plain = {
      status: 200,
      body,
      headers: {
        ...HEADERS,
        ...fileHeaders(name, body.length, source),
        "Vary": "Accept-Encoding",
      },
    };
  }

  /** The file in gzip, or as it is where that is not longer. */
  get gzipped(): Content {
    return this.#gzipped ??= gzip(this.plain);
  }
}

function moveLinks(
  html: Uint8Array,
  assets: string,
): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(html);
  return new TextEncoder().encode(
    text.replace(/(?<= (?:href|src)=")(?=[\w.]+")/g, assets),
  );
}

/** Compresses; once for a file, when a client asks for it, to save memory. */
function gzip(plain: PageFile["plain"]): Content {
  // An import would load the module in every worker.
  const { gzipSync } = process.getBuiltinModule("node:zlib");
  // Small chunks, as each result is a view of a whole one; so it is copied.
  const body = new Uint8Array(gzipSync(plain.body, { chunkSize: 2_048 }));
  const headers = { ...plain.headers, "Content-Encoding": "gzip" };
  return body.length < plain.body.length ? { ...plain, headers, body } : plain;
}
