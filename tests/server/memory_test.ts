import { assert, assertEquals, assertGreater } from "@std/assert";
import { defaultMaxMemory, MemoryWatch } from "../../handlers/server/memory.ts";
import { Client } from "../support/client.ts";
import { encodeFrame, OPCODE } from "../support/frames.ts";
import { ServiceProcess } from "../support/process.ts";
import { RawClient } from "../support/raw_client.ts";

const MIB = 1_048_576;

Deno.test("MemoryWatch reports a rise at once, then every second, and a fall", () => {
  const events: string[] = [];
  let memory = 100;
  using watch = new MemoryWatch({
    limit: 100,
    readMemory: () => memory,
    onChange: (isHigh, value) => events.push(`${isHigh} ${value}`),
    onStayedHigh: (value) => events.push(`stayed ${value}`),
  });
  /** The events of several checks. */
  const check = (times: number) => {
    for (let i = 0; i < times; i++) watch.check();
    return events.splice(0);
  };
  assertEquals(check(1), []);
  memory = 101;
  assertEquals(check(1), ["true 101"]);
  assertEquals(check(3), []);
  assertEquals(check(1), ["stayed 101"]);
  assertEquals(check(4), ["stayed 101"]);
  memory = 99;
  assertEquals(check(2), ["false 99"]);
});

Deno.test("defaultMaxMemory() is 80 % of what the process may use", () => {
  const max = defaultMaxMemory();
  assert(max !== undefined);
  assertGreater(max, 100 * MIB);
  assert(max <= 0.8 * Deno.systemMemoryInfo().total);
});

Deno.test({
  name: "defaultMaxMemory() is undefined without the permission",
  permissions: { sys: false },
  fn: () => assertEquals(defaultMaxMemory(), undefined),
});

Deno.test("MemoryWatch saves the service from a message without end", async () => {
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
    for (let sent = 0; sent < 2_000; sent++) {
      await attacker.sendBytes(encodeFrame(opcode, payload, { fin: false }));
      opcode = OPCODE.continuation;
    }
  } catch {
    attacker.connection.close();
  }
  assertEquals((await bystander.closed).code, 1013);
  for (const action of ["refuse new", "close all", "accept new"]) {
    await service.line(new RegExp(` memory action="${action}`));
  }
  assert(service.memory() < 200 * MIB);
  await using client = await Client.open(url);
  assertEquals(await client.ask("served?"), "served?");
});
