import { Buffer } from "node:buffer";
import { setTimeout as pause } from "node:timers/promises";
import { assertEquals } from "@std/assert";
import { encodeFrame, OPCODE } from "../support/frames.ts";
import { ServiceProcess } from "../support/process.ts";
import { Flood } from "./flood.ts";
import { type Part, scale } from "./part.ts";
import { ServiceLog } from "./service_log.ts";

/** Messages that a client has under way. */
const BATCH = 16;
const TEXT = "some text that is echoed all the time";
const FRAME = encodeFrame(OPCODE.text, TEXT);
const REPLY = encodeFrame(OPCODE.text, TEXT, { mask: null });
const CLIENTS = 2_000;
/** How long the clients are busy before the signal, in milliseconds. */
const BUSY_MS = 1_000;

/** SIGTERM while all are busy, to services of its own. */
export const sigterm: Part = {
  name: "sigterm",
  summary: "SIGTERM with 2,000 busy clients, 10 times",
  async run({ spawn }, size) {
    const runs = scale(10, size);
    for (let i = 0; i < runs; i++) {
      await using service = await ServiceProcess.start(spawn);
      const log = new ServiceLog(service);
      using flood = await Flood.start({
        ...{ port: service.port, path: "/", clients: CLIENTS },
        batch: new Uint8Array(Buffer.alloc(BATCH * FRAME.length, FRAME)),
        replyBytes: BATCH * REPLY.length,
      });
      await pause(BUSY_MS);
      service.signal("SIGTERM");
      const ends = await flood.ended();
      const code = await service.exitCode();
      const open = log.open();
      assertEquals(
        { ends, code, open, logged: Object.fromEntries(log.codes) },
        {
          ...{ ends: { 1001: CLIENTS }, code: 0, open: 0 },
          logged: { 1001: CLIENTS },
        },
      );
    }
    return [`${runs} × ${CLIENTS} clients read 1001, and exit code 0`];
  },
};
