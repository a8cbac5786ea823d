/** What the clients of classic tutorials see, by the options that the README names. */

import { assertEquals } from "@std/assert";
import { ServiceProcess } from "./support/process.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  type RawHeader,
} from "./support/raw_client.ts";

/** Arguments, a path, and what its endpoint replies to a message. */
const TUTORIALS: [string[], path: string, message: string, reply: string][] = [
  [[], "/echo", "text", "text"],
  [["--uppercase", "/test1"], "/test1", "hello, world!", "HELLO, WORLD!"],
  [
    ["--echo", "/shiming", "--prefix", "我已经收到消息 Received:"],
    "/shiming",
    "你好",
    "我已经收到消息 Received:你好",
  ],
  [["--prefix", "Received:  "], "/", "hi", "Received:  hi"],
];

for (const [args, path, message, reply] of TUTORIALS) {
  Deno.test(`wsecho ${args.join(" ")} answers at ${path}, for any origin`, async () => {
    await using service = await ServiceProcess.start({ args });
    using client = await RawClient.connect(service.port, {
      path,
      headers: [["Origin", "http://anywhere.example"]],
    });
    await client.send(message);
    assertEquals(await client.next(), reply);
    const binary = new Uint8Array([1, 2]);
    await client.send(binary);
    assertEquals(await client.next(), binary);
  });
}

Deno.test("wsecho is an Upgrader with subprotocols, origin check and header", async () => {
  const origin = "http://localhost:3000";
  const args = ["--subprotocol", "chat", "--allow-origin", origin];
  await using service = await ServiceProcess.start({
    args: [...args, "--header", "Set-Cookie: a=b"],
  });
  using client = await RawClient.connect(service.port, {
    headers: [["Origin", origin], ["Sec-WebSocket-Protocol", "superchat,chat"]],
  });
  const { headers } = client.response;
  assertEquals(headers.get("sec-websocket-protocol"), "chat");
  assertEquals(headers.getSetCookie(), ["a=b"]);
  const other = { headers: [["Origin", "http://localhost:3001"] as RawHeader] };
  const refused = await exchange(service.port, handshakeRequest(other));
  assertEquals(refused.status, 403);
});
