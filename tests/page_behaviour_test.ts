/** The page in a real Chromium: the form of the connection's behaviour. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startTestService } from "./support/service.ts";
import { browser, test as browserTest } from "./page_browser.ts";
import { ConsolePage } from "./page_driver.ts";

/** A test of the page with its options open. */
function test(name: string, run: (page: ConsolePage) => Promise<void>) {
  browserTest(name, async () => {
    await using service = startTestService();
    await using page = await ConsolePage.open(
      browser,
      `${service.urls.page}echo`,
    );
    await page.button("Options").click();
    await run(page);
  });
}

const PREFIX = "Put before each text reply";
const DELAY = "Delay each reply by (ms)";
const PUSH = "Send on its own every (ms)";
const CODE = "Close with code";
const REASON = "…and reason";
const AFTER = "…after this many replies";
const INFO = "Send connection details first";

test("prefix goes before each text reply", async (page) => {
  await page.field(PREFIX).fill("got & kept: ");
  assertStringIncludes(await page.url, "?prefix=got%20%26%20kept:%20");
  await page.connect();
  await page.send("this");
  await page.row("received", "got & kept: this");
});

test("delay holds each reply back", async (page) => {
  await page.field(DELAY).fill("300");
  await page.connect();
  await page.send("late");
  const row = await page.row("received", "late");
  const [, time] = /(\d+) ms/.exec(await row.innerText()) ?? [];
  // A timer may fire a little before its time is up.
  assert(Number(time) >= 295, `the reply came after ${time} ms`);
});

test("push sends unasked, and takes the round-trip times away", async (page) => {
  await page.field(PUSH).fill("20");
  await page.connect();
  await page.row("received", /3 \d{4}-\d\d-\d\dT/);
  await page.send("between");
  const row = await page.row("received", "between");
  assert(!/[\d.]+ ms/.test(await row.innerText()));
  await page.element("trips-off").waitFor();
  assertEquals(await page.text("trip-median"), "–");
});

test("close, reason and after close from the server's side", async (page) => {
  await page.field(CODE).fill("4001");
  await page.field(REASON).fill("enough is enough");
  await page.field(AFTER).fill("2");
  await page.connect();
  await page.send("one");
  await page.send("two");
  await page.row("received", "two");
  await page.state("Closed");
  await page.says(
    "state-detail",
    "4001 Private Use, “enough is enough”, clean",
  );
});

test("info describes the connection first", async (page) => {
  await page.field(INFO).check();
  await page.connect();
  const row = await page.row("received", '"path"');
  await row.click();
  const { path } = JSON.parse(
    await page.page.locator(".detail pre").innerText(),
  );
  assertStringIncludes(path, "/echo");
});

test("form and URL stay in step in both directions", async (page) => {
  const start = await page.url;
  await page.field(DELAY).fill("5");
  await page.field(INFO).check();
  assertEquals(await page.url, `${start}?delay=5&info=1`);
  assertEquals(await page.text("options-count"), "2");
  await page.field("URL").fill(`${start}?x=1&delay=70&close=1011&reason=a+b`);
  assertEquals(await page.field(DELAY).inputValue(), "70");
  assertEquals(await page.field(CODE).inputValue(), "1011");
  assertEquals(await page.field(REASON).inputValue(), "a b");
  assertEquals(await page.field(INFO).isChecked(), false);
  await page.field(DELAY).fill("");
  assertEquals(await page.url, `${start}?x=1&close=1011&reason=a+b`);
  await page.field("Endpoint").selectOption("/uppercase");
  const { search, pathname } = new URL(page.page.url());
  assertEquals([pathname, search], [
    "/uppercase",
    "?x=1&close=1011&reason=a+b",
  ]);
  await page.page.reload();
  await page.element("options").waitFor();
  assertEquals(await page.field(CODE).inputValue(), "1011");
  await page.field("URL").fill("http://other.example/");
  await page.field("URL").press("Tab");
  assertEquals(await page.url, "ws://other.example/");
  assertEquals(await page.field("Endpoint").inputValue(), "");
});

test("wrong values are marked before connecting", async (page) => {
  for (
    const [label, value, fault] of [
      [PREFIX, "x".repeat(1_025), "At most 1,024 characters"],
      [DELAY, "soon", "A whole number from 0 to 60,000"],
      [PUSH, "9", "A whole number from 10 to 3,600,000"],
      [CODE, "1006", "1000–1003, 1007–1014 or 3000–4999"],
      [REASON, "é".repeat(62), "At most 123 bytes of UTF-8"],
      [AFTER, "-1", "A whole number from 0 to 1,000,000"],
      [
        "Subprotocols",
        "a b",
        "“a b” is not a valid subprotocol name, or is listed twice",
      ],
    ] as const
  ) {
    const field = page.field(label);
    await field.fill(value);
    await page.page.getByText(fault, { exact: true }).waitFor();
    assertEquals(await field.getAttribute("aria-invalid"), "true");
    await page.button("Connect").click();
    await page.focused(await field.getAttribute("id") ?? "");
    await page.state("Not connected");
    await field.fill("");
    assertEquals(await field.getAttribute("aria-invalid"), null);
  }
  await page.field("URL").fill("nonsense");
  await page.button("Connect").click();
  await page.says("url-fault", "starts with ws:// or wss://");
});

test("hints show the parameters' names as code", async (page) => {
  const names = await page.page.locator("#options .hint code")
    .allTextContents();
  assertEquals(
    names,
    ["prefix", "delay", "push", "info", "close", "reason", "after"],
  );
});

test("what is wrong in the URL opens the options that it is wrong in", async (page) => {
  await page.element("options-toggle").click();
  const start = await page.url;
  const urlField = page.field("URL");
  await urlField.fill(`${start}?close=1006&delay=x`);
  assertEquals(await page.text("url-fault"), "");
  await urlField.blur();
  await page.says("url-fault", "Correct the options marked below first");
  await page.element("options").waitFor();
  await page.element("options-toggle").click();
  await page.button("Connect").click();
  await page.focused("delay");
  await urlField.fill(`ws://other.example/?close=1006`);
  await urlField.blur();
  await page.element("url-fault").waitFor({ state: "hidden" });
});
