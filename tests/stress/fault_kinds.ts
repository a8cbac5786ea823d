import { type Bytes, encodeFrame, OPCODE } from "../support/frames.ts";
import {
  handshakeRequest,
  RawClient,
  RawConnection,
} from "../support/raw_client.ts";
import { pause, within } from "./pool.ts";
import type { Random } from "./random.ts";
import { ResetSocket } from "../support/reset_socket.ts";

/** A way for a client to misbehave. */
export interface FaultKind {
  name: string;
  /** How many at the most, whatever the count: some take their time. */
  atMost?: number;
  /**
   * Whether the platform may keep a descriptor: it does so for a client that
   * resets its connection before the handshake is answered.
   */
  mayLeak?: true;
  /** The close code that the log must show for each of them. */
  code?: number;
  run(port: number, random: Random): Promise<void>;
}

/** The bytes of the response to a handshake: more than this, less than twice. */
const RESPONSE_BYTES = 100;
const BIG = new Uint8Array(65_536);

/** Connects, upgrades, and can be reset. */
async function upgraded(port: number, path: string): Promise<ResetSocket> {
  const socket = await ResetSocket.open(port);
  await socket.write(handshakeRequest({ path }));
  await within(socket.received(RESPONSE_BYTES), "a handshake's response");
  return socket;
}

/** Waits until the server ends a connection that the client has half-closed. */
async function ended(connection: RawConnection): Promise<Bytes[]> {
  const chunks: Bytes[] = [];
  const read = async () => {
    for (let chunk; (chunk = await connection.read()) !== null;) {
      chunks.push(chunk);
    }
  };
  await within(
    read(),
    "the end of a half-closed connection",
    () => connection.close(),
  );
  connection.close();
  return chunks;
}

/** All kinds, in the order in which they run. */
export const FAULT_KINDS: FaultKind[] = [
  {
    name: "reset within the handshake's request",
    async run(port, random) {
      const socket = await ResetSocket.open(port);
      const request = handshakeRequest();
      await socket.write(request.slice(0, random.below(request.length)));
      await socket.reset();
    },
  },
  {
    name: "reset right after the handshake's request",
    mayLeak: true,
    async run(port) {
      const socket = await ResetSocket.open(port);
      await socket.write(handshakeRequest());
      await socket.reset();
    },
  },
  {
    name: "reset in mid-frame",
    async run(port, random) {
      const socket = await upgraded(port, "/?push=10");
      const frame = encodeFrame(OPCODE.binary, random.bytes(300));
      await socket.write(frame.subarray(0, random.between(1, 299)));
      if (random.once(2)) await pause(random.below(20));
      await socket.reset();
    },
  },
  {
    name: "reset between fragments",
    async run(port, random) {
      const socket = await upgraded(port, "/uppercase");
      await socket.write(
        encodeFrame(OPCODE.text, random.text(random.below(300)), {
          fin: false,
        }),
      );
      await socket.reset();
    },
  },
  {
    name: "reset with replies pending",
    async run(port, random) {
      const socket = await upgraded(port, "/");
      socket.pause();
      const frame = encodeFrame(OPCODE.binary, BIG);
      // What is not taken any more counts as sent: the reset follows.
      const writes = Array.from(
        { length: random.between(1, 100) },
        () => socket.write(frame),
      );
      await Promise.race([Promise.all(writes), pause(random.between(5, 200))]);
      await socket.reset();
    },
  },
  {
    name: "reset with replies delayed and messages pushed",
    async run(port, random) {
      const socket = await upgraded(port, "/?delay=60000&push=10");
      for (let i = random.between(1, 20); i > 0; i--) {
        await socket.write(encodeFrame(OPCODE.text, random.text(20)));
      }
      await pause(random.below(30));
      await socket.reset();
    },
  },
  {
    name: "half-closed within the handshake",
    async run(port, random) {
      const connection = await RawConnection.open(port);
      const request = handshakeRequest();
      await connection.write(request.slice(0, random.below(request.length)));
      await connection.conn.closeWrite();
      await ended(connection);
    },
  },
  {
    name: "half-closed in mid-frame",
    async run(port, random) {
      const { connection } = await RawClient.connect(port, "/");
      const frame = encodeFrame(OPCODE.binary, random.bytes(300));
      await connection.write(frame.subarray(0, random.below(300)));
      await connection.conn.closeWrite();
      await ended(connection);
    },
  },
  {
    name: "half-closed with replies delayed and messages pushed",
    async run(port) {
      const client = await RawClient.connect(port, "/?delay=60000&push=10");
      await client.send("never answered");
      await client.connection.conn.closeWrite();
      await ended(client.connection);
    },
  },
  {
    name: "never answering a close",
    code: 4000,
    async run(port, random) {
      const client = await RawClient.connect(port, "/?close=4000");
      const frame = await within(client.frame(), "the server's close");
      if (frame?.opcode !== OPCODE.close) {
        throw new Error(`opcode ${frame?.opcode}, expected a close`);
      }
      // Stays, silent or not, and leaves without a word.
      if (random.once(2)) await client.send("what close?");
      await pause(random.between(0, 1_000));
      client.connection.close();
    },
  },
  {
    name: "closing and not reading the answer",
    async run(port) {
      const socket = await upgraded(port, "/");
      socket.pause();
      await socket.write(encodeFrame(OPCODE.binary, BIG));
      await socket.write(encodeFrame(OPCODE.close));
      await pause(50);
      await socket.reset();
    },
  },
  {
    name: "reading one byte a second",
    // The service gives up: its limit is 16 MiB of replies that nobody reads.
    code: 1013,
    atMost: 20,
    async run(port, random) {
      const { connection } = await RawClient.connect(port, "/");
      // More than the service may hold back for one connection.
      const frame = encodeFrame(OPCODE.binary, BIG);
      const write = async () => {
        for (let i = 0; i < 640; i++) await connection.write(frame);
      };
      // It ends with the connection, as the service closes it or below.
      const written = write().catch(() => {});
      const byte = new Uint8Array(1);
      for (let second = random.between(2, 4); second > 0; second--) {
        await connection.conn.read(byte).catch(() => {});
        await pause(1_000);
      }
      connection.close();
      await written;
    },
  },
];
