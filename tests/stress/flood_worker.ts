/**
 * The thread of a {@link Flood}.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { setTimeout as pause } from "node:timers/promises";
import {
  type Bytes,
  closePayload,
  concat,
  encodeFrame,
  OPCODE,
  parseClose,
} from "../support/frames.ts";
import { handshakeRequest, RawConnection } from "../support/raw_client.ts";
import type { Ends, FloodOptions, FloodReport } from "./flood.ts";
import { inParallel } from "./parallel.ts";

/** Handshakes at a time. */
const WIDTH = 64;
/** How long a client that was refused waits, in milliseconds. */
const RETRY_MS = 20;

const connections = new Set<RawConnection>();
let isOver = false;

self.onmessage = async ({ data }: MessageEvent<FloodOptions | "end">) => {
  if (data !== "end") {
    report(await flood(data));
    return;
  }
  isOver = true;
  for (const connection of connections) connection.close();
};

function report(message: FloodReport) {
  self.postMessage(message);
}

/** Connects all clients, and has them send until they are through. */
async function flood(options: FloodOptions): Promise<Ends> {
  const ends: Ends = {};
  const all: RawConnection[] = [];
  await inParallel(options.clients, WIDTH, async () => {
    all.push(await connect(options));
  });
  report("open");
  await Promise.all(all.map(async (connection) => {
    for (;;) {
      const code = await send(connection, options);
      connections.delete(connection);
      ends[code] = (ends[code] ?? 0) + 1;
      if (isOver || !options.comesAgain) break;
      connection = await connect(options);
    }
  }));
  return ends;
}

/** Connects and upgrades; tries again while the service refuses. */
async function connect({ port, path }: FloodOptions): Promise<RawConnection> {
  for (;;) {
    try {
      const connection = await RawConnection.open(port);
      connections.add(connection);
      const { status } = await connection.request(handshakeRequest({ path }));
      if (status === 101) return connection;
      connection.close();
      if (isOver) return connection;
    } catch {
      // The worker that took the connection has ended.
    }
    await pause(RETRY_MS);
  }
}

/**
 * Sends until the connection ends.
 *
 * @returns the code of the service's close frame, else 1006
 */
async function send(
  connection: RawConnection,
  { first, batch, batches = Infinity, replyBytes = 0 }: FloodOptions,
): Promise<number> {
  let code: number | undefined;
  let received = 0;
  let wake = () => {};
  const write = async () => {
    if (first) await connection.write(first);
    for (let i = 1; i <= batches && code === undefined; i++) {
      await connection.write(batch);
      while (received < i * replyBytes && code === undefined) {
        await new Promise<void>((resolve) => wake = resolve);
      }
    }
  };
  // A write fails when the service has ended the connection: reading tells.
  const written = write().catch(() => {});
  let rest: Bytes = new Uint8Array(0);
  for (;;) {
    const chunk = await connection.read();
    if (chunk === null) break;
    received += chunk.length;
    if (code !== undefined) continue;
    [code, rest] = findClose(concat(rest, chunk));
    wake();
    if (code === undefined) continue;
    // Only who reads what it asks for is ever through with writing.
    if (replyBytes === 0) break;
    await written;
    await connection.write(encodeFrame(OPCODE.close, closePayload(code)))
      .catch(() => {});
  }
  code ??= 1006;
  wake();
  connection.close();
  await written;
  return code;
}

/** Walks over short frames to a close frame's code, or to what is incomplete. */
function findClose(bytes: Bytes): [code: number | undefined, rest: Bytes] {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const end = at + 2 + bytes[at + 1]!;
    if (end > bytes.length) break;
    if ((bytes[at]! & 0x0f) === OPCODE.close) {
      return [parseClose(bytes.subarray(at + 2, end)).code, bytes];
    }
    at = end;
  }
  return [undefined, bytes.subarray(at)];
}
