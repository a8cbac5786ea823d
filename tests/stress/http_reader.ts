import type { Bytes } from "../support/frames.ts";
import type { RawConnection } from "../support/raw_client.ts";

/** A response as it was read from the wire. */
export interface WireResponse {
  status: number;
  headers: Headers;
  body: string;
}

const decoder = new TextDecoder("latin1");

/**
 * Reads the responses to pipelined requests one after the other. Unlike
 * {@link RawConnection.response}, it knows that the answer to HEAD has no body,
 * and takes the connection's end for an answer, too.
 */
export class ResponseReader {
  readonly #connection: RawConnection;
  #text = "";

  constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  /** The next response, or nothing when the connection ended before it. */
  async next(method: string): Promise<WireResponse | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\r\n\r\n");
      if (end >= 0) return await this.#response(method, end);
      if (!await this.#more()) return undefined;
    }
  }

  /** What has come after the last response, and the next bytes if nothing. */
  async bytes(): Promise<Bytes | undefined> {
    if (this.#text === "" && !await this.#more()) return undefined;
    const bytes = Uint8Array.from(this.#text, (byte) => byte.charCodeAt(0));
    this.#text = "";
    return bytes;
  }

  async #response(
    method: string,
    end: number,
  ): Promise<WireResponse | undefined> {
    const [statusLine = "", ...lines] = this.#text.slice(0, end).split("\r\n");
    const status = /^HTTP\/1\.[01] (\d{3}) /.exec(`${statusLine} `)?.[1];
    if (status === undefined) {
      throw new Error(`Cannot read a response: it begins with "${statusLine}"`);
    }
    const headers = new Headers();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    const length = method === "HEAD" || status === "101"
      ? 0
      : Number(headers.get("content-length") ?? 0);
    const bodyEnd = end + 4 + length;
    while (this.#text.length < bodyEnd) {
      if (!await this.#more()) return undefined;
    }
    const body = this.#text.slice(end + 4, bodyEnd);
    this.#text = this.#text.slice(bodyEnd);
    return { status: Number(status), headers, body };
  }

  async #more(): Promise<boolean> {
    const chunk = await this.#connection.read();
    if (chunk === null) return false;
    this.#text += decoder.decode(chunk);
    return true;
  }
}
