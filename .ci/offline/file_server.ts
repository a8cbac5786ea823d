/**
 * Stands in for `@std/http/file-server` where that cannot be had: `serveFile`,
 * with the same status and headers for every request. A file is read whole, not
 * streamed, since those served here are small.
 *
 * @module
 */
import { extname } from "node:path";

/** The media types of what a page is made of, as the package gives them. */
const MEDIA_TYPES: Record<string, string> = {
  ".css": "text/css; charset=UTF-8",
  ".html": "text/html; charset=UTF-8",
  ".ico": "image/vnd.microsoft.icon",
  ".js": "text/javascript; charset=UTF-8",
  ".json": "application/json; charset=UTF-8",
  ".mjs": "text/javascript; charset=UTF-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=UTF-8",
  ".woff2": "font/woff2",
};

/**
 * Answers a request with a file: 200, 206 for a range, 304 if the client has
 * it, 404 if there is no such file, 405 for methods other than GET and HEAD,
 * 416 for a range beyond the end (RFC 9110 sections 13 and 14).
 *
 * @throws {Error} What the file system reports, except that the file is missing
 */
export async function serveFile(
  req: Request,
  filePath: string,
): Promise<Response> {
  if (req.method !== "GET" && req.method !== "HEAD") {
    return refusal(405, "Method Not Allowed");
  }
  const info = await Deno.stat(filePath).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (info === null || info.isDirectory) return refusal(404, "Not Found");

  const headers = new Headers({ "accept-ranges": "bytes", server: "deno" });
  const type = MEDIA_TYPES[extname(filePath).toLowerCase()];
  if (type) headers.set("content-type", type);
  // Files inside a compiled binary have no time, hence no validators.
  if (info.mtime) {
    headers.set("etag", await weakTag(info.size, info.mtime));
    headers.set("last-modified", info.mtime.toUTCString());
  }

  if (req.method === "HEAD") {
    headers.set("content-length", `${info.size}`);
    return new Response(null, { statusText: "OK", headers });
  }
  if (isFresh(req.headers, headers.get("etag"), info.mtime)) {
    return new Response(null, {
      status: 304,
      statusText: "Not Modified",
      headers,
    });
  }

  const range = parseRange(req.headers.get("range"), info.size);
  if (range === null) {
    headers.set("content-length", `${info.size}`);
    const body = await Deno.readFile(filePath);
    return new Response(body, { statusText: "OK", headers });
  }
  if (range.end < range.start || range.start >= info.size) {
    headers.set("content-range", `bytes */${info.size}`);
    return refusal(416, "Range Not Satisfiable", headers);
  }
  const start = Math.max(range.start, 0);
  const end = Math.min(range.end, info.size - 1);
  headers.set("content-range", `bytes ${start}-${end}/${info.size}`);
  headers.set("content-length", `${end - start + 1}`);
  const body = (await Deno.readFile(filePath)).subarray(start, end + 1);
  return new Response(body, {
    status: 206,
    statusText: "Partial Content",
    headers,
  });
}

/** An answer whose body is its status text. */
function refusal(status: number, statusText: string, headers?: Headers) {
  return new Response(statusText, {
    status,
    statusText,
    headers: headers ?? {},
  });
}

/** The weak tag of a file: its size in hex and a digest of its time. */
async function weakTag(size: number, mtime: Date): Promise<string> {
  const time = new TextEncoder().encode(mtime.toJSON());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", time));
  return `W/"${size.toString(16)}-${digest.toBase64().slice(0, 27)}"`;
}

/**
 * Whether the client has this very file: by its tags if it sent any, else by
 * its time, which counts whole seconds.
 */
function isFresh(
  request: Headers,
  tag: string | null,
  mtime: Date | null,
): boolean {
  const tags = request.get("if-none-match");
  if (tags !== null) {
    if (!tags || !tag) return false;
    if (tags.trim() === "*") return true;
    const opaque = (tag: string) => tag.replace(/^W\//, "");
    return tags.split(/\s*,\s*/).map(opaque).includes(opaque(tag));
  }
  const since = request.get("if-modified-since");
  return since !== null && mtime !== null &&
    mtime.getTime() < new Date(since).getTime() + 1000;
}

/**
 * Reads a `Range` of one part; null, which means the whole file, if there is
 * none, it cannot be read, or the file is empty.
 */
function parseRange(
  value: string | null,
  size: number,
): { start: number; end: number } | null {
  const [, start, end] = /bytes=(\d+)?-(\d+)?$/.exec(value ?? "") ?? [];
  if (size === 0) return null;
  if (start) return { start: +start, end: end ? +end : size - 1 };
  return end ? { start: size - +end, end: size - 1 } : null;
}
