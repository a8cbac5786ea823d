/** The page in a real Chromium: connections, how they close and why they fail. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { test } from "./support/browser.ts";
import { Client } from "./support/client.ts";
import { startProxy } from "./support/proxy.ts";
import { startTestService } from "./support/service.ts";

/** What Chromium itself writes to the console about a failed connection. */
const CONNECTION_FAILED =
  /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/;

test({
  name: "page chooses an endpoint, connects and shows the agreed subprotocol",
  service: { subprotocols: ["v2.chat"], version: "9.8.7" },
}, async (page, { urls }) => {
  await page.says({ version: /^9\.8\.7$/ });
  const own = urls.page.replace("http", "ws");
  assertEquals(await page.value("URL"), own);
  await page.choose("Endpoints", "uppercase · /uppercase");
  assertEquals(await page.value("URL"), `${own}uppercase`);
  await page.click("Options");
  await page.fill({ "Subprotocols": "v1.chat, v2.chat" });
  await page.connect();
  await page.says({ "state-detail": "0:00 · subprotocol v2.chat" });
  await page.row("event", "offering v1.chat, v2.chat");
  await page.row("event", "Subprotocol v2.chat");
});

test(
  { name: "parameters change the connection", path: "echo" },
  async (page) => {
    const start = await page.value("URL");
    const connect = async (query: string) => {
      await page.click("Clear");
      await page.fill({ "URL": `${start}?${query}` });
      await page.connect();
    };
    const received = async (text: string | RegExp) =>
      await (await page.row("received", text)).innerText();

    await connect("prefix=got:%20&delay=300");
    await page.send("late");
    const [, time] =
      /got: late\s+\d B\s+(\d+) ms/.exec(await received("got:")) ??
        [];
    // A timer may fire a little before its time is up.
    assert(Number(time) >= 295, `the reply came after ${time} ms`);
    await page.click("Disconnect");

    await connect("push=20");
    await received(/3 \d{4}-\d\d-\d\dT/);
    await page.send("between");
    assert(/[\d.]+ ms/.test(await received("between")));
    await page.says({ "trip-count": "last 1 reply" });
    await page.click("Disconnect");

    await connect("info=1&close=4001&reason=enough&after=2");
    await received('"path":"/echo"');
    await page.send("one");
    await page.send("two");
    await received("two");
    await page.says({ state: "Closed" });
    await page.says({ "state-detail": "4001 Private Use, “enough”, clean" });
    await page.says({
      failure: "4001 Private Use, “enough” · Private",
    });
  },
);

test("page closes with a code and reason", async (page, service) => {
  await page.connect();
  await page.fill({ "Close code": "1001" });
  await page.click("Disconnect");
  await page.says({ "closing-fault": "may send only 1000 or 3000–4999" });
  await page.fill({ "Close code": "4321", "Reason": "é".repeat(62) });
  await page.says({ "closing-fault": "Text of up to 123 bytes" });
  await page.fill({ "Reason": "done" });
  await page.click("Disconnect");
  await page.says({ "state-detail": "4321 Private Use, “done”, clean" });
  await (await page.row("event", /closed.*4321 Private Use/)).click();
  const { code, reason } = await service.log.waitFor("close");
  assertEquals([code, reason], [4321, "done"]);

  await page.connect();
  await page.fill({ "Close code": "" });
  await page.click("Disconnect");
  await page.says({ "closing-fault": "A reason needs a close code" });
  await page.focused("close-code");
  await page.fill({ "Reason": "" });
  await page.click("Disconnect");
  await page.row("event", /closed.*1005 No Status Received, no reason, clean/);
  await page.row("event", /closing.*1005 No Status Received/);
});

