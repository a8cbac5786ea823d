import { type Bytes, encodeFrame, OPCODE, toBytes } from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { pause, within } from "./pool.ts";
import type { Random } from "./random.ts";
import type { Totals } from "./service_log.ts";

/** What a connection does all the time. */
interface Load {
  path: string;
  /** The next message. */
  message(random: Random): string | Bytes;
  /** What must come back. */
  reply(message: string | Bytes): string | Bytes;
  /** How many are sent before the replies are read. */
  burst: number;
  /**
   * Whether the service pushes messages and begins the close: one that is
   * pushed while the client closes would be counted by the service alone.
   */
  isPushed?: true;
}

const same = (message: string | Bytes) => message;
const upper = (message: string | Bytes) =>
  typeof message === "string"
    ? message.toUpperCase()
    : toBytes(new TextDecoder().decode(message).toUpperCase());
const shortText = (random: Random) => random.text(random.below(40));
const shortBytes = (random: Random) => random.bytes(random.below(120));
/** Random bytes are slow to make: large messages are cut from these. */
const POOL = crypto.getRandomValues(new Uint8Array(65_536));
const largeBytes = (random: Random) =>
  POOL.subarray(random.below(1_000), random.between(1_000, 65_536));
const asciiBytes = (random: Random) =>
  toBytes("straße ".repeat(random.below(99)));

/** The mix: each connection has one of these, in turn. */
const LOADS: Load[] = [
  { path: "/", message: shortText, reply: same, burst: 1 },
  { path: "/echo", message: shortBytes, reply: same, burst: 8 },
  { path: "/echo", message: largeBytes, reply: same, burst: 2 },
  { path: "/uppercase", message: shortText, reply: upper, burst: 1 },
  { path: "/uppercase", message: asciiBytes, reply: upper, burst: 3 },
  { path: "/?delay=200", message: shortText, reply: same, burst: 5 },
  {
    isPushed: true,
    path: "/?push=500",
    message: shortBytes,
    reply: same,
    burst: 1,
  },
  {
    isPushed: true,
    path: "/uppercase?delay=50&push=700",
    message: shortText,
    reply: upper,
    burst: 2,
  },
];
/** The longest pause between two bursts, in milliseconds. */
const MAX_PAUSE_MS = 1_000;
const CLIENT_CLOSE = 1000;
const SERVER_CLOSE = 4000;
const PUSHED = /^(\d+) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** One connection of the soak, checking every message that comes. */
export class SoakClient {
  readonly #client: RawClient;
  readonly #load: Load;
  readonly #random: Random;
  readonly #totals: Totals;
  /** How many bursts there will be, where the service closes after them. */
  readonly #bursts: number;
  #pushed = 0;

  private constructor(
    client: RawClient,
    load: Load,
    random: Random,
    totals: Totals,
    bursts: number,
  ) {
    this.#bursts = bursts;
    this.#client = client;
    this.#load = load;
    this.#random = random;
    this.#totals = totals;
  }

  /**
   * Connects.
   *
   * @param index chooses the load
   * @param ms how long it is to run, in milliseconds
   * @param totals what is sent and received is added here, as the service
   * sees it
   */
  static async connect(
    port: number,
    index: number,
    ms: number,
    random: Random,
    totals: Totals,
  ): Promise<SoakClient> {
    const load = LOADS[index % LOADS.length]!;
    const bursts = Math.ceil(ms / MAX_PAUSE_MS) + 2;
    const path = load.isPushed
      ? `${load.path}&close=${SERVER_CLOSE}&after=${bursts * load.burst}`
      : load.path;
    const client = await within(
      RawClient.connect(port, path),
      "a handshake",
    );
    return new SoakClient(client, load, random, totals, bursts);
  }

  /** Sends and checks until a time of `performance.now()`, then closes. */
  async run(until: number) {
    const { isPushed } = this.#load;
    let bursts = 0;
    for (; performance.now() < until; bursts++) {
      await this.#burst();
      await pause(isPushed ? MAX_PAUSE_MS : this.#random.below(MAX_PAUSE_MS));
    }
    if (isPushed) { while (bursts++ < this.#bursts) await this.#burst(); }
    else await this.#client.sendClose(CLIENT_CLOSE, "done");
    await within(
      this.#expectClose(isPushed ? SERVER_CLOSE : CLIENT_CLOSE),
      "a close",
      () => this.#client.connection.close(),
    );
    this.#client.connection.close();
  }

  async #burst() {
    const messages = Array.from(
      { length: this.#load.burst },
      () => this.#load.message(this.#random),
    );
    for (const message of messages) await this.#send(message);
    for (const message of messages) {
      await within(
        this.#expect(this.#load.reply(message)),
        "a reply",
        () => this.#client.connection.close(),
      );
    }
  }

  async #send(message: string | Bytes) {
    this.#totals.received++;
    this.#totals.receivedBytes += toBytes(message).length;
    await this.#client.send(message);
    if (this.#random.once(10)) {
      await this.#client.sendBytes(encodeFrame(OPCODE.ping, "soak"));
    }
  }

  /** Reads on to a reply, past what the service pushes, and checks both. */
  async #expect(reply: string | Bytes) {
    for (;;) {
      const frame = await this.#client.frame();
      if (!frame) throw new Error("the server has ended a connection");
      const { opcode, payload } = frame;
      if (await this.#isAside(opcode, payload)) continue;
      const wanted = toBytes(reply);
      const isSame = opcode === OPCODE.text === (typeof reply === "string") &&
        opcode <= OPCODE.binary && payload.length === wanted.length &&
        payload.every((byte, i) => byte === wanted[i]);
      if (!isSame) {
        throw new Error(
          `${this.#load.path}: opcode ${opcode} with ${payload.length} bytes came, expected ${wanted.length}`,
        );
      }
      this.#count(payload);
      return;
    }
  }

  async #expectClose(expected: number) {
    let code = 0;
    for (let frame; (frame = await this.#client.frame()) !== undefined;) {
      const { opcode, payload } = frame;
      if (await this.#isAside(opcode, payload)) continue;
      if (opcode !== OPCODE.close) throw new Error(`a late opcode ${opcode}`);
      code = payload[0]! << 8 | payload[1]!;
      // The service waits for this where it began.
      if (code === SERVER_CLOSE) await this.#client.sendClose(code);
    }
    if (code !== expected) {
      throw new Error(`closed with ${code}, expected ${expected}`);
    }
  }

  /** Whether a frame is no reply, but a pong, ping or pushed message. */
  async #isAside(opcode: number, payload: Bytes): Promise<boolean> {
    if (opcode === OPCODE.pong) return true;
    if (opcode === OPCODE.ping) {
      await this.#client.sendBytes(encodeFrame(OPCODE.pong, payload));
      return true;
    }
    if (opcode !== OPCODE.text || !this.#load.isPushed) {
      return false;
    }
    const number = PUSHED.exec(new TextDecoder().decode(payload))?.[1];
    if (number === undefined) return false;
    if (Number(number) !== ++this.#pushed) {
      throw new Error(`pushed message ${number}, expected ${this.#pushed}`);
    }
    this.#count(payload);
    return true;
  }

  #count(payload: Bytes) {
    this.#totals.sent++;
    this.#totals.sentBytes += payload.length;
  }
}
