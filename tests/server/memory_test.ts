import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  defaultMaxMemory,
  residentMemory,
} from "../../handlers/server/memory.ts";
import { Client } from "../support/client.ts";
import { encodeFrame, OPCODE } from "../support/frames.ts";
import { RawClient } from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";

const MIB = 1_048_576;

Deno.test("defaultMaxMemory() is 60 % of what the process may use", () => {
  const max = defaultMaxMemory();
  assert(max !== undefined);
  assertGreater(max, 100 * MIB);
  assert(max <= 0.6 * Deno.systemMemoryInfo().total);
});

Deno.test({
  name: "defaultMaxMemory() is undefined without the permission",
  permissions: { sys: false },
  fn: () => assertEquals(defaultMaxMemory(), undefined),
});

Deno.test("startService() ends all connections when one fills its memory", async () => {
  await using service = startTestService({
    maxMemory: residentMemory() + 100 * MIB,
  });
  const bystander = await Client.open(service.url("echo"));
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
  const actions = service.log.of("memory").map(({ action }) => action);
  assertEquals(actions.includes("recycle"), true);
  await using client = await Client.open(service.url("echo"));
  assertEquals(await client.ask("served?"), "served?");
});
