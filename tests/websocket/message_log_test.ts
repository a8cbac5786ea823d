import { assertEquals } from "@std/assert";
import { MessageLog } from "../../handlers/websocket/message_log.ts";
import { Client } from "../support/client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryLog, startTestService } from "../support/service.ts";

Deno.test("MessageLog.write() logs the first 100 messages of a second and counts the others", () => {
  using clock = new FakeClock();
  const log = new MemoryLog(true);
  const messages = new MessageLog(7, log);
  const write = (count: number) => {
    for (let i = 0; i < count; i++) messages.write("in", "hello", 5);
  };
  const counts = () => [log.of("message").length, log.of("omitted").length];

  write(100);
  clock.advance(999);
  assertEquals(counts(), [100, 0]);
  write(3);
  assertEquals(counts(), [100, 0]);
  clock.advance(1);
  write(1);
  assertEquals(counts(), [101, 1]);
  assertEquals(log.entries.slice(-2), [
    { event: "omitted", id: 7, messages: 3 },
    {
      event: "message",
      id: 7,
      direction: "in",
      type: "text",
      size: 5,
      preview: "hello",
    },
  ]);
  clock.advance(5_000);
  write(99);
  assertEquals(counts(), [200, 1]);
  write(2);
  messages.end();
  messages.end();
  assertEquals(counts(), [201, 2]);
  assertEquals(log.entries.at(-1), { event: "omitted", id: 7, messages: 1 });
});

Deno.test("MessageLog.end() reports omitted messages when the connection closes", async () => {
  await using service = startTestService({ verbose: true });
  {
    await using client = await Client.open(service.url("echo"));
    for (let i = 0; i < 101; i++) await client.ask("x");
  }
  await service.log.waitFor("close");
  const [omitted, close] = service.log.entries.slice(-2);
  assertEquals([omitted?.event, close?.event], ["omitted", "close"]);
  assertEquals(
    service.log.of("message").length + Number(omitted?.messages),
    202,
  );
});
