/**
 * Stands in for `@std/http/file-server` where that cannot be had: `serveFile`
 * as the page uses it, with the same status and headers for a GET or HEAD of a
 * file of the page. A file is read whole, not streamed, since those are small.
 *
 * @module
 */
import { extname } from "node:path";

/** The media types of what the page is made of, as the package gives them. */
const MEDIA_TYPES: Record<string, string> = {
  ".css": "text/css; charset=UTF-8",
  ".html": "text/html; charset=UTF-8",
  ".js": "text/javascript; charset=UTF-8",
  ".svg": "image/svg+xml",
};

/**
 * Answers a GET or HEAD with a file: 200, 206 for a range, 304 if the client
 * has it, 404 if there is no such file, 416 for a range beyond the end (RFC
 * 9110 sections 13 and 14).
 *
 * @throws {Error} What the file system reports, except that the file is missing
 */
export async function serveFile(
  req: Request,
  filePath: string,
): Promise<Response> {
  const info = await Deno.stat(filePath).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  });
  if (!info?.isFile) return answer(404, "Not Found");

  const { size } = info;
  const mtime = info.mtime ?? new Date(0);
  const etag = await weakTag(size, mtime);
  const headers = new Headers({
    "accept-ranges": "bytes",
    "content-type": MEDIA_TYPES[extname(filePath)] ?? "text/plain",
    etag,
    "last-modified": mtime.toUTCString(),
    server: "deno",
  });
  if (req.method === "HEAD") {
    headers.set("content-length", `${size}`);
    return answer(200, "OK", headers, null);
  }
  if (isFresh(req.headers, etag, mtime)) {
    return answer(304, "Not Modified", headers, null);
  }

  const body = await Deno.readFile(filePath);
  const range = parseRange(req.headers.get("range"), size);
  if (range === null) {
    headers.set("content-length", `${size}`);
    return answer(200, "OK", headers, body);
  }
  if (range.end < range.start || range.start >= size) {
    headers.set("content-range", `bytes */${size}`);
    return answer(416, "Range Not Satisfiable", headers);
  }
  const start = Math.max(range.start, 0);
  const end = Math.min(range.end, size - 1);
  headers.set("content-range", `bytes ${start}-${end}/${size}`);
  headers.set("content-length", `${end - start + 1}`);
  const part = body.subarray(start, end + 1);
  return answer(206, "Partial Content", headers, part);
}

/** A response, whose body is its status text by default. */
function answer(
  status: number,
  statusText: string,
  headers = new Headers(),
  body: BodyInit | null = statusText,
): Response {
  return new Response(body, { status, statusText, headers });
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
  tag: string,
  mtime: Date,
): boolean {
  const tags = request.get("if-none-match");
  if (tags !== null) {
    if (tags.trim() === "*") return true;
    const opaque = (tag: string) => tag.replace(/^W\//, "");
    return tags.split(/\s*,\s*/).map(opaque).includes(opaque(tag));
  }
  const since = request.get("if-modified-since");
  return since !== null &&
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
