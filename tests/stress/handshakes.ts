import { Buffer } from "node:buffer";
import { setTimeout as pause } from "node:timers/promises";
import { closePayload, encodeFrame, OPCODE } from "../support/frames.ts";
import { RawConnection } from "../support/raw_client.ts";
import { within } from "../support/wait.ts";
import { fuzz } from "./fuzz.ts";
import {
  ALLOWED_ORIGIN,
  isPlain,
  isValid,
  type Request,
  requests,
  toText,
} from "./handshake_request.ts";
import { type Part, scale } from "./part.ts";

/** What is sent after a plain handshake, and comes back from any endpoint. */
const ECHO = [
  [OPCODE.text, "0123456789"],
  [OPCODE.close, closePayload(1000)],
] as const;

/** Sends requests with faults. */
export const handshakes: Part = {
  name: "handshakes",
  summary: "10,000 opening handshakes, about half of them with faults",
  service: { args: ["--allow-origin", ALLOWED_ORIGIN] },
  async run(stage, size) {
    const counts = new Map<string, number>();
    const runs = scale(10_000, size);
    await fuzz(stage, requests, runs, async (service, request) => {
      using connection = await RawConnection.open(service.port);
      const text = await within(converse(connection, request), "an answer");
      const status = check(text, request);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    });
    const answers = [...counts].sort().map((entry) => entry.join(" "));
    return [`${runs} requests, answered with ${answers.join(", ")}`];
  },
};

/**
 * Sends a request, and a message where it must be upgraded.
 *
 * @returns all that came until the end, one character for each byte
 */
async function converse(connection: RawConnection, request: Request) {
  const answered = Promise.withResolvers<void>();
  let text = "";
  const read = async () => {
    for (let chunk; (chunk = await connection.read()) !== null;) {
      text += Buffer.from(chunk).toString("latin1");
      if (text.includes("\r\n\r\n")) answered.resolve();
    }
    answered.resolve();
  };
  const ended = read();
  // A server that has refused the beginning need not take the rest.
  const write = (bytes: Uint8Array) => connection.write(bytes).catch(() => {});
  await write(Buffer.from(toText(request), "latin1"));
  // Where the end of a request is lost, the end of the stream takes its place.
  const late = request.changes.length > 0 ? [pause(20)] : [];
  await Promise.race([answered.promise, ...late]);
  if (isPlain(request)) {
    for (const [opcode, payload] of ECHO) {
      await write(encodeFrame(opcode, payload));
    }
  } else await connection.conn.closeWrite().catch(() => {});
  await ended;
  return text;
}

/** Checks all that came for a request; returns its status. */
function check(text: string, request: Request): string {
  const statuses = [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)]
    .map(([, status]) => status!);
  if (statuses.some((status) => status >= "500")) {
    throw new Error(`Status ${statuses} came back`);
  }
  if (statuses.includes("101") && !isValid(request)) {
    throw new Error("An invalid handshake was answered with 101");
  }
  if (isPlain(request)) {
    const frames = ECHO.map(([opcode, payload]) =>
      encodeFrame(opcode, payload, { mask: null })
    );
    const end = `\r\n\r\n${Buffer.concat(frames).toString("latin1")}`;
    if (statuses[0] !== "101" || !text.endsWith(end)) {
      throw new Error(`A valid handshake got "${text.slice(0, 300)}"`);
    }
  }
  return statuses[0] ?? "closed";
}
