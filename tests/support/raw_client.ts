/**
 * A WebSocket client over a bare TCP connection, for what `WebSocket` hides:
 * the handshake's status and headers, single frames, and misbehaviour.
 */

import {
  type Bytes,
  closePayload,
  concat,
  encodeFrame,
  type Frame,
  FrameReader,
  OPCODE,
  parseClose,
} from "./frames.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Gives one character for every byte. */
const latin1 = new TextDecoder("latin1");

/** The key of RFC 6455 section 1.3's example. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A header of a raw request; several of one name are sent as several lines. */
export type RawHeader = [name: string, value: string];

export interface HandshakeOptions {
  method?: string;
  path?: string;
  /** `null` sends none. Default: "127.0.0.1". */
  host?: string | null;
  /** Replace, by name (any case), or drop, by `null`, a default header. */
  replace?: Record<string, string | null>;
  /** More header lines, after the others. */
  headers?: RawHeader[];
  version?: "HTTP/1.1" | "HTTP/1.0";
}

/** The text of an opening handshake (RFC 6455 section 4.1). */
export function handshakeRequest(options: HandshakeOptions = {}): string {
  const { method = "GET", path = "/", version = "HTTP/1.1" } = options;
  const { host = "127.0.0.1", replace = {}, headers = [] } = options;
  const replaced = new Map(
    Object.entries(replace).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const defaults = {
    "Host": host,
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": SAMPLE_KEY,
  };
  const lines = [`${method} ${path} ${version}`];
  for (const [name, value] of Object.entries(defaults)) {
    const replacement = replaced.get(name.toLowerCase());
    const used = replacement === undefined ? value : replacement;
    if (used !== null) lines.push(`${name}: ${used}`);
  }
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A response to a raw request. */
export interface RawResponse {
  status: number;
  headers: Headers;
  body: string;
}

/** A TCP connection on which HTTP requests and WebSocket frames are written. */
export class RawConnection {
  readonly conn: Deno.Conn;
  #buffer: Bytes = new Uint8Array(0);

  constructor(conn: Deno.Conn) {
    this.conn = conn;
  }

  /** Connects to 127.0.0.1. */
  static async open(port: number): Promise<RawConnection> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    // Small frames shall leave at once: Nagle's algorithm would add 40 ms.
    conn.setNoDelay(true);
    return new RawConnection(conn);
  }

  /** Writes all bytes. */
  async write(data: string | Uint8Array) {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    for (let at = 0; at < bytes.length;) {
      at += await this.conn.write(bytes.subarray(at));
    }
  }

  /** What has arrived, at least one byte, or `null` when the server has closed. */
  async read(): Promise<Bytes | null> {
    if (this.#buffer.length > 0) {
      const buffered = this.#buffer;
      this.#buffer = new Uint8Array(0);
      return buffered;
    }
    const chunk = new Uint8Array(65_536);
    try {
      const count = await this.conn.read(chunk);
      return count === null ? null : chunk.subarray(0, count);
    } catch (error) {
      // The server's or our own end is gone: the stream has ended either way.
      if (
        error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.BadResource ||
        error instanceof Deno.errors.Interrupted
      ) return null;
      throw error;
    }
  }

  /**
   * Reads one response; the body is read by its `Content-Length` and is empty
   * where there is none. Fails when the connection ends before.
   */
  async response(): Promise<RawResponse> {
    let bytes: Bytes = new Uint8Array(0);
    let end = -1;
    while (end < 0) {
      bytes = await this.#more(bytes);
      end = latin1.decode(bytes).indexOf("\r\n\r\n");
    }
    const [statusLine = "", ...lines] = decoder.decode(bytes.subarray(0, end))
      .split("\r\n");
    const headers = new Headers();
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    const status = Number(statusLine.split(" ")[1]);
    const length = Number(headers.get("content-length") ?? 0);
    bytes = bytes.subarray(end + 4);
    while (bytes.length < length) bytes = await this.#more(bytes);
    this.#buffer = bytes.subarray(length);
    return { status, headers, body: decoder.decode(bytes.subarray(0, length)) };
  }

  /** Writes a request and reads its response. */
  async request(text: string): Promise<RawResponse> {
    await this.write(text);
    return await this.response();
  }

  async #more(bytes: Bytes): Promise<Bytes> {
    const chunk = await this.read();
    if (chunk === null) {
      throw new Error(
        `Cannot read a response: the connection ended after ${bytes.length} bytes`,
      );
    }
    return concat(bytes, chunk);
  }

  /** Ends the connection, without a reset; safe to call twice. */
  close() {
    try {
      this.conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  [Symbol.dispose]() {
    this.close();
  }
}

/** Sends one raw request on a connection of its own and reads the response. */
export async function exchange(
  port: number,
  request: string,
): Promise<RawResponse> {
  using connection = await RawConnection.open(port);
  return await connection.request(request);
}

/** An open WebSocket connection that speaks in frames. */
export class RawClient {
  readonly connection: RawConnection;
  /** The response to the handshake. */
  readonly response: RawResponse;
  readonly #reader = new FrameReader();

  private constructor(connection: RawConnection, response: RawResponse) {
    this.connection = connection;
    this.response = response;
  }

  /** Connects and upgrades; fails, naming the status, when refused. */
  static async connect(
    port: number,
    options: HandshakeOptions | string = {},
  ): Promise<RawClient> {
    const connection = await RawConnection.open(port);
    return await RawClient.upgrade(connection, options);
  }

  /** Upgrades a connection that is already there. */
  static async upgrade(
    connection: RawConnection,
    options: HandshakeOptions | string = {},
  ): Promise<RawClient> {
    const request = typeof options === "string" ? { path: options } : options;
    try {
      const response = await connection.request(handshakeRequest(request));
      if (response.status === 101) return new RawClient(connection, response);
      throw new Error(
        `Cannot upgrade: status ${response.status} ${response.body}`,
      );
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Sends a message in one frame: text for a string, else binary. */
  async send(message: string | Bytes) {
    const opcode = typeof message === "string" ? OPCODE.text : OPCODE.binary;
    await this.connection.write(encodeFrame(opcode, message));
  }

  /** Sends bytes as they are. */
  async sendBytes(...parts: Uint8Array[]) {
    await this.connection.write(await new Blob(parts as Bytes[]).bytes());
  }

  /** Sends a close frame. */
  async sendClose(code?: number, reason?: string) {
    await this.connection.write(
      encodeFrame(OPCODE.close, closePayload(code, reason)),
    );
  }

  /** The next frame, or nothing once the server has ended the connection. */
  async frame(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#reader.next();
      if (frame) return frame;
      const chunk = await this.connection.read();
      if (chunk === null) return undefined;
      this.#reader.push(chunk);
    }
  }

  /**
   * The next message, answering pings on the way. Fails when the connection
   * ends or closes instead. The service sends each message in one frame.
   */
  async next(): Promise<string | Bytes> {
    for (;;) {
      const frame = await this.frame();
      if (frame === undefined) throw new Error("Cannot read: connection ended");
      if (frame.opcode === OPCODE.text) return decoder.decode(frame.payload);
      if (frame.opcode === OPCODE.binary) return frame.payload;
      if (frame.opcode === OPCODE.ping) {
        await this.connection.write(encodeFrame(OPCODE.pong, frame.payload));
        continue;
      }
      if (frame.opcode === OPCODE.close) {
        const { code, reason } = parseClose(frame.payload);
        throw new Error(`Cannot read: closed with ${code} ${reason}`);
      }
    }
  }

  /**
   * Reads on, past messages, to the server's close frame, answers it, waits for
   * the end of the connection and says what the frame held; code 1006 when the
   * connection ended without one (RFC 6455 section 7.1.5).
   */
  async closed(): Promise<{ code: number; reason: string }> {
    let close = { code: 1006, reason: "" };
    for (;;) {
      const frame = await this.frame();
      if (frame === undefined) break;
      if (frame.opcode !== OPCODE.close) continue;
      close = parseClose(frame.payload);
      // Where the frame answers ours, the server may have ended already.
      await this.connection.write(encodeFrame(OPCODE.close, frame.payload))
        .catch(() => {});
    }
    this.connection.close();
    return close;
  }

  [Symbol.dispose]() {
    this.connection.close();
  }
}
