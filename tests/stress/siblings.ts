import { assertEquals } from "@std/assert";
import { ServiceProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";
import { within } from "../support/wait.ts";
import { inParallel } from "./parallel.ts";
import { atMost, type Part, scale } from "./part.ts";
import { ServiceLog } from "./service_log.ts";

/** Newcomers at a time. */
const WIDTH = 16;
/** Idle clients; they do not answer, so the ending process stays for a while. */
const IDLE = 50;

/** Ends one of two processes that share a port. */
export const siblings: Part = {
  name: "siblings",
  summary: "20,000 newcomers while one of two processes on the port ends",
  service: { args: ["--reuse-port"] },
  async run({ service: { port }, spawn }, size) {
    const args = [...spawn.args!, "--port", `${port}`, "--grace", "2"];
    await using sibling = await ServiceProcess.start({ ...spawn, args });
    const log = new ServiceLog(sibling);
    using clients = new DisposableStack();
    for (let i = 0; i < IDLE; i++) {
      clients.use(await RawClient.connect(port));
    }
    const outcomes: Record<Outcome, number> = { served: 0, closed: 0, cut: 0 };
    const count = scale(20_000, size);
    await inParallel(count, WIDTH, async (index) => {
      if (index === Math.floor(count / 4)) {
        log.open();
        if (log.closed === 0) throw new Error("The sibling has served nobody");
        sibling.signal("SIGTERM");
      }
      outcomes[await within(visit(port), "a newcomer's visit")]++;
    });
    assertEquals(await sibling.exitCode(), 0);
    const { served, closed, cut } = outcomes;
    return [
      `${served} newcomers served, ${closed} closed with 1001, none refused`,
      // The kernel resets those that wait to be accepted: no more than are
      // under way, and of many a few.
      atMost(Math.max(WIDTH, count / 200), cut, "newcomers reset in the queue"),
    ];
  },
};

type Outcome = "served" | "closed" | "cut";

/** A short connection; throws when it is refused. */
async function visit(port: number): Promise<Outcome> {
  try {
    using client = await RawClient.connect(port);
    await client.send("new here");
    await client.next();
    await client.sendClose(1000);
    await client.closed();
    return "served";
  } catch (error) {
    if (`${error}`.includes("closed with 1001")) return "closed";
    const isCut = error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe ||
      `${error}`.includes("connection ended");
    if (isCut) return "cut";
    throw error;
  }
}
