/** The page in a real Chromium: watching clients. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import axe from "axe-core";
import { ConsolePage, test } from "./support/browser.ts";
import { Client } from "./support/client.ts";
import { startProxy } from "./support/proxy.ts";
import { startTestService } from "./support/service.ts";

const path = "#watch";

/** The address that the page gives to a client. */
/** The address for a client, once the page knows it. */
const address = (page: ConsolePage) =>
  page.element("watch-url").filter({ hasText: "watch=" }).innerText();

/** A client in the list, once it says this. */
async function listed({ page }: ConsolePage, hasText: string | RegExp) {
  const item = page.locator(".client").filter({ hasText });
  await item.waitFor();
  return item;
}

test({ name: "page shows what a client does", path }, async (page) => {
  assertMatch(page.page.url(), /#watch=[\w-]{22}$/);
  await page.says({ "watch-state": "Open", "watch-detail": "waiting for" });
  const url = await address(page);
  assertMatch(url, /^ws:\/\/127\.0\.0\.1:\d+\/echo\?watch=[\w-]{22}$/);
  await page.says({ "watch-code": url });

  await using client = await Client.open(`${url}&delay=1`, ["chat"]);
  const item = await listed(page, /^\s*#\d+ \/echo\s*open/);
  await item.getByText("Handshake").click();
  await item.getByText('"sec-websocket-protocol": "chat"').waitFor();
  await item.getByText('"delay": 1').waitFor();
  await page.row("event", /\/echo from 127\.0\.0\.1:\d+, subprotocol chat/);
  await page.says({ "watch-detail": "1 client open" });
  assertEquals(await client.ask("hello"), "hello");
  await page.row("received", /#\d+ hello/);
  await page.row("sent", "hello");
  client.send("x".repeat(70_000));
  await (await page.row("received", "68.4 KiB")).click();
  await page.page.getByText("only the first 64 KiB are shown").waitFor();
  client.socket.close(3001, "done\u202e");
  await page.row("event", "3001 Registered, “done\\u202e”, by the client");
  await listed(page, "3001 Registered, “done\\u202e”, by the client");

  await assertRejects(
    () => Client.open(`${url}&delay=-1`),
    Error,
    "Cannot connect",
  );
  await page.row("event", /refused.*400 Cannot use parameter "delay"/);
  await listed(page, '400 Cannot use parameter "delay"');
});

test(
  { name: "page answers clients by hand, and closes them", path },
  async (page) => {
    await page.send("too early");
    await page.page.getByText("No client is open").waitFor();
    await page.fill({ "By hand": true });
    const url = await address(page);
    await using first = await Client.open(url);
    await using second = await Client.open(`${url}&info=1`);
    await second.next();
    await page.page.getByText("Goes to 2 clients").waitFor();
    // Until the server has heard of it, the endpoint replies.
    await page.page.getByText("By hand").nth(2).waitFor();
    first.send("is there anyone?");
    await page.row("received", "is there anyone?");
    await page.send("someone", 2);
    for (const client of [first, second]) {
      assertEquals(await client.next(), "someone");
      assertEquals(await client.next(), "someone");
    }

    // The newest is the first.
    await page.page.getByRole("radio", { name: /^#\d+ \/echo/ }).first()
      .check();
    await page.page.getByText(/^Goes to #/).waitFor();
    await page.page.locator(".row:visible", { hasText: "anyone?" })
      .waitFor({ state: "detached" });
    await page.says({ "log-count": /^\d+ of \d+ entries$/ });
    await page.element("pairs").waitFor({ state: "hidden" });
    await page.fill({ "Hex": true });
    await page.fill({
      "Bytes to send, in hexadecimal": "00 ff",
      "Copies": "1",
    });
    await page.click("Send");
    const bytes = await second.next();
    assert(typeof bytes !== "string");
    assertEquals([...new Uint8Array(bytes)], [0, 255]);
    await page.fill({ "Automatic": true });
    await page.element("client-closing").getByLabel("Close code").fill("1006");
    await page.click("Close");
    await page.says({ "closing-fault": "1000–1003" });
    await page.element("close-code").fill("1012");
    await page.element("close-reason").fill("restart");
    await page.element("close-reason").press("Enter");
    const { code, reason } = await second.closed;
    assertEquals([code, reason], [1012, "restart"]);
    await listed(page, "1012 Service Restart, “restart”, by the server");

    await page.page.getByRole("radio", { name: "All clients" }).check();
    await page.row("received", "is there anyone?");
    await page.page.getByRole("radio", { name: "By hand", checked: true })
      .waitFor();
    await page.fill({ "Automatic": true });
    assertEquals(await first.ask("again"), "again");
  },
);

test(
  { name: "page keeps its key, and comes again when the server does", path },
  async (page, service) => {
    const url = await address(page);
    await using client = await Client.open(url);
    await listed(page, "#");
    await page.open();
    assertEquals(await address(page), url);
    await listed(page, /#\d+ \/echo\s*open/);
    assertEquals(await client.ask("still here"), "still here");
    await page.row("received", "still here");

    const { port } = service;
    await service.shutdown();
    await page.says({ "watch-state": "Waiting", "watch-retry": "Attempt" });
    // Its countdown is not announced.
    const announced = page.page.locator("[role=status] #watch-retry");
    assertEquals(await announced.count(), 0);
    await using _next = startTestService({ port });
    await page.says({ "watch-state": "Open" });
    await using _again = await Client.open(url);
    await listed(page, /#\d+ \/echo\s*open/);
  },
);

test(
  { name: "page knows who is answered by hand, whoever has changed it", path },
  async (page) => {
    await using client = await Client.open(await address(page));
    await listed(page, "#");
    const other = new ConsolePage(await page.page.context().newPage());
    await other.open(page.page.url());
    await other.fill({ "By hand": true });
    const choice = ({ page }: ConsolePage, name: string) =>
      page.getByRole("radio", { name, checked: true }).waitFor();
    for (const opened of [false, true]) {
      if (opened) await page.open();
      await listed(page, "open · By hand");
      await choice(page, "By hand");
    }
    await page.fill({ "Automatic": true });
    await choice(other, "Automatic");
    await listed(other, /openHandshake/);
    assertEquals(await client.ask("again"), "again");
    assertEquals(other.problems, []);
    await other.page.close();
  },
);

test(
  { name: "page switches its face, and Back leads to it again" },
  async (page) => {
    const face = (name: string) =>
      page.page.locator(`a[aria-current]`, { hasText: name }).waitFor();
    const start = page.page.url();
    await face("Console");
    await page.element("face-watch").click();
    await face("Watch my client");
    const url = await address(page);
    assertEquals(page.page.url(), `${start}#watch=${url.split("=")[1]}`);
    await page.element("connection").waitFor({ state: "hidden" });
    await page.page.goBack();
    await face("Console");
    const elsewhere = `${start}#ws://other.example/`;
    await page.fill({ "URL": "ws://other.example/" });
    await page.field("URL").blur();
    assertEquals(page.page.url(), elsewhere);
    await page.element("face-console").click();
    assertEquals(page.page.url(), elsewhere);
    await page.page.goForward();
    await face("Watch my client");
    assertEquals(await address(page), url);
    await page.page.getByRole("link", { name: "Console" }).click();
    await face("Console");
    await page.connect();
  },
);

const UNABLE = {
  "where it is off": [{ paths: { watch: [] } }, path, "--no-watch"],
  "by a key that is none": [{}, `${path}=short`, /“short” .* 8 to 64/],
} as const;
for (const [name, [service, path, reason]] of Object.entries(UNABLE)) {
  test({
    name: `page cannot watch ${name}, and says why`,
    service: structuredClone(service),
    path,
  }, async (page) => {
    await page.says({ "watch-failure": reason });
    await page.element("composer").waitFor({ state: "hidden" });
  });
}

test({
  name:
    "page watches behind a proxy that has a prefix, and says what a proxy breaks",
  expectedErrors: /WebSocket connection to .* failed/,
}, async (page, { port }) => {
  using proxy = startProxy(port, (head) => head.replace("/proxy", ""));
  await page.open(`http://127.0.0.1:${proxy.port}/proxy/${path}`);
  const url = await address(page);
  assertMatch(url, /^ws:\/\/[^/]+\/proxy\/echo\?/);
  await using _client = await Client.open(url);
  await listed(page, /#\d+ \/echo/);

  using foreign = startProxy(
    port,
    (head) => head.replace(/^Host: .*$/im, "Host: elsewhere"),
  );
  await page.open(`http://127.0.0.1:${foreign.port}/${path}`);
  const reason = /takes this page for a foreign one/;
  await page.says({ "watch-failure": reason, "watch-state": "Waiting" });
});

test({
  name: "page that watches is accessible, by keyboard, in Chinese",
  path,
  locale: "zh-CN",
  before: axe.source,
}, async (page) => {
  await page.says({
    "watch-state": "已连接",
    "watch-detail": "正在等待客户端",
  });
  await using client = await Client.open(await address(page));
  await client.ask("你好");
  const item = await listed(page, "已连接");
  await item.getByText("握手").click();
  await page.row("event", "/echo，来自");
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 768, 360]) {
      await page.page.emulateMedia({ colorScheme });
      await page.page.setViewportSize({ width, height: 800 });
      const found = await page.page.evaluate(`(async () => {
        const frame = () => new Promise(requestAnimationFrame);
        await frame(), await frame();
        const { violations } = await axe.run({ resultTypes: ["violations"] });
        const beyond = document.documentElement.scrollWidth - innerWidth;
        return [beyond, ...violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html }) => id + ": " + html))];
      })()`);
      assertEquals(found, [0], `${colorScheme}, ${width} px wide`);
    }
  }

  const { keyboard } = page.page;
  await page.page.getByRole("radio", { name: "全部客户端" }).focus();
  await keyboard.press("ArrowDown");
  await page.page.getByText(/^将发给 #/).waitFor();
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  assertEquals(await item.locator("details").getAttribute("open"), null);
  await keyboard.press("Tab");
  await keyboard.press("ArrowRight");
  assert(await page.element("reply-manual").isChecked());
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await page.focused("close-reason");
  await keyboard.type("再见");
  await keyboard.press("Enter");
  assertEquals((await client.closed).reason, "再见");
  await page.click("English");
  await listed(page, "1000 Normal Closure, “再见”, by the server");
});
