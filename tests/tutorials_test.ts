/** What the clients of classic tutorials see, by the options that the README names. */

import { assertEquals } from "@std/assert";
import { Client } from "./support/client.ts";
import { ServiceProcess } from "./support/process.ts";
import { exchange, handshakeRequest, RawClient } from "./support/raw_client.ts";

const url = (port: number, path: string) => `ws://127.0.0.1:${port}${path}`;

Deno.test("wsecho --port 6432 --uppercase /test1 answers in upper case", async () => {
  await using service = await ServiceProcess.start({
    args: ["--uppercase", "/test1"],
  });
  await using client = await Client.open(url(service.port, "/test1"));
  assertEquals(await client.ask("hello, world!"), "HELLO, WORLD!");
});

Deno.test("wsecho echoes at /echo, same type back, for any origin", async () => {
  await using service = await ServiceProcess.start();
  using client = await RawClient.connect(service.port, {
    path: "/echo",
    headers: [["Origin", "http://anywhere.example"]],
  });
  await client.send("text");
  assertEquals(await client.next(), "text");
  await client.send(new Uint8Array([1, 2]));
  assertEquals(await client.next(), new Uint8Array([1, 2]));
});

Deno.test("wsecho --echo /shiming --prefix ... answers with the prefix", async () => {
  await using service = await ServiceProcess.start({
    args: ["--echo", "/shiming", "--prefix", "我已经收到消息 Received:"],
  });
  await using client = await Client.open(url(service.port, "/shiming"));
  assertEquals(await client.ask("你好"), "我已经收到消息 Received:你好");
});

Deno.test("wsecho --port 1234 --prefix ... answers at /", async () => {
  await using service = await ServiceProcess.start({
    args: ["--prefix", "Received:  "],
  });
  await using client = await Client.open(url(service.port, "/"));
  assertEquals(await client.ask("hi"), "Received:  hi");
});

Deno.test("wsecho is an Upgrader with subprotocols, origin check and header", async () => {
  const origin = "http://localhost:3000";
  await using service = await ServiceProcess.start({
    args: [
      "--subprotocol",
      "chat",
      "--allow-origin",
      origin,
      "--header",
      "Set-Cookie: a=b",
    ],
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
