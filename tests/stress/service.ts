import { mainCommand } from "../support/process.ts";
import { openDescriptors } from "../support/proc.ts";
import { RawClient } from "../support/raw_client.ts";
import { eventually, within } from "./pool.ts";
import { ServiceLog, type Totals } from "./service_log.ts";

const ROOT = new URL("../../", import.meta.url);

/** The service, in a process of its own. */
export class Service {
  readonly #process: Deno.ChildProcess;
  readonly #stderr: Promise<string>;
  #hasEnded = false;
  readonly log: ServiceLog;
  readonly port: number;
  /** Open descriptors of the idle service. */
  readonly idleDescriptors: number;

  private constructor(
    process: Deno.ChildProcess,
    stderr: Promise<string>,
    log: ServiceLog,
    port: number,
    idleDescriptors: number,
  ) {
    this.#process = process;
    this.#stderr = stderr;
    this.log = log;
    this.port = port;
    this.idleDescriptors = idleDescriptors;
    process.status.then(() => this.#hasEnded = true);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Starts the service with the permissions of `deno task start`.
   *
   * @param options more options of its command line
   */
  static async start(...options: string[]): Promise<Service> {
    // deno-fmt-ignore
    const [program = "", ...args] = [
      ...mainCommand(),
      "--host", "127.0.0.1", "--port", "0", "--log", "json",
      ...options,
    ];
    const process = new Deno.Command(program, {
      args,
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stderr = new Response(process.stderr).text();
    const log = new ServiceLog(process.stdout);
    const kill = () => process.kill("SIGKILL");
    try {
      const died = log.ended.then(async () => {
        throw new Error(`Cannot start the service: ${await stderr}`);
      });
      const port = await within(
        Promise.race([log.listening, died]),
        "the service to listen",
      );
      // The first connection makes the runtime open what it keeps open.
      await greet(port);
      await eventually(() => log.closed === 1);
      return new Service(
        process,
        stderr,
        log,
        port,
        openDescriptors(process.pid),
      );
    } catch (error) {
      kill();
      throw error;
    }
  }

  /**
   * Checks that a well-behaved client is served: it is counted like any other.
   *
   * @returns the messages that it exchanged
   */
  async greet(): Promise<Totals> {
    if (this.#hasEnded) {
      throw new Error(
        `Cannot go on: the service has ended by itself: ${await this.#stderr}`,
      );
    }
    return await greet(this.port);
  }

  /** Waits until no connection is open, and no descriptor left of any. */
  async drained() {
    if (!await eventually(() => this.log.open === 0)) {
      throw new Error(
        `Cannot go on: ${this.log.open} connections of ${this.log.opened} are still open for the service`,
      );
    }
    const extra = () => openDescriptors(this.pid) - this.idleDescriptors;
    if (!await eventually(() => extra() <= 0)) {
      throw new Error(
        `Cannot go on: ${extra()} descriptors stay open, with no connection`,
      );
    }
  }

  /**
   * Ends the service with SIGTERM and checks that it went in good order.
   */
  async stop() {
    this.#process.kill("SIGTERM");
    const status = await within(
      this.#process.status,
      "the service to end on SIGTERM",
      () => this.#process.kill("SIGKILL"),
    );
    await within(this.log.ended, "the end of the log");
    const stderr = await this.#stderr;
    const faults = [
      ...(status.code === 0 ? [] : [`it ended with ${status.code}`]),
      ...(stderr === "" ? [] : [`it wrote to stderr: ${stderr}`]),
      ...this.log.complaints.slice(0, 3).map((line) => `it logged ${line}`),
      ...(this.log.open === 0
        ? []
        : [`it logged ${this.log.opened} opens, ${this.log.closed} closes`]),
    ];
    if (faults.length > 0) {
      throw new Error(`Cannot accept the service's end: ${faults.join("; ")}`);
    }
  }

  /** Ends the service in any way, if it has not ended. */
  async [Symbol.asyncDispose]() {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.log.ended;
  }
}

const GREETING = "Grüße";

/** Connects, echoes a text, closes and checks all of it. */
async function greet(port: number): Promise<Totals> {
  using client = await within(
    RawClient.connect(port, "/echo"),
    "a handshake in good order",
  );
  await client.send(GREETING);
  const reply = await within(client.next(), "an echo");
  await client.sendClose(1000, "done");
  const { code, reason } = await within(client.closed(), "a close");
  if (reply !== GREETING || code !== 1000 || reason !== "done") {
    throw new Error(
      `Cannot accept the echo "${reply}", closed with ${code} "${reason}"`,
    );
  }
  const bytes = new TextEncoder().encode(GREETING).length;
  return { received: 1, receivedBytes: bytes, sent: 1, sentBytes: bytes };
}
