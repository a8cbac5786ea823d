import { assert, assertEquals, assertGreater } from "@std/assert";
import { defaultMaxMemory, MemoryFuse } from "../handlers/memory_fuse.ts";
import { encodeFrame, OPCODE } from "./support/frames.ts";
import { Client } from "./support/client.ts";
import { ServiceProcess } from "./support/process.ts";
import { RawClient } from "./support/raw_client.ts";

const MIB = 1_048_576;

Deno.test("MemoryFuse warns at once, blows after a second, and recovers", () => {
  const events: string[] = [];
  let memory = 100;
  using fuse = new MemoryFuse({
    limit: 100,
    readMemory: () => memory,
    onChange: (isHigh, value) => events.push(`${isHigh} ${value}`),
    onBlow: (value) => events.push(`blow ${value}`),
  });
  fuse.check();
  assertEquals(events.splice(0), []);
  memory = 101;
  fuse.check();
  assertEquals(events.splice(0), ["true 101"]);
  for (let i = 0; i < 3; i++) fuse.check();
  assertEquals(events.splice(0), []);
  fuse.check();
  assertEquals(events.splice(0), ["blow 101"]);
  for (let i = 0; i < 4; i++) fuse.check();
  assertEquals(events.splice(0), ["blow 101"]);
  memory = 99;
  fuse.check();
  fuse.check();
  assertEquals(events.splice(0), ["false 99"]);
});

Deno.test("defaultMaxMemory() is 80 % of what there is, if it may be asked", () => {
  const max = defaultMaxMemory();
  assert(max !== undefined);
  assertGreater(max, 100 * MIB);
  assert(max <= 0.8 * Deno.systemMemoryInfo().total);
});

Deno.test("MemoryFuse saves the service from a message without end", async () => {
  await using service = await ServiceProcess.start({
    args: ["--max-memory", "200MiB"],
  });
  const url = `ws://127.0.0.1:${service.port}`;
  const bystander = await Client.open(url);
  const attacker = await RawClient.connect(service.port);
  const payload = new Uint8Array(MIB);
  let opcode: number = OPCODE.binary;
  // Ends by the reset with which the service gets rid of it.
  try {
    for (;;) {
      await attacker.sendBytes(encodeFrame(opcode, payload, { fin: false }));
      opcode = OPCODE.continuation;
    }
  } catch {
    attacker.connection.close();
  }
  assertEquals((await bystander.closed).code, 1013);
  await service.line(/ memory action="refuse newcomers" /);
  await service.line(/ memory action="close all" /);
  await service.line(/ memory action="accept newcomers" /);
  assert(service.memory() < 200 * MIB);
  await using newcomer = await Client.open(url);
  assertEquals(await newcomer.ask("served?"), "served?");
});
