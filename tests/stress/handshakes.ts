import { createHash } from "node:crypto";
import {
  closePayload,
  encodeFrame,
  FrameReader,
  OPCODE,
  toBytes,
} from "../support/frames.ts";
import { RawConnection } from "../support/raw_client.ts";
import { expectSubprotocol } from "./handshake_model.ts";
import { ALLOWED_ORIGIN, mutatedRequest } from "./handshake_mutations.ts";
import { type Expectation, expectResponses } from "./http_model.ts";
import { ResponseReader, type WireResponse } from "./http_reader.ts";
import { runCases, within } from "./pool.ts";
import { Random } from "./random.ts";
import { newReport, type PartReport, Progress } from "./report.ts";
import { Service } from "./service.ts";

/** Cases at a time. */
const WIDTH = 32;
/** After so many cases, a client in good order has to be served. */
const GREET_EVERY = 100;

/**
 * Sends spoilt requests and checks that each gets the answer that is right, or
 * a closed connection where no answer is due.
 *
 * @param count how many requests
 */
export async function fuzzHandshakes(
  seed: number,
  count: number,
): Promise<PartReport> {
  const report = newReport("handshakes");
  using progress = new Progress(report.part);
  await using service = await Service.start("--allow-origin", ALLOWED_ORIGIN);
  const before = service.log.opened;
  const seen = new Map<string, number>();
  let received = 0;
  let uncertain = 0;

  await runCases(count, WIDTH, async (index) => {
    const random = new Random(seed, report.part, index);
    const text = mutatedRequest(random);
    const expectations = expectResponses(text, [ALLOWED_ORIGIN]);
    using connection = await RawConnection.open(service.port);
    const conversation = converse(connection, text, expectations);
    const statuses = await within(
      conversation,
      `the answer to ${quote(text)}`,
      () => connection.close(),
    ).catch((error) => {
      throw new Error(`${error.message}, after ${quote(text)}`);
    });
    for (const status of statuses) {
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
    report.faults++;
    const answered = expectations[statuses.length - 1];
    const isHalfClosed = expectations.slice(0, statuses.length)
      .some(({ mayWait }) => mayWait);
    if (statuses.at(-1) === "101" && answered?.opens) {
      report.connections++;
      // Nothing but the handshake was sent, and no behaviour was asked for.
      if (
        answered.end === text.length && !isHalfClosed &&
        !text.includes("?")
      ) {
        await echoOnce(connection, text);
        received++;
      }
    }
    const isUncertain = statuses.at(-1) === "101"
      ? !answered?.opens
      : isHalfClosed && answered?.statuses.includes(101);
    if (isUncertain) uncertain++;
    if (index % GREET_EVERY === 0) {
      report.connections++;
      await service.greet();
      received++;
    }
    progress.show(`${index} of ${count}`);
  });

  await service.greet();
  report.connections++;
  received++;
  await service.drained();
  await service.stop();
  const { opened, totals } = service.log;
  const surplus = opened - before - report.connections;
  if (surplus < 0 || surplus > uncertain) {
    throw new Error(
      `Cannot accept the log: ${
        opened - before
      } connections opened for the service, ${report.connections} for its clients and ${uncertain} perhaps`,
    );
  }
  // One message went to and fro before the count began.
  if (totals.received !== received + 1) {
    throw new Error(
      `Cannot accept the log: ${totals.received} messages, sent were ${
        received + 1
      }`,
    );
  }
  report.messages = received * 2;
  report.notes.push(
    `answers: ${
      [...seen].sort().map(([status, times]) => `${status} ${times}`).join(", ")
    }`,
  );
  return report;
}

/** Sends the bytes, reads what comes back, and checks each response. */
async function converse(
  connection: RawConnection,
  text: string,
  expectations: Expectation[],
): Promise<string[]> {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  // A server that has refused the beginning need not take the rest.
  const written = connection.write(bytes).then(() => true, () => false);
  const reader = new ResponseReader(connection);
  const statuses: string[] = [];
  for (const expectation of expectations) {
    // A request without an end is not answered before the connection has one.
    if (expectation.mayWait && await written) {
      await connection.conn.closeWrite().catch(() => {});
    }
    const response = await reader.next(expectation.method);
    if (response) statuses.push(`${response.status}`);
    else statuses.push("closed");
    const fault = findFault(response, expectation);
    if (fault) throw new Error(fault);
    if (!response || response.status === 101 || endsConnection(response)) break;
  }
  await written;
  return statuses;
}

function endsConnection({ headers }: WireResponse): boolean {
  return headers.get("connection")?.toLowerCase() === "close";
}

/** What is wrong with a response, if anything. */
function findFault(
  response: WireResponse | undefined,
  expectation: Expectation,
): string | undefined {
  const { method, statuses, mayClose, byService, headers } = expectation;
  const wanted = `expected ${statuses.join(" or ")}`;
  if (!response) {
    return mayClose ? undefined : `no answer to ${method}, ${wanted}`;
  }
  const { status, headers: given, body } = response;
  if (!statuses.includes(status)) {
    return `status ${status} (${
      body.slice(0, 200).trim()
    }) to ${method}, ${wanted}`;
  }
  if (status === 101) {
    const key = headers.get("sec-websocket-key") ?? "";
    const accept = createHash("sha1")
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    if (given.get("sec-websocket-accept") !== accept) {
      return `accept ${given.get("sec-websocket-accept")} for key "${key}"`;
    }
    const offer = headers.get("sec-websocket-protocol");
    if (given.get("sec-websocket-protocol") !== expectSubprotocol(offer)) {
      return `subprotocol ${
        given.get("sec-websocket-protocol")
      } for "${offer}"`;
    }
  }
  if (status === 405 && !given.get("allow")?.includes("GET")) {
    return "405 without Allow";
  }
  if (status === 426 && given.get("sec-websocket-version") !== "13") {
    return "426 without Sec-WebSocket-Version";
  }
  const isRefusal = status >= 400 && byService;
  if (isRefusal && !given.get("content-type")?.startsWith("text/plain")) {
    return `refusal ${status} that is no plain text`;
  }
  if (isRefusal && method !== "HEAD" && !/^.{10,}\n?$/.test(body)) {
    return `refusal ${status} that says "${body}"`;
  }
}

/**
 * Echoes a text on a connection that has just been upgraded, and closes.
 *
 * @returns the messages sent
 */
async function echoOnce(connection: RawConnection, request: string) {
  const message = toBytes("still here");
  const close = closePayload(1000);
  await connection.write(encodeFrame(OPCODE.text, message));
  await connection.write(encodeFrame(OPCODE.close, close));
  const reader = new FrameReader();
  const frames: string[] = [];
  for (let chunk; (chunk = await connection.read()) !== null;) {
    reader.push(chunk);
    for (let frame; (frame = reader.next()) !== undefined;) {
      frames.push(`${frame.opcode}:${frame.payload.toHex()}`);
    }
  }
  if (frames.length !== 2 || frames[1] !== `${OPCODE.close}:03e8`) {
    throw new Error(`no echo after ${quote(request)}, but ${frames}`);
  }
}

function quote(text: string): string {
  const shown = text.replace(/(.)\1{40,}/gs, "$1…$1")
    .replace(/(?:X-\d+: \d+\r?\n){10,}/g, "X-…: …\r\n");
  return JSON.stringify(shown).replace(
    /[^ -~]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
