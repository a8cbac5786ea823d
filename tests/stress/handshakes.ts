import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  closePayload,
  encodeFrame,
  FrameReader,
  OPCODE,
} from "../support/frames.ts";
import { RawConnection } from "../support/raw_client.ts";
import { within } from "../support/wait.ts";
import { pause } from "./clients.ts";
import { fuzz } from "./fuzz.ts";
import {
  ALLOWED_ORIGIN,
  isComplete,
  isPlain,
  isValid,
  type Request,
  requests,
  toText,
} from "./handshake_request.ts";
import { type Part, scale } from "./part.ts";

const FULL_SIZE = 10_000;
/** How long a server may take to answer what looks incomplete. */
const NUDGE_MS = 20;
/** Neither of the endpoints changes it. */
const DIGITS = new TextEncoder().encode("0123456789");

/** Sends requests with faults. */
export const handshakes: Part = {
  name: "handshakes",
  summary: "10,000 opening handshakes, about half of them with faults",
  service: { args: ["--allow-origin", ALLOWED_ORIGIN] },
  async run(stage, options) {
    const answers = new Map<string, number>();
    const runs = scale(FULL_SIZE, options.size);
    const tryOne = async (port: number, request: Request) => {
      using connection = await RawConnection.open(port);
      const answer = await within(converse(connection, request), "an answer");
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    };
    await fuzz(this.name, requests, runs, stage, options, tryOne);
    const counts = [...answers].sort().map(([answer, count]) =>
      `${answer} ${count}`
    );
    return { notes: [`${runs} requests, answered with ${counts.join(", ")}`] };
  },
};

/**
 * Sends a request and reads the answer until the connection ends.
 *
 * @returns the first status, or "closed"
 * @throws {Error} when the answer is wrong
 */
async function converse(
  connection: RawConnection,
  request: Request,
): Promise<string> {
  const bytes = Uint8Array.from(toText(request), (c) => c.charCodeAt(0));
  const mustOpen = isValid(request) && isPlain(request);
  const answer = new Answer(connection);
  // A server that has refused the beginning need not take the rest.
  const written = connection.write(bytes).catch(() => {});
  const head = answer.head();
  if (!isComplete(request)) {
    await written;
    await Promise.race([head, pause(NUDGE_MS)]);
    await connection.conn.closeWrite().catch(() => {});
  }
  await head;
  if (mustOpen) await answer.echo(request);
  // A server may keep the connection for another request; there is none.
  else await connection.conn.closeWrite().catch(() => {});
  await Promise.all([written, answer.end()]);
  const statuses = answer.statuses();
  if (statuses.some((status) => status >= 500)) {
    throw new Error(`status ${statuses}`);
  }
  if (statuses.includes(101) && !isValid(request)) {
    throw new Error("status 101 for an invalid handshake");
  }
  return `${statuses[0] ?? "closed"}`;
}

/** What comes back on a connection, one character for each byte. */
class Answer {
  readonly #connection: RawConnection;
  #text = "";

  constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  /** The statuses of all responses so far. */
  statuses(): number[] {
    return [...this.#text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)]
      .map(([, status]) => Number(status));
  }

  /** Waits for the first response, or the connection's end. */
  async head() {
    while (!this.#text.includes("\r\n\r\n") && await this.#more());
  }

  /** Waits for the connection's end. */
  async end() {
    while (await this.#more());
  }

  /** Checks a 101 and that a message comes back and a close is answered. */
  async echo({ headers }: Request) {
    const key = headers.find(([name]) => /^sec-websocket-key$/i.test(name))![1]
      .trim();
    const accept = createHash("sha1")
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const head = this.#text.slice(0, this.#text.indexOf("\r\n\r\n"));
    const given = /^sec-websocket-accept: *(\S+)$/im.exec(head)?.[1];
    if (this.statuses()[0] !== 101 || given !== accept) {
      throw new Error(`"${head.slice(0, 200)}" for a valid handshake`);
    }
    const close = closePayload(1000);
    await this.#connection.write(encodeFrame(OPCODE.text, DIGITS));
    await this.#connection.write(encodeFrame(OPCODE.close, close));
    await this.end();
    const reader = new FrameReader();
    const rest = this.#text.slice(head.length + 4);
    reader.push(Uint8Array.from(rest, (c) => c.charCodeAt(0)));
    const payloads = [reader.next(), reader.next()].map((frame) =>
      frame?.payload.toHex()
    );
    if (`${payloads}` !== `${[DIGITS.toHex(), close.toHex()]}`) {
      throw new Error(`no echo after a valid handshake, but ${payloads}`);
    }
  }

  async #more(): Promise<boolean> {
    const chunk = await this.#connection.read();
    // TextDecoder takes "latin1" for windows-1252, which is another one.
    if (chunk) this.#text += Buffer.from(chunk).toString("latin1");
    return chunk !== null;
  }
}
