/** The page in a real Chromium: the first minute, and what survives it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { type ConsolePage, test } from "./support/browser.ts";
import { startProxy } from "./support/proxy.ts";
import { startTestService } from "./support/service.ts";
import { until } from "./support/wait.ts";

const FAILED = /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED/;

const queryOf = async (page: ConsolePage) =>
  new URL(await page.value("URL")).search;

test("Send connects first, and the message stays", async (page) => {
  await page.send("early", 3);
  await page.says({ state: "Open", "received-messages": /^3$/ });
  assertEquals(await page.value("Text to send"), "early");
  await page.fill({ "Clear after sending": true, "Copies": "1" });
  await page.click("Send");
  await page.says({ "received-messages": /^4$/ });
  assertEquals(await page.value("Text to send"), "");
  await page.open();
  assert(await page.field("Clear after sending").isChecked());
});

test({
  name: "a message is not sent late when connecting has failed",
  expectedErrors: FAILED,
}, async (page) => {
  const start = await page.value("URL");
  await page.fill({ "URL": "nonsense" });
  await page.send("unsent");
  await page.focused("url");
  await page.says({ "message-fault": "Not connected" });
  await page.fill({ "URL": `${start}?status=404` });
  await page.element("send").click();
  await page.says({ state: "Closed", failure: "asks it to" });
  assertEquals(await page.value("Text to send"), "unsent");
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await page.fill({ "URL": `ws://127.0.0.1:${silent.addr.port}/` });
  await page.element("send").click();
  await page.click("Cancel");
  // What the user has cancelled has not failed.
  await page.says({ state: "Closed", "state-detail": "" });
  await page.element("failure").waitFor({ state: "hidden" });
  await page.fill({ "URL": start });
  await page.connect();
  await page.send("sent");
  await page.row("received", "sent");
  await page.says({ "sent-messages": /^1$/ });
});

test({
  name: "an empty log offers examples, each of which works at once",
  expectedErrors: FAILED,
}, async (page, { urls }) => {
  await page.says({ empty: "This server sends back what it receives" });
  const link = page.element("to-watch");
  assertEquals(await link.getAttribute("href"), "#watch");
  for (
    const [name, query, kind, text, state] of [
      ["Say hello", "", "received", "hello", "Open"],
      ["Slow", "?delay=2000", "received", "hello", "Open"],
      ["Talks by itself", "?push=1000", "received", /1 \d{4}-/, "Open"],
      ["Closes after three", "?close=4000&reason=three%20replies&after=3"]
        .concat("event", "4000 Private Use, “three replies”", "Closed"),
      ["Refuses", "?status=503&retry=30", "event", "asks it to", "Closed"],
      ["What my proxy sends", "?info=1", "received", '"headers"', "Open"],
    ] as [string, string, "received" | "event", string | RegExp, string][]
  ) {
    await page.click(name);
    await page.row(kind, text);
    await page.says({ state });
    assertEquals(await queryOf(page), query);
    await page.element("examples").waitFor({ state: "hidden" });
    await page.open(urls.page);
  }
});

test({
  name: "code for other clients has the URL and the subprotocols",
  permissions: ["clipboard-read", "clipboard-write"],
  path: "echo?delay=5",
}, async (page) => {
  await page.click("Options");
  await page.fill({ "Subprotocols": "chat" });
  await page.choose("Copy as", "wscat");
  await page.says({ "copy-as": "Copied" });
  assertEquals(
    await page.page.evaluate("navigator.clipboard.readText()"),
    `wscat -c '${await page.value("URL")}' -s 'chat'`,
  );
  await page.page.keyboard.press("Tab");
  await page.says({ "copy-as": "Copy as" });
});

test(
  "draft, copies, options and secrets survive a reload, in this tab only",
  async (page, { urls }) => {
    const full = `${
      urls.page.replace("http", "ws")
    }echo?auth=me:secret&delay=5`;
    await page.click("Options");
    await page.fill({
      "Subprotocols": "chat",
      "Reconnect automatically": true,
    });
    await page.fill({ "URL": full, "Text to send": "draft" });
    await page.fill({ "Copies": "2", "Pause (ms)": "7" });
    assertEquals(page.page.url(), `${urls.page}echo?delay=5`);
    const values = () =>
      Promise.all(
        ["URL", "Subprotocols", "Text to send", "Copies", "Pause (ms)"]
          .map((name) => page.value(name)),
      );
    await page.open();
    assertEquals(await values(), [full, "chat", "draft", "2", "7"]);
    assert(await page.element("reconnect").isChecked());

    const other = await page.page.context().newPage();
    await other.goto(page.page.url());
    await other.locator("html[data-ready]").waitFor();
    assertEquals(await other.locator("#message").inputValue(), "");
    assertEquals(await other.locator("#reconnect").isChecked(), false);
    assert(!(await other.locator("#url").inputValue()).includes("secret"));
    await other.close();
  },
);

test("Forget removes the history and the drafts", async (page) => {
  await page.element("forget").waitFor({ state: "hidden" });
  await page.fill({ "Hex": true });
  await page.fill({ "Bytes to send, in hexadecimal": "5e c4 e7" });
  await page.fill({ "Text": true });
  // The tab's storage has them.
  await page.open();
  await page.send("secret");
  await page.row("received", "secret");
  await page.click("Forget");
  await page.focused("message");
  await page.element("forget").waitFor({ state: "hidden" });
  assertEquals(await page.value("Text to send"), "");
  await page.field("Text to send").press("ArrowUp");
  assertEquals(await page.value("Text to send"), "");
  const kept = await page.page.evaluate("JSON.stringify({...sessionStorage})");
  assert(!/secret|5e c4 e7/.test(`${kept}`), `${kept}`);
});

test({
  name: "chips show what is set, and remove it",
  path: "echo?delay=5&info=1&unknown=1",
}, async (page) => {
  assertEquals(await page.chips(), ["delay 5 ms", "info"]);
  await page.click("Remove delay 5 ms");
  assertEquals(await queryOf(page), "?info=1&unknown=1");
  assertMatch(page.page.url(), /\/echo\?info=1&unknown=1$/);
  await page.page.keyboard.press("Enter");
  await page.focused("options-toggle");
  assertEquals(await page.chips(), []);
  await page.page.keyboard.press("Enter");
  await page.fill({ "Subprotocols": "chat", "Reconnect automatically": true });
  assertEquals(await page.chips(), ["Reconnect automatically", "chat"]);
  await page.click("Remove chat");
  await page.click("Remove Reconnect automatically");
  assertEquals(await page.field("Reconnect automatically").isChecked(), false);
  await page.connect();
  assertEquals(await page.element("options").isVisible(), false);
});

test({
  name: "a lost connection is explained in sight, and tried again at once",
  viewport: { width: 360, height: 500 },
  expectedErrors: FAILED,
}, async (page, { port }) => {
  const proxy = startProxy(port, (head) => head);
  await page.open(`http://127.0.0.1:${proxy.port}/`);
  await page.click("Options");
  await page.fill({ "Reconnect automatically": true });
  await page.send("hello");
  await page.row("received", "hello");
  await page.element("log").scrollIntoViewIfNeeded();
  proxy[Symbol.dispose]();
  await page.says({ failure: "often a crash, a lost network or a proxy’s" });
  await until(() =>
    page.page.evaluate<boolean>(`(() => {
      const { top, bottom } = document.querySelector("#failure")
        .getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    })()`), "the failure is in sight");
  await page.says({ state: "Waiting", "state-detail": /Attempt [3-9] in/ });
  await using _again = startTestService({ port: proxy.port });
  await page.click("Try now");
  await page.says({ state: "Open" });
  await page.element("failure").waitFor({ state: "hidden" });
});

test("a file goes as text where it is text, also when pasted", async (page) => {
  await page.connect();
  await page.page.evaluate(`(() => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["héllo"], "pasted.txt"));
    document.body.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true }),
    );
  })()`);
  await page.says({ "file-name": "pasted.txt" });
  await page.fill({ "Send as text": true });
  await page.click("Send");
  await page.row("received", /héllo.*6 B/s);
  const buffer = Buffer.from([0xff]);
  await page.field("Choose a file")
    .setInputFiles({ name: "x.bin", mimeType: "", buffer });
  await page.click("Send");
  await page.says({ "message-fault": "not valid UTF-8" });
});

test("a port that browsers block is named before connecting", async (page) => {
  await page.fill({ "URL": "ws://127.0.0.1:6000/" });
  await page.click("Connect");
  await page.says({ "url-fault": "Browsers block port 6000" });
});
