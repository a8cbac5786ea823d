import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Client } from "../support/client.ts";
import { inheritedFlags } from "../../.ci/offline/flags.ts";
import { run } from "../support/process.ts";
import { startTestService } from "../support/service.ts";
import { WatchClient } from "../support/watcher.ts";

const KEY = "a-key_of-Tests";
const ROOT = new URL("../../", import.meta.url);

Deno.test("Service.watch() gives events as they come, over several iterations", async () => {
  await using service = startTestService();
  using watch = service.watch(KEY);
  const url = `${service.url("echo")}?watch=${KEY}`;
  const first = await watch.waitFor("watching");
  assertEquals([first.key, first.connections], [KEY, []]);
  await using client = await Client.open(url, "chat");
  for await (const event of watch) {
    assertEquals(event.event, "open");
    if (event.event === "open") assertEquals(event.subprotocol, "chat");
    break;
  }
  // A reader that waits gets the next one.
  const next = watch.waitFor("message");
  client.send("a");
  const { direction, text } = await next;
  assertEquals([direction, text], ["in", "a"]);
  await client.next();
  await client.ask("b");
  for (const expected of [["out", "a"], ["in", "b"], ["out", "b"]]) {
    const { direction, text } = await watch.waitFor("message");
    assertEquals([direction, text], expected);
  }
  client.socket.close(4000);
  assertEquals((await watch.waitFor("close")).code, 4000);
  const lasting = watch.next();
  await service.shutdown();
  assertEquals(await lasting, { done: true, value: undefined });
  await assertRejects(() => watch.waitFor("open"), Error, '"open"');
  assertThrows(() => watch.reply("auto"), Error, "the watch has ended");
});

Deno.test("Service.watch() shows connections whose log entries cannot be written", async () => {
  await using service = startTestService();
  using watch = service.watch(KEY);
  await watch.waitFor("watching");
  service.log.write = () => {
    throw new Error("There is no room");
  };
  const client = await Client.open(`${service.url("echo")}?watch=${KEY}`);
  assertEquals((await client.closed).code, 1011);
  for (const event of ["open", "close"]) {
    assertEquals((await watch.next()).value.event, event);
  }
});

Deno.test("Service.watch() acts on connections, and throws what is wrong", async () => {
  await using service = startTestService();
  using watch = service.watch(KEY);
  const none = { message: "Cannot send: no connection has this key" };
  assertEquals(
    assertThrows(() => watch.send("x"), Error).message,
    none.message,
  );
  const client = await Client.open(`${service.url("echo")}?watch=${KEY}`);
  const { id } = await watch.waitFor("open");
  watch.send("text");
  watch.send(new Uint8Array([1, 2]), id);
  watch.send(new Uint8Array([3]).buffer);
  assertEquals(await client.next(), "text");
  assertEquals(await client.next(), new Uint8Array([1, 2]).buffer);
  assertEquals(await client.next(), new Uint8Array([3]).buffer);
  watch.reply("manual");
  client.send("not echoed");
  while ((await watch.waitFor("message")).text !== "not echoed");
  watch.reply("auto", id);
  assertEquals(await client.ask("echoed"), "echoed");
  const wrong: [RegExp, () => void][] = [
    [/no connection has the id 99/, () => watch.send("x", 99)],
    [/"code" is 999/, () => watch.close(999)],
    [/"reason"/, () => watch.close(4000, "x".repeat(124), id)],
    [/"mode" is "loud"/, () => watch.reply("loud" as "auto")],
    [/"id" is 0.5/, () => watch.reply("auto", 0.5)],
  ];
  for (const [message, act] of wrong) {
    assert(message.test(assertThrows(act, Error).message), `${message}`);
  }
  watch.close(4000, "enough");
  const { code, reason } = await client.closed;
  assertEquals([code, reason], [4000, "enough"]);
});

Deno.test("Service.watch() refuses what is no key, and more watchers than 16", async () => {
  await using service = startTestService();
  for (const key of ["", "short", "blank in it", "x".repeat(65)]) {
    assertThrows(() => service.watch(key), RangeError, JSON.stringify(key));
  }
  const watches = Array.from({ length: 16 }, () => service.watch(KEY));
  assertThrows(() => service.watch(KEY), RangeError, "16 watchers");
  const beyond = await WatchClient.open(service.port, KEY);
  assertEquals((await beyond.closed).code, 1013);
  watches[3]![Symbol.dispose]();
  assertEquals((await service.watch(KEY).waitFor("watching")).key, KEY);
});

Deno.test("Service.watch() keeps 16 MiB of events that are not read", async () => {
  await using service = startTestService();
  using watch = service.watch(KEY);
  const client = await Client.open(`${service.url("echo")}?watch=${KEY}`);
  const messages = 500;
  for (let i = 0; i < messages; i++) client.send("x".repeat(20_000));
  for (let i = 0; i < messages; i++) await client.next();
  let [seen, missed, size] = [0, 0, 0];
  while (seen + missed < 2 * messages + 2) {
    const { value } = await watch.next();
    if (value.event === "missed") missed += value.count;
    else {
      seen++;
      size += JSON.stringify(value).length;
    }
  }
  assert(missed > 0 && size <= 16_777_216 && size > 16_700_000, `${size}`);
  // There is room again.
  await client.ask("x".repeat(60_000));
  for (const direction of ["in", "out"]) {
    const { value } = await watch.next();
    assertEquals([value.direction, value.size], [direction, 60_000]);
  }
});

Deno.test("README.md shows a test that passes", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const blocks = Array.from(
    readme.matchAll(/```ts\n(.*?)```/gs),
    ([, code]) => code!,
  );
  const [example] = blocks.filter((code) => code.includes("Deno.test("));
  const folder = await Deno.makeTempDir();
  const file = `${folder}/example_test.ts`;
  const main = new URL("main.ts", ROOT).href;
  await Deno.writeTextFile(file, example!.replaceAll("./main.ts", main));
  try {
    const flags = ["--quiet", ...inheritedFlags()];
    const { code, stdout, stderr } = await run({
      command: [
        Deno.execPath(),
        "test",
        ...flags,
        "--allow-net",
        "--allow-read",
      ],
      args: [file],
    });
    assertEquals(code, 0, stdout + stderr);
    assert(stdout.includes("1 passed"), stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
