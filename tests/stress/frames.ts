import { encodeFrame, OPCODE, parseClose } from "../support/frames.ts";
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

const FULL_SIZE = 10_000;
/** What a server may say about broken frames (RFC 6455 section 7.4.1). */
const FAILURES = [1002, 1007, 1009];

/** Sends valid and broken frames. */
export const frames: Part = {
  name: "frames",
  summary: "10,000 connections with valid messages, most with a broken end",
  async run(stage, options) {
    const runs = scale(FULL_SIZE, options.size);
    const counts = { answers: 0, ends: 0, tolerates: 0 };
    let messages = 0;
    const tryOne = async (port: number, conversation: Conversation) => {
      await within(converse(port, conversation), "the service's answers");
      counts[conversation.ending.service]++;
      messages += conversation.messages.length;
    };
    await fuzz(this.name, conversations, runs, stage, options, tryOne);
    return {
      notes: [
        `${messages} messages echoed`,
        `${counts.answers} connections closed in good order, ${counts.ends} ended for broken frames, ${counts.tolerates} sent what the platform lets pass or is incomplete`,
      ],
    };
  },
};

/** Sends all of a conversation and checks what comes back. */
async function converse(port: number, conversation: Conversation) {
  const { endpoint, messages, ending, isAtOnce, writes } = conversation;
  const client = await RawClient.connect(port, endpoint.path);
  using connection = client.connection;
  const expected = expectedFrames(conversation);
  const seen = new Seen(client);
  // A server that has ended the connection takes nothing any more.
  const write = async (...parts: Uint8Array<ArrayBuffer>[]) => {
    for (const piece of cut(await new Blob(parts).bytes(), writes)) {
      await connection.write(piece).catch(() => {});
    }
  };
  const traffic = messages.flatMap(encodeMessage);
  let written: Promise<void>;
  if (isAtOnce) written = write(...traffic, ending.bytes);
  else {
    written = write(...traffic);
    await seen.read(() =>
      seen.replies.length < expected.replies.length ||
      seen.pongs.length < expected.pongs.length
    );
    seen.expect(expected);
    await written;
    written = write(ending.bytes);
  }
  if (ending.service === "tolerates") {
    await written;
    await connection.conn.closeWrite().catch(() => {});
  }
  await seen.read(() => true);
  await written;
  check(seen, expected, conversation);
}

type Expected = ReturnType<typeof expectedFrames>;

/** What a client has seen. */
class Seen {
  readonly #client: RawClient;
  readonly replies: string[] = [];
  readonly pongs: string[] = [];
  /** The payload of the service's close frame. */
  close: Uint8Array<ArrayBuffer> | undefined;

  constructor(client: RawClient) {
    this.#client = client;
  }

  /** Reads frames while more are needed and the connection has not ended. */
  async read(needsMore: () => boolean) {
    while (needsMore()) {
      const frame = await this.#client.frame();
      if (!frame) break;
      const { opcode, payload } = frame;
      if (opcode === OPCODE.close) {
        this.close = payload;
        // Where the service began to close, it waits for this.
        await this.#client.sendBytes(encodeFrame(OPCODE.close, payload))
          .catch(() => {});
      } else if (opcode === OPCODE.pong) this.pongs.push(show(opcode, payload));
      else this.replies.push(show(opcode, payload));
    }
  }

  /** Checks that all is there, and nothing else. */
  expect({ replies, pongs }: Expected) {
    expectSame(this.replies, replies);
    expectSame(this.pongs, pongs);
  }
}

/** Checks what was seen on a connection that has ended. */
function check(seen: Seen, expected: Expected, { ending }: Conversation) {
  if (ending.service === "answers") {
    seen.expect(expected);
    // The encoded frame has two bytes of header and four of mask.
    const sent = ending.bytes.subarray(6).toHex();
    if (seen.close?.toHex() !== sent) {
      throw new Error(`closed with ${seen.close?.toHex()}, expected ${sent}`);
    }
    return;
  }
  // What was on its way may be lost with the connection.
  const common = Math.min(seen.replies.length, expected.replies.length);
  expectSame(seen.replies.slice(0, common), expected.replies.slice(0, common));
  if (ending.service === "tolerates") return;
  if (seen.replies.length > common) {
    throw new Error(`reply ${seen.replies[common]} to broken frames`);
  }
  if (seen.close && !FAILURES.includes(parseClose(seen.close).code)) {
    throw new Error(`closed with ${seen.close.toHex()} after broken frames`);
  }
}

function expectSame(seen: string[], expected: string[]) {
  for (let i = 0; i < Math.max(seen.length, expected.length); i++) {
    if (seen[i] !== expected[i]) {
      throw new Error(
        `frame ${i} is ${shorten(seen[i])}, expected ${shorten(expected[i])}`,
      );
    }
  }
}

function shorten(text = "missing"): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
