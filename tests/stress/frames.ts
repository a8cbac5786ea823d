import { type Bytes, encodeFrame, OPCODE } from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { Bystander } from "./bystander.ts";
import { type FrameCase, frameCase } from "./frame_cases.ts";
import { predict, type Prediction } from "./frame_model.ts";
import { runCases, within } from "./pool.ts";
import { Random } from "./random.ts";
import { newReport, type PartReport, Progress } from "./report.ts";
import { Service } from "./service.ts";
import { addTotals, noTotals } from "./service_log.ts";
import { checkTotals } from "./totals.ts";

/** Connections at a time. */
const WIDTH = 32;
/** After so many connections, a client in good order has to be served. */
const GREET_EVERY = 100;

/** What a client saw. */
interface Observation {
  replies: (string | Bytes)[];
  pongs: Bytes[];
  /** The payload of the server's close frame. */
  close: Bytes | undefined;
  /** Whether the server ended the connection. */
  hasEnded: boolean;
}

/**
 * Sends valid and broken frames, one connection each, and checks that what is
 * valid comes back as it must and what is broken ends its own connection.
 *
 * @param count how many connections
 */
export async function fuzzFrames(
  seed: number,
  count: number,
): Promise<PartReport> {
  const report = newReport("frames");
  using progress = new Progress(report.part);
  await using service = await Service.start();
  const totals = noTotals();
  addTotals(totals, service.log.totals);
  // Sees all the others come and go, and must not notice.
  using bystander = await Bystander.connect(service.port);
  let lenient = 0;

  await runCases(count, WIDTH, async (index) => {
    const random = new Random(seed, report.part, index);
    const fuzzed = frameCase(index, random);
    const { prediction, isForbidden } = await runCase(
      service.port,
      fuzzed,
      random,
    );
    if (isForbidden) lenient++;
    addTotals(totals, {
      received: prediction.received,
      receivedBytes: prediction.receivedBytes,
      sent: prediction.replies.length,
      sentBytes: prediction.replyBytes,
    });
    report.connections++;
    if (prediction.ending.kind !== "close") report.faults++;
    if (index % GREET_EVERY === 0) {
      addTotals(totals, await bystander.check(`case ${index}`));
      addTotals(totals, await service.greet());
      report.connections++;
    }
    progress.show(`${index} of ${count}`);
  });

  await bystander.close();
  addTotals(totals, await service.greet());
  report.connections += 2;
  await service.drained();
  await service.stop();
  report.lost = checkTotals(service.log.totals, totals);
  report.messages = totals.received + totals.sent;
  report.notes.push(
    `${lenient} connections sent what RFC 6455 forbids and the platform lets pass`,
  );
  return report;
}

/**
 * Runs one connection; tells which prediction came true, and whether it was one
 * that RFC 6455 forbids.
 */
async function runCase(
  port: number,
  fuzzed: FrameCase,
  random: Random,
): Promise<{ prediction: Prediction; isForbidden: boolean }> {
  const { frames, endpoint } = fuzzed;
  const bytes = await new Blob(frames).bytes();
  const predictions = (["platform", "rfc"] as const).map((strictness) =>
    predict(bytes, endpoint, strictness)
  );
  using client = await within(
    RawClient.connect(port, endpoint.path),
    "a handshake",
  );
  const seen: Observation = {
    replies: [],
    pongs: [],
    close: undefined,
    hasEnded: false,
  };
  const lenient = predictions[0]!;
  const exchange = async () => {
    if (fuzzed.isPaced) {
      const { length } = frames.at(-1)!;
      const start = bytes.subarray(0, bytes.length - length);
      const first = predict(start, endpoint, "platform");
      await writeInPieces(client, start, random);
      if (first.ending.kind === "open") await readUntil(client, seen, first);
      await writeInPieces(client, bytes.subarray(start.length), random);
    } else {
      await writeInPieces(client, bytes, random);
    }
    await readUntil(client, seen, lenient);
  };
  await within(
    exchange(),
    `the answers to ${describe(fuzzed, lenient)}`,
    () => client.connection.close(),
  );
  const faults = predictions.map((prediction) => findFault(seen, prediction));
  const found = faults.indexOf(undefined);
  if (found < 0) {
    throw new Error(`${faults.join("; ")}; sent ${describe(fuzzed, lenient)}`);
  }
  return {
    prediction: predictions[found]!,
    isForbidden: faults[1] !== undefined,
  };
}

