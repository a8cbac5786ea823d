import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ByteSink, LineWriter } from "../../handlers/cli/line_writer.ts";
import { FakeClock } from "../support/fake_clock.ts";

const MIB = 1_048_576;

const DROPPED = "(3 log lines dropped: the output was not read)\n";

/** A sink that keeps what it is given. */
class MemorySink implements ByteSink {
  readonly #decoder = new TextDecoder();
  /** The text of every write. */
  readonly writes: string[] = [];

  write(bytes: Uint8Array): Promise<number> {
    this.writes.push(this.#decoder.decode(bytes, { stream: true }));
    return Promise.resolve(bytes.length);
  }
}

/** A sink whose writes end only when they are told to, as of a full pipe. */
class StuckSink extends MemorySink {
  readonly begun = Promise.withResolvers<void>();
  readonly end = Promise.withResolvers<void>();

  override async write(bytes: Uint8Array): Promise<number> {
    this.begun.resolve();
    await this.end.promise;
    return await super.write(bytes);
  }
}

/** A sink that takes a few bytes at a time, and none when it is first asked. */
class SmallSink extends MemorySink {
  #isFull = true;

  override write(bytes: Uint8Array): Promise<number> {
    if (!this.#isFull) return super.write(bytes.subarray(0, 3));
    this.#isFull = false;
    return Promise.reject(new Deno.errors.WouldBlock("full"));
  }
}

Deno.test("LineWriter.write() ends every line, and joins those of one turn", async () => {
  const sink = new MemorySink();
  const writer = new LineWriter(sink);
  await writer.flush();
  writer.write("one");
  writer.write("");
  writer.write("drei ß 😀");
  assertEquals(sink.writes, [], "it does not write within the call");
  await writer.flush();
  writer.write("four");
  await writer.flush();
  assertEquals(sink.writes, ["one\n\ndrei ß 😀\n", "four\n"]);
});

Deno.test("LineWriter.write() writes the rest of what a sink has not taken", async () => {
  const sink = new SmallSink();
  const writer = new LineWriter(sink);
  writer.write("Straße");
  writer.write("😀");
  await writer.flush();
  assertEquals(sink.writes.join(""), "Straße\n😀\n");
  assert(sink.writes.length > 3);
});

Deno.test("LineWriter.flush() waits until everything is written, in order", async () => {
  const sink = new StuckSink();
  const writer = new LineWriter(sink);
  writer.write("one");
  await sink.begun.promise;
  writer.write("two");
  writer.write("three");
  let isFlushed = false;
  const flushed = writer.flush().then(() => isFlushed = true);
  // More turns of the event loop than any chain of promises here is long.
  for (let i = 0; i < 10; i++) await new Promise((go) => setTimeout(go, 0));
  assertEquals(isFlushed, false);
  sink.end.resolve();
  await flushed;
  assertEquals(sink.writes, ["one\n", "two\nthree\n"]);
});

Deno.test("LineWriter.write() drops lines beyond the limit and tells how many", async () => {
  const sink = new StuckSink();
  const writer = new LineWriter(sink);
  const line = "x".repeat(MIB);
  for (let i = 0; i < 7; i++) writer.write(line);
  await sink.begun.promise;
  // What is being written is still in memory, and counts.
  writer.write(line.slice(1));
  writer.write("dropped\ndropped");
  // This one would fit, but may not come before the report.
  writer.write("");
  sink.end.resolve();
  await writer.flush();
  // What is written counts no more.
  const longest = "y".repeat(8 * MIB);
  writer.write(longest);
  await writer.flush();
  assertEquals(
    sink.writes.join("").replace(/x+|y+/g, (run) => `${run.length}`),
    `${`${MIB}\n`.repeat(7)}${MIB - 1}\n${DROPPED}${8 * MIB}\n`,
  );
});

Deno.test("LineWriter.write() drops a line that is too long, and no other", async () => {
  const sink = new MemorySink();
  const writer = new LineWriter(sink);
  writer.write("x".repeat(8 * MIB + 1));
  await writer.flush();
  writer.write("one");
  await writer.flush();
  assertEquals(sink.writes, [
    "(1 log lines dropped: the output was not read)\n",
    "one\n",
  ]);
});

Deno.test("LineWriter.write() writes whole lines, as much as a pipe takes at once", async () => {
  const sink = new MemorySink();
  const writer = new LineWriter(sink);
  const line = "x".repeat(1_499);
  for (let i = 0; i < 4; i++) writer.write(line);
  writer.write("y".repeat(5_000));
  await writer.flush();
  const sizes = sink.writes.map((text) => text.length);
  assertEquals(sizes, [3_000, 3_000, 4_096, 905]);
});

/** A full disk of some size in bytes: it takes a part before it fails. */
class DiskSink extends MemorySink {
  free: number;
  failures = 0;

