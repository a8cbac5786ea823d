/** The service as a process of its own. */

import { existsSync } from "node:fs";
import { inheritedFlags } from "../../.ci/offline/flags.ts";
import { PERMISSIONS } from "../../.ci/permissions.ts";
import { openDescriptors, peakMemory, residentMemory } from "./proc.ts";
import { until, within } from "./wait.ts";

const ROOT = new URL("../..", import.meta.url);

export interface SpawnOptions {
  /** Arguments of the program. */
  args?: string[];
  /** Environment, beyond this process's own. */
  env?: Record<string, string>;
  /** Most open files, as of `ulimit -n`. Default: this process's own. */
  maxFiles?: number;
  /** The program: a command before `args`. Default: main.ts by Deno. */
  command?: string[];
  cwd?: string | URL;
  /**
   * The file, by the process's id, to which the command redirects standard
   * output. Default: none.
   */
  outputFile?: (pid: number) => string;
}

/** The command that runs main.ts as `deno task start` does. */
export function mainCommand(): string[] {
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    ...inheritedFlags(),
    ...PERMISSIONS,
    "main.ts",
  ];
}

function toCommand(options: SpawnOptions): Deno.Command {
  const { args = [], env, maxFiles, command = mainCommand() } = options;
  const words = [...command, ...args];
  const [program, ...rest] = maxFiles === undefined
    ? words
    : ["sh", "-c", `ulimit -n ${maxFiles}; exec "$0" "$@"`, ...words];
  return new Deno.Command(program!, {
    args: rest,
    // HOST and PORT of this process's own environment must not reach it.
    env: { HOST: "", PORT: "", NO_COLOR: "1", ...env },
    cwd: options.cwd ?? ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** How long a program may run, in milliseconds. */
const RUN_MS = 60_000;

/** Runs the program to its end; its code is 137 if it had to be killed. */
export async function run(
  options: SpawnOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = toCommand(options).spawn();
  // A service that starts although it should not would never end.
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** The service as a process of its own. */
export class ServiceProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdout: LineReader;
  readonly #stderr: LineReader;
  readonly #outputFile: SpawnOptions["outputFile"];
  /** The port that it listens on. */
  port = 0;
  /** Whether the process has ended. */
  hasEnded = false;

  private constructor(options: SpawnOptions) {
    const child = toCommand(options).spawn();
    this.#child = child;
    this.#outputFile = options.outputFile;
    child.status.then(() => this.hasEnded = true);
    this.#stdout = new LineReader(child.stdout);
    this.#stderr = new LineReader(child.stderr);
  }

  /** Its lines on standard output so far. */
  get lines(): string[] {
    if (!this.#outputFile) return this.#stdout.lines;
    const file = this.#outputFile(this.pid);
    return existsSync(file) ? Deno.readTextFileSync(file).split("\n") : [];
  }

  /** Its lines on standard error so far. */
  get errorLines(): string[] {
    return this.#stderr.lines;
  }

  /** Stops reading its standard output until it ends: the pipe fills up. */
  pauseReading() {
    this.#stdout.pause();
  }

  /** Closes the reading end of its standard output. */
  async stopReading() {
    await this.#stdout.cancel();
  }

  /** Starts it, on a free port of 127.0.0.1 unless told otherwise. */
  static async start(options: SpawnOptions = {}): Promise<ServiceProcess> {
    const args = ["--port", "0", ...options.args ?? []];
    const process = new ServiceProcess({ ...options, args });
    try {
      const line = await process.line(/https?:\/\/\S+:\d+\//);
      process.port = Number(/:(\d+)\//.exec(line)![1]);
    } catch (error) {
      await process.stop("SIGKILL");
      throw error;
    }
    return process;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The first line on standard output that matches, once it is there. */
  async line(pattern: RegExp): Promise<string> {
    const find = () => this.lines.find((line) => pattern.test(line));
    await until(
      () => {
        if (this.hasEnded && !find()) {
          throw new Error(
            `Cannot read a line like ${pattern}: the service has ended: ${
              this.errorLines.join(" ")
            }`,
          );
        }
        return find() !== undefined;
      },
      `a line like ${pattern} is printed`,
    );
    return find()!;
  }

  /** Sends a signal. */
  signal(name: Deno.Signal) {
    this.#child.kill(name);
  }

  /** Its exit code, once it has ended and all its lines are read. */
  async exitCode(): Promise<number> {
    const { code } = await within(this.#child.status, "the service's end");
    this.#stdout.resume();
    const ended = Promise.all([this.#stdout.ended, this.#stderr.ended]);
    await within(ended, "the end of its output");
    return code;
  }

  /** How many files it has open (Linux). */
  descriptors(): number {
    return openDescriptors(this.pid);
  }

  /** Its memory, in bytes, now or at its peak (Linux). */
  memory(which: "now" | "peak" = "now"): number {
    return which === "now" ? residentMemory(this.pid) : peakMemory(this.pid);
  }

  /** Ends it, safely also when it has ended. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended by itself.
      if (
        !(error instanceof TypeError || error instanceof Deno.errors.NotFound)
      ) throw error;
    }
    return await this.exitCode();
  }

  async [Symbol.asyncDispose]() {
    await this.stop("SIGKILL");
  }
}

/** Collects the lines of a stream. */
class LineReader {
  readonly lines: string[] = [];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #paused: Promise<void> | undefined;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.ended = this.#collect();
  }

  /** Stops reading after the read that is under way. */
  pause() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#paused = promise;
    this.resume = resolve;
  }

  /** Reads on. */
  resume: () => void = () => {};

  /** Closes the stream. */
  async cancel() {
    await this.#reader.cancel();
  }

  async #collect() {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      await this.#paused;
      const { value, done } = await this.#reader.read();
      const parts = (rest + decoder.decode(value, { stream: !done }))
        .split("\n");
      rest = parts.pop()!;
      this.lines.push(...parts);
      if (done) break;
    }
    if (rest !== "") this.lines.push(rest);
  }
}