/** Writes bytes in one to four pieces; a server that has ended takes none. */
async function writeInPieces(client: RawClient, bytes: Bytes, random: Random) {
  const pieces = random.between(1, 4);
  for (let from = 0, piece = 1; piece <= pieces; piece++) {
    const to = piece === pieces
      ? bytes.length
      : random.between(from, bytes.length);
    try {
      await client.sendBytes(bytes.subarray(from, to));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return;
      if (error instanceof Deno.errors.ConnectionReset) return;
      throw error;
    }
    from = to;
  }
}

/** Reads until all that is predicted has come, or the server has ended. */
async function readUntil(
  client: RawClient,
  seen: Observation,
  { replies, pongs, ending }: Prediction,
) {
  const waitsForEnd = ending.kind !== "open" && ending.kind !== "unsure";
  while (
    waitsForEnd || seen.replies.length < replies.length ||
    seen.pongs.length < pongs.length
  ) {
    const frame = await client.frame();
    if (!frame) {
      seen.hasEnded = true;
      return;
    }
    const { opcode, payload } = frame;
    if (opcode === OPCODE.text) {
      seen.replies.push(
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload),
      );
    } else if (opcode === OPCODE.binary) seen.replies.push(payload);
    else if (opcode === OPCODE.pong) seen.pongs.push(payload);
    else if (opcode === OPCODE.close) {
      seen.close = payload;
      // Where the server began to close, it waits for this.
      await client.sendBytes(encodeFrame(OPCODE.close, payload.subarray(0, 2)))
        .catch(() => {});
      // After half a frame, though, the server takes it for the other half.
      if (ending.kind === "refusal" && !ending.isLast) return;
    }
  }
}

/** What differs from the prediction, if anything. */
function findFault(
  seen: Observation,
  { replies, pongs, ending }: Prediction,
): string | undefined {
  for (const [i, reply] of seen.replies.entries()) {
    if (!isSame(reply, replies[i])) return `reply ${i} differs`;
  }
  for (const [i, pong] of seen.pongs.entries()) {
    if (!isSame(pong, pongs[i])) return `pong ${i} differs`;
  }
  const isComplete = seen.replies.length === replies.length &&
    seen.pongs.length === pongs.length;
  switch (ending.kind) {
    case "open":
      if (seen.hasEnded) return "the server has ended the connection";
      return isComplete ? undefined : "replies are missing";
    case "unsure":
      return isComplete || seen.hasEnded ? undefined : "replies are missing";
    case "fail": {
      if (!seen.hasEnded) return "the connection goes on";
      // What was on its way may be lost with the connection.
      const code = seen.close && closeCode(seen.close);
      return code === undefined || [1002, 1007, 1009].includes(code)
        ? undefined
        : `closed with ${code}`;
    }
    case "close": {
      if (!seen.hasEnded) return "the connection goes on";
      if (!seen.close && !ending.isLast) return undefined;
      if (!isComplete) return "replies are missing";
      return seen.close && isSame(seen.close, ending.payload)
        ? undefined
        : `closed with [${seen.close}], expected [${ending.payload}]`;
    }
    case "refusal": {
      if (!seen.hasEnded && ending.isLast) return "the connection goes on";
      if (!seen.close && !ending.isLast) return undefined;
      const code = seen.close && closeCode(seen.close);
      if (code !== ending.code) return `closed with ${code}`;
      return isComplete ? undefined : "replies are missing";
    }
  }
}

function closeCode(payload: Bytes): number {
  return payload[0]! << 8 | payload[1]!;
}

function isSame(a: string | Bytes, b: string | Bytes | undefined): boolean {
  if (typeof a === "string" || typeof b !== "object") return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function describe({ endpoint, frames }: FrameCase, { ending }: Prediction) {
  const hex = frames.map((frame) =>
    frame.subarray(0, 40).toHex() + (frame.length > 40 ? "…" : "")
  );
  return `${hex.join(" ")} to ${endpoint.path}, expected end: ${ending.kind}`;
}
