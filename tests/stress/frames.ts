import {
  type Bytes,
  encodeFrame,
  OPCODE,
  parseClose,
} from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { within } from "../support/wait.ts";
import {
  type Conversation,
  conversations,
  cut,
  encodeMessage,
  expectedFrames,
  show,
} from "./frame_cases.ts";
import { fuzz } from "./fuzz.ts";
import { type Part, scale } from "./part.ts";

/** What a server may say about broken frames (RFC 6455 section 7.4.1). */
const FAILURES = [1002, 1007, 1009];

/** Sends valid and broken frames. */
export const frames: Part = {
  name: "frames",
  summary: "10,000 connections with valid messages, many with a broken end",
  async run(stage, size) {
    const runs = scale(10_000, size);
    const counts = { answers: 0, ends: 0, tolerates: 0 };
    let messages = 0;
    await fuzz(stage, conversations, runs, async (port, conversation) => {
      const seen = await within(converse(port, conversation), "the answers");
      check(seen, conversation);
      counts[conversation.ending.service]++;
      messages += conversation.messages.length;
    });
    return {
      notes: [
        `${messages} messages, echoed exactly`,
        `${counts.answers} connections closed in good order, ${counts.ends} ended for broken frames, ${counts.tolerates} sent what the platform lets pass or what is incomplete`,
      ],
    };
  },
};

/** What a client has seen: replies and pongs as {@link show} has them. */
interface Seen {
  replies: string[];
  pongs: string[];
  close?: Bytes;
}

/** Sends all of a conversation and reads until the connection ends. */
async function converse(
  port: number,
  conversation: Conversation,
): Promise<Seen> {
  const { endpoint, messages, ending, isAtOnce, writes } = conversation;
  using client = await RawClient.connect(port, endpoint.path);
  const seen: Seen = { replies: [], pongs: [] };
  const { replies, pongs } = expectedFrames(conversation);
  const write = async (...parts: Bytes[]) => {
    for (const piece of cut(await new Blob(parts).bytes(), writes)) {
      // A server that has ended the connection takes nothing any more.
      await client.sendBytes(piece).catch(() => {});
    }
  };
  const traffic = messages.flatMap(encodeMessage);
  let written = isAtOnce ? write(...traffic, ending.bytes) : write(...traffic);
  if (!isAtOnce) {
    await read(client, seen, replies.length + pongs.length);
    await written;
    written = write(ending.bytes);
  }
  if (ending.service === "tolerates") {
    await written;
    await client.connection.conn.closeWrite().catch(() => {});
  }
  await read(client, seen, Infinity);
  await written;
  return seen;
}

/** Reads until so many replies and pongs have come, or the connection ends. */
async function read(client: RawClient, seen: Seen, count: number) {
  while (seen.replies.length + seen.pongs.length < count) {
    const frame = await client.frame();
    if (!frame) return;
    const { opcode, payload } = frame;
    if (opcode === OPCODE.close) {
      seen.close = payload;
      // Where the service began to close, it waits for this.
      await client.sendBytes(encodeFrame(OPCODE.close, payload))
        .catch(() => {});
    } else if (opcode === OPCODE.pong) seen.pongs.push(show(opcode, payload));
    else seen.replies.push(show(opcode, payload));
  }
}

/** Checks what was seen on a connection that has ended. */
function check(seen: Seen, conversation: Conversation) {
  const { isAtOnce, ending: { service, bytes } } = conversation;
  const { replies, pongs } = expectedFrames(conversation);
  // What was on its way may be lost with a connection that is broken.
  const isWhole = service === "answers" || !isAtOnce;
  const count = isWhole ? replies.length : seen.replies.length;
  expectSame(seen.replies.slice(0, replies.length), replies.slice(0, count));
  if (isWhole) expectSame(seen.pongs.slice(0, pongs.length), pongs);
  // What the platform lets pass may have replies of its own.
  if (service === "tolerates") return;
  expectSame(seen.replies.slice(replies.length), []);
  // The encoded frame has two bytes of header and four of mask.
  const sent = bytes.subarray(6).toHex();
  const given = seen.close?.toHex();
  const isGood = service === "answers"
    ? given === sent
    : !seen.close || FAILURES.includes(parseClose(seen.close).code);
  if (!isGood) throw new Error(`Closed with ${given} after ${sent}`);
}

function expectSame(seen: string[], expected: string[]) {
  for (let i = 0; i < Math.max(seen.length, expected.length); i++) {
    if (seen[i] !== expected[i]) {
      const [given, wanted] = [seen[i], expected[i]].map((frame = "missing") =>
        frame.slice(0, 100)
      );
      throw new Error(`Frame ${i} is ${given}, expected ${wanted}`);
    }
  }
}
