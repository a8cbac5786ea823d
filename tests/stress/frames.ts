import { assertEquals } from "@std/assert";
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
  encodeMessages,
  show,
} from "./frame_cases.ts";
import { fuzz } from "./fuzz.ts";
import { type Part, scale } from "./part.ts";

/** What a server may say about broken frames (RFC 6455 section 7.4.1). */
const FAILURES = [1002, 1007, 1009];

/** Sends valid and broken frames. */
export const frames: Part = {
  name: "frames",
  summary: "10,000 connections with valid messages, most with a broken end",
  async run(stage, size) {
    const runs = scale(10_000, size);
    let messages = 0;
    await fuzz(stage, conversations, runs, async (service, conversation) => {
      await within(converse(service.port, conversation), "the answers");
      messages += conversation.messages.length;
    });
    return [`${messages} messages, echoed exactly`];
  },
};

/** What a client has seen, as {@link show} has it. */
interface Seen {
  replies: string[];
  pongs: string[];
  closes: Bytes[];
}

/** Sends all of a conversation and checks what comes back. */
async function converse(port: number, conversation: Conversation) {
  const { path, ending, isAtOnce, writes } = conversation;
  using client = await RawClient.connect(port, path);
  const seen: Seen = { replies: [], pongs: [], closes: [] };
  const write = async (parts: Bytes[]) => {
    for (const piece of cut(await new Blob(parts).bytes(), writes)) {
      // A server that has ended the connection takes nothing any more.
      await client.sendBytes(piece).catch(() => {});
    }
  };
  const { frames, expected } = encodeMessages(conversation);
  const { replies, pongs } = expected;
  let written = write(isAtOnce ? [...frames, ending.bytes] : frames);
  if (!isAtOnce) {
    await read(client, seen, replies.length + pongs.length);
    assertEquals(seen, { ...expected, closes: [] });
    await written;
    written = write([ending.bytes]);
  }
  if (ending.kind === "doubtful") {
    await written;
    await client.connection.conn.closeWrite().catch(() => {});
  }
  await read(client, seen, Infinity);
  await written;

  if (ending.kind === "good") {
    // The encoded frame has two bytes of header and four of mask.
    assertEquals(seen, { ...expected, closes: [ending.bytes.slice(6)] });
    return;
  }
  // What was on its way may be lost with the connection, but is not changed.
  const count = Math.min(seen.replies.length, replies.length);
  assertEquals(seen.replies.slice(0, count), replies.slice(0, count));
  // What the platform lets pass may have replies, and a close, of its own.
  if (ending.kind === "doubtful") return;
  assertEquals(seen.replies.slice(count), []);
  const codes = seen.closes.map((payload) => parseClose(payload).code);
  assertEquals(codes.filter((code) => !FAILURES.includes(code)), []);
}

/** Reads until so many replies and pongs have come, or the connection ends. */
async function read(client: RawClient, seen: Seen, count: number) {
  while (seen.replies.length + seen.pongs.length < count) {
    const frame = await client.frame();
    if (!frame) return;
    const { opcode, payload } = frame;
    if (opcode === OPCODE.close) {
      seen.closes.push(payload);
      // Where the service began to close, it waits for this.
      await client.sendBytes(encodeFrame(opcode, payload)).catch(() => {});
    } else if (opcode === OPCODE.pong) seen.pongs.push(show(opcode, payload));
    else seen.replies.push(show(opcode, payload));
  }
}
