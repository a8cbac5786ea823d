/** The page in a real Chromium: connecting and closing. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Client } from "./support/client.ts";
import { startTestService } from "./support/service.ts";
import { browser, test } from "./page_browser.ts";
import { ConsolePage } from "./page_driver.ts";
import { startProxy } from "./page_proxy.ts";

/** What Chromium itself writes to the console about a failed connection. */
const CONNECTION_FAILED =
  /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/;

test("page chooses an endpoint, connects and shows the agreed subprotocol", async () => {
  await using service = startTestService({
    subprotocols: ["v2.chat"],
    version: "9.8.7",
  });
  await using page = await ConsolePage.open(browser, service.urls.page);
  assertEquals(await page.text("version"), "9.8.7");
  assertEquals(await page.url, `ws://127.0.0.1:${service.port}/`);
  await page.field("Endpoint").selectOption("/uppercase");
  assertEquals(await page.url, `ws://127.0.0.1:${service.port}/uppercase`);
  await page.button("Options").click();
  await page.field("Subprotocols").fill("v1.chat, v2.chat");
  await page.button("Connect").click();
  await page.state("Open");
  await page.says("state-detail", "0:00 · subprotocol v2.chat");
  await page.row("event", "offering v1.chat, v2.chat");
  await page.row("event", "Subprotocol v2.chat");
});

test("page preselects the endpoint that it was opened at", async () => {
  await using service = startTestService({
    paths: { echo: ["/shiming"], uppercase: ["/loud/one"] },
  });
  const { port } = service;
  for (
    const [path, endpoint] of [
      ["/shiming", "/shiming"],
      ["/loud/one/", "/loud/one/"],
      ["/elsewhere", "/shiming"],
      ["/loud/one?delay=5", "/loud/one?delay=5"],
      ["/x#wss://example.org/y", ""],
    ] as const
  ) {
    await using page = await ConsolePage.open(
      browser,
      `http://127.0.0.1:${port}${path}`,
    );
    assertEquals(
      await page.url,
      endpoint ? `ws://127.0.0.1:${port}${endpoint}` : "wss://example.org/y",
    );
    assertEquals(
      await page.field("Endpoint").inputValue(),
      endpoint.replace(/\/?(?:\?.*)?$/, ""),
    );
  }
});

test("page finds the prefix under which a proxy mounts the service", async () => {
  await using service = startTestService();
  using proxy = startProxy(service.port, { prefix: "/proxy" });
  const address = `http://127.0.0.1:${proxy.port}/proxy/uppercase/`;
  await using page = await ConsolePage.open(browser, address);
  assertEquals(await page.url, address.replace("http", "ws"));
  assertEquals(await page.element("url-hint").isVisible(), false);
  await page.connect();
  assertEquals(page.page.url(), address);
  await page.send("through");
  await page.row("received", "THROUGH");
});

test("page stays where it is when its own path is no endpoint", async () => {
  await using service = startTestService();
  const address = `http://127.0.0.1:${service.port}/kept/prefix/?delay=1`;
  await using page = await ConsolePage.open(browser, address);
  assertEquals(await page.url, `ws://127.0.0.1:${service.port}/?delay=1`);
  await page.says("url-hint", "is not an endpoint of the server");
  await page.connect();
  assertEquals(page.page.url(), address);
  await page.button("Disconnect").click();
  await page.field("Endpoint").selectOption("/uppercase");
  await page.element("url-hint").waitFor({ state: "hidden" });
  const chosen = `ws://127.0.0.1:${service.port}/uppercase?delay=1`;
  assertEquals(
    page.page.url(),
    `http://127.0.0.1:${service.port}/kept/prefix/#${chosen}`,
  );
  await page.page.reload();
  await page.page.locator("html[data-ready]").waitFor();
  assertEquals(await page.url, chosen);
});

test("page keeps the connection while its URL is edited", async () => {
  await using service = startTestService();
  await using page = await ConsolePage.open(browser, service.urls.page);
  await page.connect();
  await page.field("URL").fill(service.urls.endpoints.uppercase![0]!);
  await page.says(
    "state-detail",
    "the URL has changed: disconnect and connect",
  );
  await page.field("URL").press("Enter");
  await page.send("still here");
  await page.row("received", "still here");
  await page.button("Disconnect").click();
  await page.connect();
  await page.send("now there");
  await page.row("received", "NOW THERE");
  await page.says("received-messages", "1");
});

test("page closes with a code and reason", async () => {
  await using service = startTestService();
  await using page = await ConsolePage.open(browser, service.urls.page);
  await page.connect();
  await page.field("Close code").fill("1001");
  await page.button("Disconnect").click();
  await page.says("closing-fault", "Browsers may send only 1000 or 3000–4999");
  await page.field("Close code").fill("4321");
  await page.field("Reason").fill("é".repeat(62));
  await page.says("closing-fault", "At most 123 bytes");
  await page.field("Reason").fill("done");
  await page.button("Disconnect").click();
  await page.state("Closed");
  await page.says("state-detail", "4321 Private Use, “done”, clean");
  const row = await page.row("event", /closed.*4321 Private Use/);
  await row.click();
  const { code, reason } = await service.log.waitFor("close");
  assertEquals([code, reason], [4321, "done"]);

  await page.connect();
  await page.field("Close code").fill("");
  await page.button("Disconnect").click();
  await page.says("closing-fault", "A reason needs a code");
  await page.focused("close-code");
  await page.field("Reason").fill("");
  await page.button("Disconnect").click();
  await page.row("event", /closed.*1005 No Status Received, no reason, clean/);
  await page.row("event", /closing.*1005 No Status Received/);
});

