import { FileBody } from "./file_body.ts";

/** What the platform tells of a request: when its response is complete. */
export type ResponseInfo = Pick<Deno.ServeHandlerInfo, "completed">;

/** What several responses can share. */
export interface Content<Body = Uint8Array<ArrayBuffer> | FileBody> {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Body;
}

/** Content that is a text for people. */
export function textContent(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Content {
  return {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
    body: new TextEncoder().encode(text),
  };
}

/** Bytes of a body that the platform is given, and so copies, at a time. */
const CHUNK = 512;
/** The same of a file, which is opened for each such part. */
const FILE_CHUNK = 65_536;
/** The most refusals under way that have a body. */
const MAX_REFUSALS = 16;

/**
 * Limits the responses that are under way. Over HTTP/2, which the plain port
 * takes by prior knowledge, a client can ask for many at a time and take none:
 * each costs 40 KB until it is taken or its connection ends. One that is read
 * from a file costs ten times that, over HTTP/1 as well.
 */
export class ResponseLimit {
  readonly #max: number;
  readonly #count: (change: number) => number;

  /**
   * @param max the most responses, besides refusals, under way at a time
   * @param count counts responses, see `PageOptions`
   */
  constructor(max: number, count: (change: number) => number) {
    this.#max = max;
    this.#count = count;
  }

  /** Whether a request has to be refused, as far as its body is known. */
  refuses(request: Request, body?: Content["body"]): boolean {
    return !isFree(request, body) && this.#count(0) >= this.#max;
  }

  /**
   * Responds with the content. Many refusals under way would cost as much as
   * what they refuse: they lose headers and body, which ends them at once.
   */
  respond(
    request: Request,
    { completed }: ResponseInfo,
    { status, headers, body }: Content,
  ): Response {
    const costsLittle = isFree(request, body);
    if (!costsLittle && this.#count(0) >= this.#max + MAX_REFUSALS) {
      return new Response(null, { status });
    }
    // Without it, the platform would compress the body, or send it in chunks.
    const length = `${body.length}`;
    const head = { status, headers: { ...headers, "Content-Length": length } };
    if (request.method === "HEAD") return new Response(null, head);
    if (body instanceof Uint8Array && costsLittle) {
      return new Response(body, head);
    }
    this.#count(1);
    const end = () => {
      this.#count(-1);
    };
    completed.then(end, end);
    // Only for a stream does `completed` wait until the body is sent.
    return new Response(toStream(body), head);
  }
}

function toStream(body: Content["body"]): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(
        body instanceof FileBody
          ? body.subarray(at, at += FILE_CHUNK).read()
          : body.subarray(at, at += CHUNK),
      );
      if (at >= body.length) controller.close();
    },
  }, { highWaterMark: 0 });
}

/**
 * Whether a response is not counted: its request surely came over HTTP/1, where a
 * connection has one response at a time, and its body is in memory. HTTP/2 forbids
 * the header (RFC 9113 section 8.2.2), which browsers and proxies send: they get
 * the page whatever others do.
 */
function isFree({ headers }: Request, body?: Content["body"]): boolean {
  return headers.has("connection") && !(body instanceof FileBody);
}
