/** What the clients of classic tutorials see, by the options that the README names. */

import { assertEquals } from "@std/assert";
import { ServiceProcess } from "./support/process.ts";
import { exchange, handshakeRequest, RawClient } from "./support/raw_client.ts";

/** Arguments, a path, and what its endpoint replies to a message. */
const TUTORIALS: [
  args: string[],
  path: string,
  message: string,
  reply: string,
][] = [
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
  const options = {
    "subprotocol": "chat",
    "allow-origin": origin,
    "header": "Set-Cookie: a=b",
  };
  await using service = await ServiceProcess.start({
    args: Object.entries(options).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]),
  });
  using client = await RawClient.connect(service.port, {
    headers: [["Origin", origin], ["Sec-WebSocket-Protocol", "superchat,chat"]],
  });
  const { headers } = client.response;
  assertEquals(headers.get("sec-websocket-protocol"), "chat");
  assertEquals(headers.getSetCookie(), ["a=b"]);
  await client.send("x");
  assertEquals(await client.next(), "x");
  const refused = await exchange(
    service.port,
    handshakeRequest({ headers: [["Origin", "http://localhost:3001"]] }),
  );
  assertEquals(refused.status, 403);
});
