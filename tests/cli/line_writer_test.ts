import { assert, assertEquals } from "@std/assert";
import { type ByteSink, LineWriter } from "../../handlers/cli/line_writer.ts";

const MIB = 1_048_576;

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
  writer.write(line);
  for (let i = 0; i < 3; i++) writer.write("dropped");
  sink.end.resolve();
  await writer.flush();
  // What is written counts no more.
  const longest = "y".repeat(8 * MIB);
  writer.write(longest);
  await writer.flush();
  assertEquals(sink.writes, [
    `${line}\n`.repeat(7),
    `${line}\n(3 log lines dropped: the output was not read)\n`,
    `${longest}\n`,
  ]);
});

/** Ways in which a sink fails. */
const FAILURES: Record<string, () => Promise<number>> = {
  "rejects": () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
  "rejects later": () =>
    new Promise((_, reject) =>
      setTimeout(() => reject(new Deno.errors.BrokenPipe("gone")), 10)
    ),
  "throws": () => {
    throw new Deno.errors.BadResource("closed");
  },
};

for (const [name, fail] of Object.entries(FAILURES)) {
  Deno.test(`LineWriter.write() drops everything once a sink ${name}`, async () => {
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
