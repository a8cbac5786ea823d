import { assertEquals } from "@std/assert";
import { type ByteSink, LineWriter } from "../handlers/line_writer.ts";

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

  get text(): string {
    return this.writes.join("");
  }
}

/** A sink whose writes end only when they are told to, as of a full pipe. */
class StuckSink extends MemorySink {
  #begun = Promise.withResolvers<void>();
  #end = Promise.withResolvers<void>();

  override async write(bytes: Uint8Array): Promise<number> {
    this.#begun.resolve();
    await this.#end.promise;
    return await super.write(bytes);
  }

  /** Resolves when the first write has begun. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Lets this write and all that follow end. */
  release() {
    this.#end.resolve();
  }
}

/** A sink that takes a few bytes at a time. */
class SmallSink extends MemorySink {
  override write(bytes: Uint8Array): Promise<number> {
    return super.write(bytes.subarray(0, 3));
  }
}

Deno.test("LineWriter.write() ends every line, and joins those that come together", async () => {
  const sink = new MemorySink();
  const writer = new LineWriter(sink);
  writer.write("one");
  writer.write("");
  writer.write("drei ß 😀");
  assertEquals(sink.writes, [], "it does not write within the call");
  await writer.flush();
  assertEquals(sink.writes, ["one\n\ndrei ß 😀\n"]);
  writer.write("four");
  await writer.flush();
  assertEquals(sink.writes.slice(1), ["four\n"]);
});

Deno.test("LineWriter.write() goes on where a sink takes only a part", async () => {
  const sink = new SmallSink();
  const writer = new LineWriter(sink);
  writer.write("Straße");
  writer.write("😀");
  await writer.flush();
  assertEquals(sink.text, "Straße\n😀\n");
  assertEquals(sink.writes.length > 3, true);
});

Deno.test("LineWriter.write() keeps the order while the sink is slow", async () => {
  const sink = new StuckSink();
  const writer = new LineWriter(sink);
  writer.write("one");
  await sink.begun;
  writer.write("two");
  writer.write("three");
  sink.release();
  await writer.flush();
  assertEquals(sink.writes, ["one\n", "two\nthree\n"]);
});

Deno.test("LineWriter.flush() waits until everything has left", async () => {
  const sink = new StuckSink();
  const writer = new LineWriter(sink);
  writer.write("one");
  await sink.begun;
  writer.write("two");
  let isFlushed = false;
  const flushed = writer.flush().then(() => isFlushed = true);
  // More turns of the event loop than any chain of promises here is long.
  for (let i = 0; i < 10; i++) await new Promise((go) => setTimeout(go, 0));
  assertEquals(isFlushed, false);
  sink.release();
  await flushed;
  assertEquals(sink.text, "one\ntwo\n");
});

Deno.test("LineWriter.flush() does not wait when there is nothing to write", async () => {
  const writer = new LineWriter(new StuckSink());
  await writer.flush();
});

Deno.test("LineWriter.write() drops lines beyond the limit and tells how many", async () => {
  const sink = new MemorySink();
  const writer = new LineWriter(sink);
  const line = "x".repeat(MIB);
  for (let i = 0; i < 8; i++) writer.write(line);
  for (let i = 0; i < 3; i++) writer.write("dropped");
  await writer.flush();
  assertEquals(
    sink.text,
    `${line}\n`.repeat(8) + "(lines dropped, as nobody read them: 3)\n",
  );

  writer.write("there is room again");
  await writer.flush();
  assertEquals(sink.writes.at(-1), "there is room again\n");
});

Deno.test("LineWriter.write() counts what the sink has not taken yet", async () => {
  const sink = new StuckSink();
  const writer = new LineWriter(sink);
  for (let i = 0; i < 7; i++) writer.write("x".repeat(MIB));
  await sink.begun;
  const last = "y".repeat(MIB);
  writer.write(last);
  writer.write("dropped");
  writer.write("dropped");
  sink.release();
  await writer.flush();
  assertEquals(
    sink.writes[1],
    `${last}\n(lines dropped, as nobody read them: 2)\n`,
  );
});

Deno.test("LineWriter.write() counts the lines that waited for the last ones", async () => {
  const sink = new StuckSink();
  const writer = new LineWriter(sink);
  writer.write("first");
  await sink.begun;
  const line = "x".repeat(4 * MIB - 5);
  writer.write(line);
  writer.write(line);
  writer.write("too much");
  sink.release();
  await writer.flush();
  // After them, nothing counts any more.
  writer.write("y".repeat(8 * MIB));
  await writer.flush();
  assertEquals(sink.writes.length, 3);
  assertEquals(sink.writes[2]!.length, 8 * MIB + 1);
});

/** Ways in which a sink fails. */
const FAILURES: Record<string, () => Promise<number>> = {
  "rejects": () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
  "throws": () => {
    throw new Deno.errors.BadResource("closed");
  },
};

for (const [name, fail] of Object.entries(FAILURES)) {
  Deno.test(`LineWriter.write() swallows everything once a sink ${name}`, async () => {
    let calls = 0;
    const writer = new LineWriter({
      write() {
        calls++;
        return fail();
      },
    });
    writer.write("one");
    await writer.flush();
    writer.write("two");
    await writer.flush();
    assertEquals(calls, 1);
  });
}

Deno.test("LineWriter.flush() ends when the sink fails under it", async () => {
  const { promise, reject } = Promise.withResolvers<number>();
  let calls = 0;
  const writer = new LineWriter({
    write() {
      calls++;
      return promise;
    },
  });
  writer.write("one");
  const flushed = writer.flush();
  // Some turn later, the write is under way and another line waits.
  await new Promise((go) => setTimeout(go, 0));
  writer.write("two");
  reject(new Deno.errors.BrokenPipe("gone"));
  await flushed;
  assertEquals(calls, 1);
});
