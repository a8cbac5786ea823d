import fc from "fast-check";
import { encodeFrame, OPCODE, toBytes } from "../support/frames.ts";
import { handshakeRequest } from "../support/raw_client.ts";
import { ResetSocket } from "../support/reset_socket.ts";
import { until, within } from "../support/wait.ts";
import { SteadyClient } from "./clients.ts";
import { fuzz, type Value } from "./fuzz.ts";
import { inParallel } from "./parallel.ts";
import { type Part, scale, type Stage } from "./part.ts";
import { noTotals } from "./service_log.ts";

/** Short connections at a time. */
const WIDTH = 32;
const CLOSING = "/?close=4321&after=1";
/** The response to a handshake is longer than this. */
const RESPONSE = 100;
const FRAMES = {
  text: encodeFrame(OPCODE.text, "some text"),
  begun: encodeFrame(OPCODE.text, "begun", { fin: false }),
  big: encodeFrame(OPCODE.binary, new Uint8Array(65_536)),
  close: encodeFrame(OPCODE.close),
};
/** A client that leaves without a close in good order, or does not leave. */
const misbehaviours = fc.record({
  path: fc.constantFrom(
    ...["/", "/uppercase", "/?push=10", "/?delay=60000&push=10"],
    ...["/?close=4000", "/?close=4000&after=1&delay=20"],
  ),
  /** What it sends after the handshake; null: it does not complete one. */
  frames: fc.option(
    fc.array(fc.constantFrom("text", "begun", "big", "close"), {
      maxLength: 5,
    }),
  ),
  /** How much of the request, or of the last frame, it sends, in thousandths. */
  part: fc.nat(999),
  /** Whether it reads nothing after the handshake. */
  isDeaf: fc.boolean(),
  leaves: fc.constantFrom("reset", "half-closed"),
});

type Misbehaviour = Value<typeof misbehaviours>;

/** Sends more than the service, and the kernel, hold back, and reads nothing. */
const STUCK: Misbehaviour = {
  ...{ path: "/", frames: Array(640).fill("big"), part: 1_000 },
  ...{ isDeaf: true, leaves: "reset" },
};
/** A reset right after the request: the platform may lose a descriptor. */
const EARLY: Misbehaviour = { ...STUCK, frames: null };

/** Misbehaves as a client in every way that the network allows. */
export const faults: Part = {
  name: "faults",
  summary:
    "2,000 resets and half-closed connections, 20 stuck readers, 60,000 short connections",
  // The platform does not end what it has leaked.
  service: { args: ["--grace", "1", "--max-buffered", "16MiB"] },
  async run(stage, size) {
    const runs = scale(2_000, size);
    await fuzz(stage, misbehaviours, runs, async (service, misbehaviour) => {
      await misbehave(service.port, misbehaviour);
      await until(
        () => service.descriptors() <= stage.descriptors,
        "its descriptor is given back",
      );
    });
    const stuck = scale(20, size);
    await repeat(stage, stuck, (port) => misbehave(port, STUCK));
    // The close frame that says so waits behind the replies.
    const reason = "Replies are not read fast enough";
    await until(
      () => stage.log.errors.get(reason) === stuck,
      "the reason of their closes is logged",
    );

    const start = performance.now();
    const short = scale(20_000, size);
    await repeat(stage, short, visit("/", (client) => client.close()));
    await repeat(stage, short, visit(CLOSING, (client) => client.closed(4321)));
    await repeat(stage, short, visit("/", () => Promise.resolve()));
    const rate = 3 * short / (performance.now() - start) * 1_000;

    // Last, so that what the platform loses hides no other leak.
    stage.maxLeaked = scale(200, size);
    await repeat(stage, stage.maxLeaked, (port) => misbehave(port, EARLY));
    return [
      `${Math.round(rate)} short connections a second`,
      `${stage.maxLeaked} resets right after the request`,
    ];
  },
};

/** Has clients come and go, until only the bystander is connected. */
async function repeat(
  { service, log }: Stage,
  count: number,
  run: (port: number) => Promise<void>,
) {
  await inParallel(count, WIDTH, () => run(service.port));
  await until(() => log.open() === 1, "all others have gone");
}

async function misbehave(
  port: number,
  { path, frames, part, isDeaf, leaves }: Misbehaviour,
) {
  const socket = await ResetSocket.open(port);
  const parts = [toBytes(handshakeRequest({ path }))];
  if (frames) {
    await socket.write(parts.pop()!);
    await within(socket.received(RESPONSE), "a handshake's response");
    parts.push(...frames.map((name) => FRAMES[name]));
  }
  if (isDeaf) socket.pause();
  const last = parts.pop() ?? new Uint8Array(0);
  parts.push(last.subarray(0, Math.floor(last.length * part / 1_000)));
  for (const bytes of parts) {
    await within(socket.write(bytes), "the end of writing");
  }
  if (leaves === "reset") await socket.reset();
  else await within(socket.halfClose(), "the service's end");
}

/** A short connection: one message, and some way to leave. */
function visit(path: string, leave: (client: SteadyClient) => Promise<void>) {
  return async (port: number) => {
    using client = await SteadyClient.connect(port, path, noTotals());
    await client.exchange(["a short connection"]);
    await leave(client);
  };
}
