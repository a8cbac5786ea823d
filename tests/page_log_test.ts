/** The page in a real Chromium: the log. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ConsolePage, test } from "./support/browser.ts";
import { until } from "./support/wait.ts";

test("page filters, follows the end, exports and clears the log", async (page) => {
  await page.says({ empty: "Nothing has happened yet" });
  await page.connect();
  await page.send("filler", 40);
  await page.says({ "received-messages": "40" });
  await page.send("needle");
  await page.row("received", "needle");

  await page.fill({ "Filter by text": "NEEDLE" });
  await page.says({ "log-count": "2 of 84 entries" });
  await page.fill({ "Received": true });
  await page.says({ "log-count": "1 of 84 entries" });
  const shown = await page.page.locator(".row:visible").innerText();
  assertMatch(shown, /received[^]*needle/);
  await page.fill({ "Filter by text": "nothing like it" });
  await page.says({ empty: "No row matches the filter." });
  await page.fill({ "Filter by text": "", "All": true });
  await page.says({ "log-count": /^84 entries$/ });

  await page.element("rows").hover();
  await page.page.mouse.wheel(0, -800);
  await page.says({ follow: "Jump to the latest" });
  await page.send("unseen");
  await page.click("Jump to the latest · 1 new");
  await page.element("follow").waitFor({ state: "hidden" });
  await page.row("received", "unseen");

  const json = await page.download("Export", /^wsecho-log-.*\.json$/);
  const { rows, received } = JSON.parse(new TextDecoder().decode(json));
  assertEquals(rows.length, 86);
  assertEquals(received, { messages: 42, bytes: 40 * 6 + 12 });
  const { direction, type, size, text } = rows.at(-1);
  assertEquals([direction, type, size, text], [
    "received",
    "text",
    6,
    "unseen",
  ]);
  await page.click("Clear");
  await page.says({ "log-count": /^0 entries/, empty: "The log is empty." });
});

/** Marks rows as pairs: the first reply answers the first message. */
const PAIRING = `(async () => {
  const { Log } = await import("./log.js");
  const { add } = Log.prototype;
  const sent = [];
  Log.prototype.add = function (entry) {
    const answers = entry.direction === "received" ? sent.shift() : undefined;
    const known = answers === undefined ? entry : {
      ...entry,
      answers,
      verdict: answers.payload === "odd" ? "different" : "equal",
    };
    const row = add.call(this, known);
    if (row.direction === "sent") sent.push(row);
    return row;
  };
})()`;

const rows = ({ page }: ConsolePage) => page.locator("#row-list > li");

test("page shows a message and its reply in one row, or apart", async (page) => {
  await page.page.evaluate(PAIRING);
  await page.fill({ "URL": `${await page.value("URL")}uppercase` });
  await page.connect();
  for (const text of ["ALIKE", "even", "odd"]) {
    await page.send(text);
    await page.row("received", text.toUpperCase());
  }
  await page.says({ "log-count": /^8 entries$/ });
  const texts = await rows(page).allInnerTexts();
  assertEquals(texts.length, 5);
  assertMatch(texts[2]!, /replied\s+ALIKE\s+5 B\s+[\d.]+ ms\s+=$/);
  assertMatch(texts[3]!, /replied\s+even\s+→\s+EVEN\s+4 B\s+[\d.]+ ms\s+=$/);
  assertMatch(texts[4]!, /replied\s+odd\s+→\s+ODD\s+3 B\s+[\d.]+ ms\s+≠$/);

  await rows(page).nth(3).getByRole("button").click();
  const opened = page.page.locator(".details");
  assertEquals(await opened.locator("h3").allInnerTexts(), [
    "Sent",
    "Received",
  ]);
  assertEquals(await opened.locator("pre").allInnerTexts(), ["even", "EVEN"]);

  await page.fill({ "Received": true });
  await page.says({ "log-count": "3 of 8 entries" });
  await page.fill({ "All": true, "Pairs": false });
  await until(async () => await rows(page).count() === 8, "each has a row");
  assertMatch(await rows(page).last().innerText(), /received\s+ODD\s[^]*≠$/);
  // The choice is kept.
  await page.open();
  assertEquals(await page.field("Pairs").isChecked(), false);
});

