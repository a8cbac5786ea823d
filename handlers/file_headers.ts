import { extname } from "@std/path";

/** The media types of files, by the end of their names in lower case. */
// deno-fmt-ignore
const MEDIA_TYPES: Record<string, string> = {
  ".avif": "image/avif",
  ".css": "text/css; charset=UTF-8",
  ".csv": "text/csv; charset=UTF-8",
  ".gif": "image/gif",
  ".htm": "text/html; charset=UTF-8",
  ".html": "text/html; charset=UTF-8",
  ".ico": "image/vnd.microsoft.icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=UTF-8",
  ".json": "application/json",
  ".map": "application/json",
  ".md": "text/markdown; charset=UTF-8",
  ".mjs": "text/javascript; charset=UTF-8",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".ogg": "audio/ogg",
  ".otf": "font/otf",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=UTF-8",
  ".wasm": "application/wasm",
  ".wav": "audio/wav",
  ".webm": "video/webm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
};

/** A version of a file. */
export interface FileVersion {
  /** Another one whenever the content is another one of the same size. */
  revision: string;
  /** When it was last changed, where that is known. */
  modified?: Date;
}

/** The version of a file that was changed at a time, if the system knows it. */
export function versionOf({ mtime }: Deno.FileInfo): FileVersion {
  const modified = mtime ?? new Date();
  return { revision: modified.getTime().toString(16), modified };
}

/**
 * The headers that every response with a file has.
 *
 * @param name ends in what tells the media type
 * @param size in bytes
 */
export function fileHeaders(
  name: string,
  size: number,
  { revision, modified }: FileVersion,
): Record<string, string> {
  return {
    "Accept-Ranges": "bytes",
    // Asks each time whether the file has changed.
    "Cache-Control": "no-cache",
    "Content-Type": MEDIA_TYPES[extname(name).toLowerCase()] ??
      "application/octet-stream",
    // A weak tag stands for the content, whatever its coding.
    "ETag": `W/"${size.toString(16)}-${revision}"`,
    ...modified && { "Last-Modified": modified.toUTCString() },
    "X-Content-Type-Options": "nosniff",
  };
}
