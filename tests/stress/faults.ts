import fc from "fast-check";
import { encodeFrame, OPCODE, toBytes } from "../support/frames.ts";
import { handshakeRequest, RawClient } from "../support/raw_client.ts";
import { ResetSocket } from "../support/reset_socket.ts";
import { until, within } from "../support/wait.ts";
import { SteadyClient } from "./clients.ts";
import { fuzz } from "./fuzz.ts";
import { inParallel } from "./parallel.ts";
import { type Part, scale, type Stage } from "./part.ts";
import { noTotals } from "./service_log.ts";

/** Short connections at a time. */
const WIDTH = 32;
/** The response to a handshake is longer than this, and not twice as long. */
const RESPONSE = 100;
const FRAMES = {
  text: encodeFrame(OPCODE.text, "x".repeat(RESPONSE)),
  begun: encodeFrame(OPCODE.text, "begun", { fin: false }),
  big: encodeFrame(OPCODE.binary, new Uint8Array(65_536)),
  close: encodeFrame(OPCODE.close),
};
/** Of the big ones: more than the service holds back, and the kernel besides. */
const STUCK_FRAMES = 640;

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

type Misbehaviour = typeof misbehaviours extends fc.Arbitrary<infer Of> ? Of
  : never;

/** Misbehaves as a client in every way that the network allows. */
export const faults: Part = {
  name: "faults",
  summary:
    "2,000 resets and half-closed connections, 20 stuck readers, 60,000 short connections",
  // The platform does not end what it has leaked.
  service: { args: ["--grace", "1"] },
  async run(stage, size) {
    const runs = scale(2_000, size);
    await fuzz(stage, misbehaviours, runs, async (service, misbehaviour) => {
      await misbehave(service.port, misbehaviour);
      await until(
        () => service.descriptors() <= stage.descriptors,
        "its descriptor is given back",
      );
    });
    await repeat(stage, scale(20, size), stickAndLeave, 1013);
    const start = performance.now();
    const short = scale(20_000, size);
    for (const leave of LEAVE) {
      await repeat(stage, short, (port) => echoAndLeave(port, leave));
    }
    const seconds = (performance.now() - start) / 1_000;
    // Last, so that what the platform loses hides no other leak.
    const maxLeaked = scale(200, size);
    await repeat(stage, maxLeaked, resetEarly);
    return {
      maxLeaked,
      notes: [
        `${
          Math.round(short * LEAVE.length / seconds)
        } short connections a second`,
        `${maxLeaked} resets right after the request`,
      ],
    };
  },
};

/**
 * Has clients come and go in parallel, and waits until the bystander alone is
 * connected.
 *
 * @param code the close code of all of them, which no other connection has
 */
async function repeat(
  { service, log }: Stage,
  count: number,
  run: (port: number) => Promise<void>,
  code?: number,
) {
  await inParallel(count, WIDTH, () => run(service.port));
  await until(
    () =>
      log.open() === 1 &&
      (code === undefined || log.codes.get(code) === count),
    `${count} connections are closed${code ? ` with ${code}` : ""}`,
  );
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
  for (const [i, bytes] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const end = isLast ? Math.floor(bytes.length * part / 1_000) : bytes.length;
    await within(socket.write(bytes.subarray(0, end)), "the end of writing");
  }
  if (leaves === "reset") await socket.reset();
  else await within(socket.halfClose(), "the service's end");
}

/** Sends much and reads nothing, until the service ends the connection. */
async function stickAndLeave(port: number) {
  using client = await RawClient.connect(port);
  const send = async () => {
    for (let i = 0; i < STUCK_FRAMES; i++) await client.sendBytes(FRAMES.big);
  };
  await within(send().catch(() => {}), "the end of writing");
}

/** Short connections: closed by the client, by the service, by neither. */
const LEAVE = [
  { path: "/", leave: (client: SteadyClient) => client.close() },
  {
    path: "/?close=4321&after=1",
    leave: (client: SteadyClient) => client.closed(4321),
  },
  { path: "/", leave: () => Promise.resolve() },
];

async function echoAndLeave(
  port: number,
  { path, leave }: typeof LEAVE[number],
) {
  using client = await SteadyClient.connect(port, path, noTotals());
  await client.exchange(["a short connection"]);
  await leave(client);
}

/** The platform may lose a descriptor to this. */
async function resetEarly(port: number) {
  const socket = await ResetSocket.open(port);
  await socket.write(handshakeRequest());
  await socket.reset();
}
