import { encodeFrame, OPCODE } from "../support/frames.ts";
import { handshakeRequest, RawClient } from "../support/raw_client.ts";
import { pause, runCases, within } from "./pool.ts";
import type { Progress } from "./report.ts";
import { ResetSocket } from "../support/reset_socket.ts";

/** Connections a second, at the most. */
const RATE = 1_000;
/** Connections at a time. */
const WIDTH = 64;

/** What a storm of short connections came to. */
export interface ChurnResult {
  connections: number;
  messages: number;
  /** Connections a second that were reached. */
  rate: number;
}

/**
 * Connects and disconnects, a thousand times a second or as fast as the machine
 * can, in four ways in turn: with a closing handshake by the client or by the
 * server, without any, and by a reset. Resets and loopback's early reuse of
 * ports keep the client from running out of them.
 */
export async function churn(
  port: number,
  count: number,
  progress: Progress,
): Promise<ChurnResult> {
  const result: ChurnResult = { connections: 0, messages: 0, rate: 0 };
  const start = performance.now();
  await runCases(count, WIDTH, async (index) => {
    const early = start + index / RATE * 1_000 - performance.now();
    if (early > 1) await pause(early);
    await within(
      WAYS[index % WAYS.length]!(port, `message ${index}`),
      "a short connection",
    );
    result.connections++;
    result.messages += 2;
    progress.show(`${index} of ${count} short connections`);
  });
  result.rate = count / (performance.now() - start) * 1_000;
  return result;
}

/** Each echoes a text and leaves in its own way. */
const WAYS: ((port: number, text: string) => Promise<void>)[] = [
  async function closedByClient(port, text) {
    using client = await RawClient.connect(port);
    await echo(client, text);
    await client.sendClose(1000);
    expectClose((await client.closed()).code, 1000);
  },
  async function closedByServer(port, text) {
    using client = await RawClient.connect(port, "/?close=4321&after=1");
    await echo(client, text);
    expectClose((await client.closed()).code, 4321);
  },
  async function closedByNobody(port, text) {
    using client = await RawClient.connect(port);
    await echo(client, text);
  },
  async function reset(port, text) {
    const socket = await ResetSocket.open(port);
    await socket.write(handshakeRequest());
    await socket.received(100);
    await socket.write(encodeFrame(OPCODE.text, text));
    // The response is longer than that, the reply is not.
    await socket.received(140 + text.length);
    await socket.reset();
  },
];

async function echo(client: RawClient, text: string) {
  await client.send(text);
  const reply = await client.next();
  if (reply !== text) throw new Error(`"${reply}" came back for "${text}"`);
}

function expectClose(code: number, expected: number) {
  if (code !== expected) {
    throw new Error(`closed with ${code}, expected ${expected}`);
  }
}
