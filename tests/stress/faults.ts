import { encodeFrame, OPCODE, toBytes } from "../support/frames.ts";
import { handshakeRequest } from "../support/raw_client.ts";
import { ResetSocket } from "../support/reset_socket.ts";
import { until, within } from "../support/wait.ts";
import { SteadyClient } from "./clients.ts";
import { type Part, scale, type Stage } from "./part.ts";
import { runCases } from "./pool.ts";
import { noTotals } from "./service_log.ts";

/** A way in which a client misbehaves, or only leaves early. */
interface Fault {
  name: string;
  /** How often, at full size. */
  times: number;
  /** The close code that the log must show for each of them. */
  code?: number;
  /** @param index counts the runs of this fault */
  run(port: number, index: number): Promise<void>;
}

/** What a client does that leaves without a close frame. */
interface Misbehaviour {
  path?: string;
  /** What it sends after the handshake. Default: it does not complete one. */
  frames?: Uint8Array[];
  /** Whether the last of what it sends is cut, each time at another place. */
  isCut?: true;
  /** Whether it reads nothing after the handshake. */
  isDeaf?: true;
  /** The bytes that it waits for, in all. Default: none. */
  awaits?: number;
  /** Whether it ends its own direction alone, instead of a reset. */
  isHalfClosed?: true;
}

/** Clients at a time. */
const WIDTH = 32;
/** The response to a handshake is longer than this, and not twice as long. */
const RESPONSE = 100;
const TEXT = encodeFrame(OPCODE.text, "x".repeat(RESPONSE));
const BIG = encodeFrame(OPCODE.binary, new Uint8Array(65_536));
const BEGUN = encodeFrame(OPCODE.text, "begun", { fin: false });
const CLOSE = encodeFrame(OPCODE.close);
/** More than the service holds back for a client, and the kernel besides. */
const TOO_MUCH = Array<typeof BIG>(640).fill(BIG);
const LATE = "/?delay=60000&push=10";
const CLOSING = `/?close=4000&reason=${"x".repeat(RESPONSE)}`;

// deno-fmt-ignore
const FAULTS: Fault[] = [
  { name: "reset within the request", times: 200,
    run: misbehave({ isCut: true }) },
  { name: "reset within a frame", times: 200,
    run: misbehave({ path: "/?push=10", frames: [BIG], isCut: true }) },
  { name: "reset between fragments", times: 200,
    run: misbehave({ path: "/uppercase", frames: [BEGUN] }) },
  { name: "reset with unread replies", times: 200,
    run: misbehave({ frames: TOO_MUCH.slice(0, 30), isDeaf: true }) },
  { name: "reset with delayed replies and pushed messages", times: 200,
    run: misbehave({ path: LATE, frames: [TEXT, TEXT], awaits: 3 * RESPONSE }) },
  { name: "reset after an unread close", times: 200,
    run: misbehave({ frames: [BIG, CLOSE], isDeaf: true }) },
  { name: "reset instead of an answer to a close", times: 200, code: 4000,
    run: misbehave({ path: CLOSING, frames: [TEXT], awaits: 2 * RESPONSE }) },
  { name: "half-closed within the request", times: 200,
    run: misbehave({ isCut: true, isHalfClosed: true }) },
  { name: "half-closed within a frame", times: 200,
    run: misbehave({ frames: [BIG], isCut: true, isHalfClosed: true }) },
  { name: "half-closed with delayed replies and pushed messages", times: 200,
    run: misbehave({ path: LATE, frames: [TEXT], isHalfClosed: true }) },
  { name: "stuck reader", times: 20, code: 1013,
    run: misbehave({ frames: TOO_MUCH, isDeaf: true }) },
  { name: "short, closed by the client", times: 15_000,
    run: exchange("/", (client) => client.close()) },
  { name: "short, closed by the service", times: 15_000, code: 4321,
    run: exchange("/?close=4321&after=1", (client) => client.closed(4321)) },
  { name: "short, without a close", times: 15_000,
    run: exchange("/", () => Promise.resolve()) },
  { name: "short, reset", times: 15_000,
    run: misbehave({ frames: [TEXT], awaits: 2 * RESPONSE }) },
];
/** The platform may lose a descriptor to each of them. */
const LEAKING_FAULT: Fault = {
  name: "reset right after the request",
  times: 200,
  run: misbehave({}),
};

/** Misbehaves as a client in every way that the network allows. */
export const faults: Part = {
  name: "faults",
  summary: "2,220 resets, half-closed and stuck connections, 60,000 short ones",
  async run(stage, size) {
    const start = performance.now();
    for (const fault of FAULTS) {
      await repeat(fault, stage, size);
      await until(
        () => stage.service.descriptors() <= stage.descriptors,
        `no descriptor is left of: ${fault.name}`,
      );
    }
    const seconds = (performance.now() - start) / 1_000;
    const rate = Math.round(stage.log.opened / seconds);
    // Last, so that what it leaks hides no leak of another.
    const maxLeaked = await repeat(LEAKING_FAULT, stage, size);
    return {
      maxLeaked,
      notes: [
        `${rate} connections a second; ${maxLeaked} times ${LEAKING_FAULT.name}`,
      ],
    };
  },
};

/**
 * Runs a fault as often as it is to be, waits until the bystander alone is
 * connected, and checks the close codes in the log.
 *
 * @returns how often it ran
 */
async function repeat(
  { name, times, code, run }: Fault,
  { service, log }: Stage,
  size: number,
): Promise<number> {
  const count = scale(times, size, 2);
  const before = log.codes.get(code ?? 0) ?? 0;
  await runCases(count, WIDTH, (index) => run(service.port, index))
    .catch((cause) => {
      throw new Error(`${name}, ${cause.message}`, { cause });
    });
  const logged = () => (log.codes.get(code ?? 0) ?? 0) - before;
  await until(
    () => log.open() === 1 && (code === undefined || logged() === count),
    `${count} connections are closed${
      code ? ` with ${code}` : ""
    } after: ${name}`,
  );
  return count;
}

/** A client that leaves without a close frame. */
function misbehave(
  { path = "/", frames, isCut, isDeaf, awaits, isHalfClosed }: Misbehaviour,
): Fault["run"] {
  return async (port, index) => {
    const request = toBytes(handshakeRequest({ path }));
    const socket = await ResetSocket.open(port);
    if (frames) {
      await socket.write(request);
      await within(socket.received(RESPONSE), "a handshake's response");
    }
    if (isDeaf) socket.pause();
    const parts = frames ?? [request];
    for (const [i, part] of parts.entries()) {
      const isLast = i === parts.length - 1;
      const end = isCut && isLast ? index * 37 % part.length : part.length;
      await within(socket.write(part.subarray(0, end)), "the end of writing");
    }
    await within(socket.received(awaits ?? 0), `${awaits} bytes`);
    if (isHalfClosed) await within(socket.halfClose(), "the service's end");
    else await socket.reset();
  };
}

/** A client that echoes one message and leaves in some way. */
function exchange(
  path: string,
  leave: (client: SteadyClient) => Promise<void>,
): Fault["run"] {
  return async (port, index) => {
    using client = await SteadyClient.connect(port, path, noTotals());
    await client.exchange([`message ${index}`]);
    await leave(client);
  };
}