test({
  name: "page explains why a handshake failed",
  service: { subprotocols: ["chat"] },
  expectedErrors: /failed|ERR_|Content Security Policy/,
}, async (page, service) => {
  using proxy = startProxy(service.port, (head) => {
    const [, from] = /^\S+ \/(moved|secure) /.exec(head) ?? [];
    if (from === undefined) return head.replace("Upgrade: websocket\r\n", "");
    const to = from === "moved" ? "/moved/" : `https://${host}/`;
    return `HTTP/1.1 301 Moved Permanently\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`;
  });
  const host = `127.0.0.1:${proxy.port}`;
  const own = `ws://${host}`;
  await page.open(`http://${host}/`);
  const fails = async (url: string, failure: string) => {
    await page.fill({ "URL": url });
    await page.click("Connect");
    await page.says({ failure });
    await page.row("event", /failed.*1006 Abnormal Closure, .* not clean/);
  };
  await fails(`${own}/echo`, "does not forward the header Upgrade");
  await fails(`${own}/echo?status=503`, "the parameter “status” asks it to");
  await fails(
    `ws://user:wrong@${host}/echo?auth=user:right`,
    "the parameter “auth” asks it to",
  );
  await fails(
    `${own}/moved`,
    `redirected to http://${host}/moved/; browsers do`,
  );
  await fails(`${own}/secure`, "is redirected to another origin");
  await fails(`wss://${host}/echo`, "try ws:// instead of wss://");
  await fails(
    `ws://localhost:${proxy.port}/`,
    "Browsers do not tell pages why",
  );
  await page.says({ failure: "See the server’s response in a terminal:" });
  const command = await page.page.locator("#failure code").innerText();
  assertMatch(command, /^curl .* 'http:\/\/localhost:\d+\/'$/);

  // An explanation goes when the form no longer describes what failed.
  const wrong = `${own}/nowhere`;
  for (const next of [`${wrong}/else`, "nonsense"]) {
    await fails(wrong, "“/nowhere” is not an endpoint of this server");
    await page.fill({ "URL": next });
    await page.element("failure").waitFor({ state: "hidden" });
    await page.click("Connect");
    if (next !== "nonsense") await page.says({ failure: "/else" });
  }
  assertEquals(await page.element("failure").isVisible(), false);

  await page.click("Options");
  await page.fill({ "Subprotocols": "other" });
  await fails(`${own}/echo`, "The server supports: chat.");
  await service.shutdown();
  await fails(`${own}/echo`, "The server does not respond");
});

test({
  name: "page names an origin that is not allowed, and a server that is full",
  service: { origins: ["http://localhost:1"] },
  expectedErrors: CONNECTION_FAILED,
}, async (page, { port }) => {
  await page.click("Connect");
  const origin = `origin http://127.0.0.1:${port} to connect (403)`;
  await page.says({ failure: origin });
  await using full = startTestService({ limits: { maxConnections: 1 } });
  await using _first = await Client.open(full.urls.page.replace("http", "ws"));
  await page.open(full.urls.page);
  await page.click("Connect");
  const refusal = /not accepting new connections \(503\): .*--max-connections/;
  await page.says({ failure: refusal });
});

test({
  name: "page reconnects after the server restarts",
  expectedErrors: CONNECTION_FAILED,
}, async (page, service) => {
  const { port } = service;
  await page.click("Options");
  await page.fill({ "Reconnect automatically": true });
  await page.connect();
  await service.shutdown();
  await page.row("event", /closed.*1001 Going Away/);
  await page.says({ state: "Waiting", "state-detail": /Attempt 2 in/ });
  await using _second = startTestService({ port });
  await page.says({ state: "Open" });
  await page.send("back again");
  await page.row("received", "back again");
  await page.click("Disconnect");
  await page.says({ state: "Closed" });
});

test("page gives up a close that the server does not answer", async (page) => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  await page.fill({ "URL": `ws://127.0.0.1:${listener.addr.port}/` });
  await page.click("Connect");
  using socket = await accepting;
  const bytes = new Uint8Array(4_096);
  const length = await socket.read(bytes) ?? 0;
  const request = new TextDecoder().decode(bytes.subarray(0, length));
  const key = /^Sec-WebSocket-Key: (.*)\r$/mi.exec(request)?.[1];
  const accept = createHash("sha1")
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const response = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    "\r\n",
  ];
  await socket.write(new TextEncoder().encode(response.join("\r\n")));
  await page.says({ state: "Open" });
  await page.click("Disconnect");
  await page.says({ state: "Closing" });
  await page.click("Cancel");
  await page.says({ state: "Closed", "state-detail": "1006" });
});