test("page keeps events in a burst of 10,000, and few rows in the document", async (page) => {
  await page.connect();
  await page.page.evaluate(`(() => {
    const list = document.getElementById("row-list");
    globalThis.most = 0;
    new MutationObserver(() => {
      globalThis.most = Math.max(globalThis.most, list.children.length);
    }).observe(list, { childList: true });
  })()`);
  await page.send("burst", 10_000);
  await page.says({ "received-messages": /^10,000$/ });
  await page.says({ "log-count": /^20,002 entries$/ });
  await page.click("Disconnect");
  await page.says({ state: "Closed", "log-count": /^20,004 entries$/ });
  const { setSize, last } = await rows(page).last().evaluate((item) => ({
    setSize: item.ariaSetSize,
    last: item.ariaPosInSet,
  }));
  assertEquals(setSize, last);

  await page.fill({ "Events": true });
  await page.says({ "log-count": "4 of 20,004 entries" });
  const kinds = await page.page.locator(".row .kind").allInnerTexts();
  assertEquals(kinds, ["connecting", "open", "closing", "closed"]);
  await page.fill({ "All": true });
  await page.says({ "log-count": /^20,004 entries$/ });
  await page.element("rows").press("End");
  const most = await page.page.evaluate("globalThis.most");
  assert(Number(most) < 200, `${most} rows were in the document`);
});

/** The place of a row in the window, which nothing but the reader changes. */
const place = async ({ page }: ConsolePage, hasText: string) => {
  const box = await page.locator(".row", { hasText }).first().boundingBox();
  return box?.y;
};

test("page keeps what is read in place, and opened rows open", async (page) => {
  await page.connect();
  await page.send("filler", 100);
  await page.says({ "received-messages": /^100$/ });
  await page.send("landmark");
  const landmark = await page.row("sent", "landmark");
  await page.send("filler", 3);
  await page.says({ "received-messages": /^104$/ });
  await landmark.click();
  const text = page.page.locator(".detail pre");
  await text.waitFor();
  const opened = await place(page, "landmark");
  await page.send("burst", 1_000);
  await page.says({ "received-messages": /^1,104$/, follow: / new$/ });
  assertEquals(await place(page, "landmark"), opened);
  assertEquals(await text.innerText(), "landmark");

  // Out of view and back, it is still open.
  await page.element("rows").hover();
  await page.page.mouse.wheel(0, -100_000);
  // The row that was used last stays in the document.
  await page.page.locator(".row", { hasText: "connecting" }).click();
  await text.waitFor({ state: "detached" });
  const first = await place(page, "connecting");
  await page.send("burst", 1_000);
  await page.says({ "received-messages": /^2,104$/ });
  assertEquals(await place(page, "connecting"), first);
  await page.fill({ "Filter by text": "landmark" });
  await text.waitFor();
  await page.fill({ "Filter by text": "" });
  await page.element("follow").click();
  await page.element("follow").waitFor({ state: "hidden" });
  await page.send("at the end");
  await page.row("received", "at the end");
});

test("page's log can be walked by keyboard", async (page) => {
  await page.connect();
  await page.send("filler", 200);
  await page.says({ "received-messages": /^200$/ });
  const { keyboard } = page.page;
  /** The number of the row that has the focus, and whether it is in sight. */
  const at = () =>
    page.page.evaluate(`(() => {
      const item = document.activeElement.closest("li");
      if (item === null) return document.activeElement.id;
      const view = document.getElementById("rows").getBoundingClientRect();
      const { top, bottom } = item.getBoundingClientRect();
      const seen = top >= view.top - 1 && bottom <= view.bottom + 1;
      const stops = document.querySelectorAll("#row-list .row[tabindex='0']");
      return [Number(item.ariaPosInSet), seen, stops.length];
    })()`);
  await page.page.locator(".row[tabindex='0']").focus();
  const size = Number(await rows(page).last().getAttribute("aria-setsize"));
  for (
    const [key, expected] of [
      ["ArrowUp", size - 1],
      ["Home", 1],
      ["ArrowUp", 1],
      ["ArrowDown", 2],
      ["End", size],
      ["Home", 1],
    ] as const
  ) {
    await keyboard.press(key);
    assertEquals(await at(), [expected, true, 1], key);
  }
  await keyboard.press("PageDown");
  const [down] = await at() as number[];
  assert(down! > 3 && down! < 100, `a page is ${down} rows`);
  await keyboard.press("PageUp");
  assertEquals(await at(), [1, true, 1]);
  await keyboard.press("Enter");
  await page.page.locator(".detail").waitFor();
  await keyboard.press("Escape");
  await page.page.locator(".detail").waitFor({ state: "detached" });
  assertEquals(await at(), [1, true, 1]);
  await keyboard.press("Escape");
  assertEquals(await at(), "message");
  await page.page.locator(".row").first().focus();

  await keyboard.press("/");
  assertEquals(await at(), "filter");
  await keyboard.type("connecting");
  await page.says({ "log-count": /^1 of / });
  await keyboard.press("Escape");
  assertEquals(await at(), "message");
  assertEquals(await page.value("Filter by text"), "");
  await keyboard.type("a/b");
  assertEquals(await page.value("Text to send"), "fillera/b");
});