test("page explains why a handshake failed", async () => {
  await using service = startTestService({ subprotocols: ["chat"] });
  const redirects = [{ from: "/moved", to: "/moved/" }];
  using proxy = startProxy(service.port, {
    dropped: "Upgrade: websocket",
    redirects,
  });
  const { port } = proxy;
  redirects.push({ from: "/secure", to: `https://127.0.0.1:${port}/` });
  await using page = await ConsolePage.open(
    browser,
    `http://127.0.0.1:${port}/`,
    { expectedErrors: /failed|ERR_|Content Security Policy/ },
  );
  const own = `ws://127.0.0.1:${port}`;
  const fails = async (url: string, words: string) => {
    await page.field("URL").fill(url);
    await page.button("Connect").click();
    await page.says("failure", words);
    await page.row("event", /failed.*1006 Abnormal Closure, .* not clean/);
    assertStringIncludes(await page.text("failure"), words);
  };
  await fails(`${own}/echo`, "does not pass the header Upgrade on");
  await fails(
    `${own}/moved`,
    `is redirected to http://127.0.0.1:${port}/moved/; browsers do not follow`,
  );
  await fails(`${own}/secure`, "is redirected to another origin");
  await fails(
    `${own}/nowhere`,
    "“/nowhere” is not one of this server’s endpoints",
  );
  await fails(`wss://127.0.0.1:${port}/echo`, "try ws:// instead of wss://");
  await fails(`ws://localhost:${port}/echo`, "Browsers do not tell pages why");
  await page.says("failure", "See the server’s answer in a terminal:");
  const command = await page.page.locator("#failure code").innerText();
  assertMatch(command, /^curl .* 'http:\/\/localhost:\d+\/echo'$/);
  await page.button("Options").click();
  await page.field("Subprotocols").fill("other");
  await fails(`${own}/echo`, "It knows: chat.");
  await service.shutdown();
  await fails(`${own}/echo`, "does not answer at all");
});

test("page names an origin that is not allowed, and a server that is full", async () => {
  await using strict = startTestService({ origins: ["http://localhost:1"] });
  await using full = startTestService({ limits: { maxConnections: 1 } });
  await using _taker = await Client.open(full.urls.endpoints.echo![0]!);
  for (
    const [service, words] of [
      [
        strict,
        `pages of the origin http://127.0.0.1:${strict.port} to connect`,
      ],
      [full, "all 1 connections of --max-connections are taken"],
    ] as const
  ) {
    await using page = await ConsolePage.open(browser, service.urls.page, {
      expectedErrors: CONNECTION_FAILED,
    });
    await page.button("Connect").click();
    await page.says("failure", words);
  }
});

test("page takes an explanation away when it no longer applies", async () => {
  await using service = startTestService();
  await using page = await ConsolePage.open(browser, service.urls.page, {
    expectedErrors: CONNECTION_FAILED,
  });
  const wrong = `ws://127.0.0.1:${service.port}/nowhere`;
  for (const next of [`${wrong}/else`, "nonsense"]) {
    await page.field("URL").fill(wrong);
    await page.button("Connect").click();
    await page.element("failure").waitFor();
    await page.field("URL").fill(next);
    await page.element("failure").waitFor({ state: "hidden" });
    await page.button("Connect").click();
    if (next === "nonsense") continue;
    await page.says("failure", "/else");
  }
  assertEquals(await page.element("failure").isVisible(), false);
});

test("page reconnects after the server restarts", async () => {
  await using first = startTestService();
  const { port } = first;
  await using page = await ConsolePage.open(browser, first.urls.page, {
    expectedErrors: CONNECTION_FAILED,
  });
  await page.button("Options").click();
  await page.field("Reconnect after a close").check();
  await page.connect();
  await first.shutdown();
  await page.row("event", /closed.*1001 Going Away/);
  await page.state("Waiting");
  await page.says("state-detail", /Attempt 2 in/);
  await using _second = startTestService({ port });
  await page.state("Open");
  await page.send("back again");
  await page.row("received", "back again");
  await page.button("Disconnect").click();
  await page.state("Closed");
});

test("page works where storage is forbidden or holds garbage", async () => {
  await using service = startTestService();
  const scripts = [
    `Object.defineProperty(globalThis, "localStorage", {
      get() { throw new DOMException("denied", "SecurityError"); },
    });`,
    `localStorage.setItem("wsecho.history", '[{"mode":7},null,"x"]');
     localStorage.setItem("wsecho.language", "{");`,
  ];
  for (const before of scripts) {
    await using page = await ConsolePage.open(browser, service.urls.page, {
      before,
    });
    await page.connect();
    await page.send("hello");
    await page.row("received", "hello");
    await page.field("Text to send").press("ArrowUp");
    assertEquals(await page.field("Text to send").inputValue(), "hello");
  }
});