  constructor(free: number) {
    super();
    this.free = free;
  }

  override async write(bytes: Uint8Array): Promise<number> {
    const written = bytes.subarray(0, this.free);
    this.free -= written.length;
    await super.write(written);
    if (written.length === bytes.length) return bytes.length;
    this.failures++;
    throw new Error("No space left on device (os error 28)");
  }
}

Deno.test("LineWriter.write() drops lines for a second after a failed write, and reports them on a new line", async () => {
  using clock = new FakeClock();
  const sink = new DiskSink(6);
  const writer = new LineWriter(sink);
  const write = async (lines: string) => {
    writer.write(lines);
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  await write("one");
  await write("two\nthree");
  await write("four\nfive\nsix");
  assertEquals([sink.failures, sink.writes.join("")], [1, "one\ntw"]);
  clock.advance(1_000);
  // The report fails as well, and what was to come after it.
  await write("seven");
  assertEquals(sink.failures, 2);
  sink.free = 1_000;
  await write("eight");
  clock.advance(999);
  await write("nine");
  assertEquals(sink.writes.join(""), "one\ntw");
  clock.advance(1);
  await write("ten");
  await write("eleven");
  const reason = "No space left on device (os error 28)";
  assertEquals(
    sink.writes.join(""),
    `one\ntw\n(8 log lines dropped: ${reason})\nten\neleven\n`,
  );
});

Deno.test("LineWriter.flush() reports what was dropped without waiting", async () => {
  const sink = new DiskSink(0);
  const writer = new LineWriter(sink);
  writer.write("one");
  // What arrives while the write fails is dropped with it.
  await Promise.resolve();
  writer.write("two\nthree");
  await writer.flush();
  sink.free = 1_000;
  await writer.flush();
  assertMatch(sink.writes.join(""), /^\n\(3 log lines dropped: [^\n]*\)\n$/);
});

/** Mounts a disk of 64 KiB in a folder; undefined where that is not allowed. */
async function mountDisk(): Promise<string | undefined> {
  const path = await Deno.makeTempDir();
  const options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path];
  if (Deno.build.os === "linux" && await succeeds("mount", ...options)) {
    return path;
  }
  await Deno.remove(path);
  return undefined;
}

async function succeeds(command: string, ...args: string[]) {
  const { success } = await new Deno.Command(command, { args }).output();
  return success;
}

const disk = await mountDisk();
const PROGRAM = `
import { LineWriter } from "${
  import.meta.resolve("../../handlers/cli/line_writer.ts")
}";
const writer = new LineWriter(Deno.stdout);
for (let i = 0; i < 400; i++) writer.write("x".repeat(299));
await writer.flush();
Deno.truncateSync(Deno.args[0]);
await new Promise((done) => setTimeout(done, 1_000));
writer.write("last");
await writer.flush();
`;

Deno.test("LineWriter.write() writes again after a disk was full", {
  ignore: disk === undefined,
}, async () => {
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(disk!));
  stack.defer(async () => void await succeeds("umount", disk!));
  const log = `${disk}/log`;
  const deno = ["--no-lock", "--ext=ts", PROGRAM, log];
  const script = '"$0" eval "$@" >> "$4"';
  assert(await succeeds("sh", "-c", script, Deno.execPath(), ...deno));
  const lines = (await Deno.readTextFile(log)).split("\n");
  const [report = "", ...rest] = lines.slice(-3);
  assertEquals(rest, ["last", ""]);
  const count = /^\((\d+) log lines dropped: No space .*\)$/.exec(report)?.[1];
  // 218 lines fit, and a write has 13.
  assert(Number(count) >= 182 && Number(count) <= 195, report);
});

/** Ways in which a sink tells that its reader has gone. */
const GONE: Record<string, () => Promise<number>> = {
  "rejects": () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
  "rejects later": () =>
    new Promise((_, reject) =>
      setTimeout(() => reject(new Deno.errors.BrokenPipe("gone")), 10)
    ),
  "throws": () => {
    throw new Deno.errors.BrokenPipe("gone");
  },
};

for (const [name, fail] of Object.entries(GONE)) {
  Deno.test(`LineWriter.write() drops everything once a sink whose reader has gone ${name}`, async () => {
    let calls = 0;
    const writer = new LineWriter({
      write() {
        calls++;
        return fail();
      },
    });
    writer.write("one");
    // In the next turn, a write that fails later is under way.
    await new Promise((go) => setTimeout(go, 0));
    writer.write("two");
    await writer.flush();
    writer.write("three");
    await writer.flush();
    assertEquals(calls, 1);
  });
}
