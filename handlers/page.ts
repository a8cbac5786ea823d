import { PageFile } from "./page_file.ts";
import { INDEX, ownSources, readFolder } from "./page_source.ts";
import {
  type Content,
  type ResponseInfo,
  ResponseLimit,
  textContent,
} from "./response_limit.ts";

const MAX_UNDER_WAY = 256;
const BUSY = refuse(503, `${MAX_UNDER_WAY} responses are under way`, {
  "Retry-After": "1",
});

/** Settings of {@link createPage}. */
export interface PageOptions {
  /** The folder of the files. Default: that which comes with this module. */
  directory?: string;
  /**
   * Describes the service to the page, as one line of ASCII for the header
   * `X-Wsecho`, given the requested path.
   */
  describe(path: string): string;
  /**
   * Counts responses that began, or with -1 ended, and returns how many of the
   * process are under way.
   */
  countResponses(change: number): number;
  /**
   * Answers the requests that the page leaves to others, by their URL, which is
   * null where the header Host does not fit into one. Default: none.
   */
  answer?(url: URL | null): Content | undefined;
  /**
   * Where the page looks for its files, with a slash at the end. Default: beside
   * itself.
   */
  assets?: string;
}

/**
 * Creates the handler of every request that is not an upgrade. GET and HEAD of
 * a path whose last segment names a file of the folder return that file, so
 * that the page finds its files from every path, also behind a proxy that
 * mounts the service under a prefix. Every other path returns the page. Refuses
 * with 503 while too many responses are under way.
 *
 * Serves the files of the folder as they are at the start: no path leads out of
 * it, and symbolic links are not followed.
 *
 * @throws {Error} when the files cannot be read, in one sentence
 */
export function createPage(
  { describe, countResponses, answer, assets = "", directory }: PageOptions,
): (request: Request, info: ResponseInfo) => Response {
  const sources = directory === undefined
    ? ownSources()
    : readFolder(directory);
  const files = new Map(
    Array.from(sources, ([name, source]) => {
      const links = name === INDEX ? assets : "";
      return [name, new PageFile(name, source, links)];
    }),
  );
  const index = files.get(INDEX)!;
  const limit = new ResponseLimit(MAX_UNDER_WAY, countResponses);

  return (request, info) => {
    // First, as a flood that is refused has to cost little.
    if (limit.refuses(request)) return limit.respond(request, info, BUSY);
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") {
      return limit.respond(request, info, refuseMethod(method));
    }

    // The header Host may make the URL invalid.
    const url = URL.parse(request.url);
    const content = answer?.(url) ?? find(url?.pathname ?? "/", request);
    const { headers } = content;
    if (isFresh(request.headers, headers)) {
      return new Response(null, { status: 304, headers });
    }
    const part = selectPart(content, rangeOf(request));
    // What a body costs is known only now.
    const isRefused = limit.refuses(request, part.body);
    return limit.respond(request, info, isRefused ? BUSY : part);
  };

  function find(path: string, request: Request): Content {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const file = files.get(name) ?? index;
    // A part is one of the file itself: its bytes have fixed places.
    const content = rangeOf(request) === null && prefersGzip(request.headers)
      ? file.gzipped
      : file.plain;
    if (file !== index) return content;
    const headers = { ...content.headers, "X-Wsecho": describe(path) };
    return { ...content, headers };
  }
}

/**
 * Whether the client has the file already (RFC 9110 section 13.2.2): by its tag
 * if it sent any, else by its time. What is no file has neither.
 */
function isFresh(request: Headers, file: Content["headers"]): boolean {
  if (file["ETag"] === undefined) return false;
  const tags = request.get("if-none-match");
  if (tags !== null) {
    const known = tags.split(",").map(toOpaque);
    return known.includes("*") || known.includes(toOpaque(file["ETag"]));
  }
  const since = Date.parse(request.get("if-modified-since") ?? "");
  return Date.parse(file["Last-Modified"] ?? "") <= since;
}

/** A tag (RFC 9110 section 8.8.3) without what tells whether it is weak. */
function toOpaque(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}

/**
 * Whether a client would rather have a body in gzip (RFC 9110 section 12.5.3)
 * than as it is. Every client that knows a better coding knows this one.
 */
function prefersGzip(request: Headers): boolean {
  const weights = new Map<string, number>();
  for (const item of (request.get("accept-encoding") ?? "").split(",")) {
    const [coding = "", weight = "q=1"] = item.toLowerCase().split(";");
    weights.set(coding.trim(), Number(/^\s*q=(.*)/.exec(weight)?.[1]));
  }
  const weight = weights.get("gzip") ?? weights.get("*") ?? 0;
  return weight > 0 && weight >= (weights.get("identity") ?? 0);
}

/**
 * The header `Range`, where it applies: to GET alone (RFC 9110 section 14.2),
 * and not with `If-Range`, which no weak tag can meet (section 13.1.5).
 */
function rangeOf({ method, headers }: Request): string | null {
  const applies = method === "GET" && !headers.has("if-range");
  return applies ? headers.get("range") : null;
}

/**
 * The part of a file that a request asks for (RFC 9110 section 14.2): all of it
 * unless the header `Range` names one part of its bytes.
 */
function selectPart(file: Content, range: string | null): Content {
  if (file.headers["Accept-Ranges"] === undefined) return file;
  const [, start = "", end = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ??
    [];
  if (start === "" && end === "") return file;
  const size = file.body.length;
  const from = start === "" ? Math.max(size - Number(end), 0) : Number(start);
  const to = start === "" || end === "" ? size : Number(end) + 1;
  const body = file.body.subarray(from, to);
  const [status, place] = body.length > 0
    ? [206, `${from}-${from + body.length - 1}`]
    : [416, "*"];
  const headers = {
    ...file.headers,
    "Content-Range": `bytes ${place}/${size}`,
  };
  return { status, headers, body };
}

function refuseMethod(method: string): Content {
  return refuse(
    405,
    `the method is ${method}, expected GET or HEAD`,
    { "Allow": "GET, HEAD" },
  );
}

function refuse(
  status: number,
  reason: string,
  headers: Record<string, string>,
): Content {
  return textContent(status, `Cannot serve the page: ${reason}\n`, headers);
}
