import { setTimeout as pause } from "node:timers/promises";
import { assertEquals } from "@std/assert";
import { exchange, RawConnection } from "../support/raw_client.ts";
import { within } from "../support/wait.ts";
import { retry } from "./bystander.ts";
import { inParallel } from "./parallel.ts";
import { atMost, type Part, scale } from "./part.ts";

/** Requests on one connection: as many as the service takes at a time. */
const STREAMS = 200;
/** Pages at a time, to warm the service up. */
const WIDTH = 16;
const PAGE = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** Frame types, flags and a setting (RFC 9113 sections 6.2 and 6.5). */
const HEADERS = 1;
const SETTINGS = 4;
const ACK = 1;
const END_STREAM_AND_HEADERS = 5;
const INITIAL_WINDOW_SIZE = 4;
/** GET http / with the authority "x" (RFC 7541: indexes, and one literal). */
const REQUEST = [0x82, 0x86, 0x84, 0x41, 1, 0x78];
/** A response is longer, even one whose body waits. */
const LEAST_BYTES = 10;

/** Asks for pages over HTTP/2 without a window to send them. */
export const http2: Part = {
  name: "http2",
  summary: "100 HTTP/2 connections × 200 pages, with a closed window",
  async run({ service }, size) {
    const { port } = service;
    const page = async () => {
      assertEquals((await exchange(port, PAGE)).status, 200);
    };
    await inParallel(scale(1_000, size), WIDTH, page);
    const before = service.memory();
    let most = before;
    {
      using clients = new DisposableStack();
      const answered = Array.from({ length: scale(100, size) }, async () => {
        await answers(clients.use(await RawConnection.open(port)));
      });
      await within(Promise.all(answered), "the answers");
      const end = performance.now() + scale(5_000, size, 500);
      while (performance.now() < end) {
        most = Math.max(most, service.memory());
        await pause(20);
      }
    }
    const start = performance.now();
    await retry(page);
    return [
      atMost(64, (most - before) / 1_048_576, "memory grew by MiB"),
      atMost(2_000, performance.now() - start, "a page afterwards, ms"),
    ];
  },
};

/** Sends all requests; resolves when each has its response, without the body. */
async function answers(connection: RawConnection) {
  await connection.write(PREFACE);
  const settings = [0, INITIAL_WINDOW_SIZE, 0, 0, 0, 0];
  await connection.write(frame(SETTINGS, 0, 0, settings));
  await connection.read();
  await connection.write(frame(SETTINGS, ACK, 0, []));
  for (let i = 0; i < STREAMS; i++) {
    await connection.write(
      frame(HEADERS, END_STREAM_AND_HEADERS, 2 * i + 1, REQUEST),
    );
  }
  for (let received = 0; received < STREAMS * LEAST_BYTES;) {
    const chunk = await connection.read();
    if (chunk === null) throw new Error("The service ended the connection");
    received += chunk.length;
  }
}

/** A frame with a payload of less than 256 bytes (RFC 9113 section 4.1). */
function frame(type: number, flags: number, stream: number, payload: number[]) {
  const id = [0, 0, stream >> 8, stream & 255];
  return new Uint8Array([0, 0, payload.length, type, flags, ...id, ...payload]);
}
