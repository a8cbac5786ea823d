/** The page in a real Chromium: messages and the log. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { test } from "./support/browser.ts";
import { until } from "./support/wait.ts";

test("page echoes text and shows size, round-trip time and counters", async (page) => {
  await page.send("too early");
  await page.says("message-fault", "Not connected: press Connect first");
  assertEquals(await page.field("Text to send").inputValue(), "too early");
  await page.connect();
  assertEquals(await page.text("message-fault"), "");
  await page.field("Text to send").fill("Grüße");
  await page.says("message-size", "7 bytes");
  await page.field("Text to send").press("Control+Enter");
  const row = await page.row("received", "Grüße");
  assertMatch(
    await row.innerText(),
    /^\d\d:\d\d:\d\d\.\d{3}\s+received\s+text\s+7 B\s+[\d.]+ ms\s+Grüße$/,
  );
  assertEquals(await page.field("Text to send").inputValue(), "");
  await page.send("");
  await page.row("received", "(empty)");
  await page.says("received-messages", "2");
  assertEquals(await page.text("sent-messages"), "2");
  assertEquals(await page.text("sent-bytes"), "7 B");
  assertMatch(await page.text("trip-median"), /^[\d.]+ ms$/);
  await page.page.getByRole("img", { name: /last 2 replies: minimum/ })
    .waitFor();
});

test({
  name: "page opens a row: JSON, text, hexadecimal, sent again, copied",
  permissions: ["clipboard-read", "clipboard-write"],
}, async (page) => {
  await page.connect();
  await page.send('{"a":[1]}');
  const row = await page.row("received", '{"a":[1]}');
  await row.click();
  assertEquals(await row.getAttribute("aria-expanded"), "true");
  const content = page.page.locator(".detail pre");
  assertEquals(await content.innerText(), '{\n  "a": [\n    1\n  ]\n}');
  const views = page.page.getByRole("group", { name: "View" });
  await views.getByRole("button", { name: "Hex" }).click();
  assertStringIncludes(
    await content.innerText(),
    "00000000  7b 22 61 22 3a 5b 31 5d  7d ",
  );
  await views.getByRole("button", { name: "Text" }).click();
  assertEquals(await content.innerText(), '{"a":[1]}');
  await page.button("Copy").click();
  await page.button("Copied").waitFor();
  assertEquals(
    await page.page.evaluate("navigator.clipboard.readText()"),
    '{"a":[1]}',
  );
  await page.button("Send again").click();
  await page.says("received-messages", "2");
  await row.click();
  assertEquals(await content.count(), 0);
});

test("page sends bytes in hexadecimal and saves what comes", async (page) => {
  await page.connect();
  await page.field("Hex").check();
  const field = page.field("Bytes to send, in hexadecimal");
  await field.fill("de ad xx");
  await page.says(
    "message-fault",
    "“x” at position 7 is not a hexadecimal digit",
  );
  await page.button("Send").click();
  assertEquals(await field.inputValue(), "de ad xx");
  await field.fill("de ad be ef 4");
  await page.button("Send").click();
  await page.says("message-fault", "Half a byte at position 13");
  await field.fill("de ad be ef 41");
  await page.says("message-size", "5 bytes");
  await page.button("Send").click();
  const row = await page.row("received", "de ad be ef 41");
  await row.click();
  assertStringIncludes(
    await page.page.locator(".detail pre").innerText(),
    "00000000  de ad be ef 41",
  );
  const [download] = await Promise.all([
    page.page.waitForEvent("download"),
    page.button("Save as file").click(),
  ]);
  assertMatch(download.suggestedFilename(), /^wsecho-.*\.bin$/);
  assertEquals(
    [...await Deno.readFile(await download.path())],
    [0xde, 0xad, 0xbe, 0xef, 0x41],
  );
});

test({
  name: "page sends a file, picked or dropped, within the server's limit",
  service: { limits: { maxMessageSize: 2_000 } },
}, async (page) => {
  await page.connect();
  await page.field("File").check();
  await page.button("Send").click();
  await page.says("message-fault", "No file chosen");
  await page.field("Choose a file").setInputFiles({
    name: "picked.bin",
    mimeType: "application/octet-stream",
    buffer: Buffer.from(Array.from({ length: 2_000 }, (_, i) => i)),
  });
  await page.says("file-name", "picked.bin");
  await page.says("message-size", "2 KiB (2,000 bytes)");
  await page.button("Send").click();
  await page.row("received", /binary\s*2 KiB.*00 01 02/);

  await page.field("Text").check();
  await page.page.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x".repeat(2001)], "dropped.txt"));
    document.body.dispatchEvent(
      new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }),
    );
  })()`);
  await page.says("file-name", "dropped.txt");
  await page.button("Send").click();
  await page.says(
    "message-fault",
    "2 KiB is above the message limit of the server",
  );
  assertEquals(await page.text("file-name"), "dropped.txt");
  await page.button("Send anyway").click();
  await page.row("event", "1009 Message Too Big");
});

test("page stays usable in a burst of 10,000, and counts exactly", async (page) => {
  await page.connect();
  await page.page.evaluate(`(() => {
    globalThis.frames = 0;
    const next = () => { globalThis.frames++; requestAnimationFrame(next); };
    next();
  })()`);
  await page.send("burst", 10_000);
  // The page answers while the burst goes on, and after it.
  await page.button("Options").click();
  await page.element("options").waitFor();
  // However slow the machine: it ends with all replies, or with the connection.
  await page.page.locator(
    `#received-messages:text-is("10,000"), #state:not([data-state="open"])`,
  ).waitFor({ timeout: 0 });
  assertEquals(await page.text("received-messages"), "10,000");
  assertEquals(await page.text("sent-messages"), "10,000");
  assertEquals(await page.text("received-bytes"), "48.8 KiB");
  assertEquals(await page.text("trip-count"), "last 200 replies");
  await page.says("log-count", "2,000 rows · 18,002 older rows dropped");
  await page.page.locator("#row-list > :nth-child(2000)")
    .waitFor({ state: "attached" });
  assertEquals(await page.page.locator(".row").count(), 2_000);
  const frames = await page.page.evaluate("globalThis.frames");
  assert(Number(frames) > 10, `only ${frames} frames were drawn`);
});

test("page stops a burst at any time", async (page) => {
  await page.connect();
  await page.field("Pause (ms)").fill("20");
  await page.send("again", 1_000);
  await page.says("progress", /^[3-9] of 1,000 sent$/);
  await page.button("Stop").click();
  await page.button("Send 1,000").waitFor();
  const sent = await page.text("progress");
  await until(
    async () => await page.text("received-messages") === /^\d+/.exec(sent)?.[0],
    "all that was sent came back",
  );
});

test("page filters, follows the end, exports and clears the log", async (page) => {
  await page.says("empty", "Nothing has happened yet");
  await page.connect();
  await page.send("filler", 40);
  await page.says("received-messages", "40");
  await page.send("needle");
  await page.row("received", "needle");
  const shown = page.page.locator(".row:visible");

  await page.field("Filter by text").fill("NEEDLE");
  await page.says("log-count", "2 of 84 rows");
  await page.page.getByRole("radio", { name: "Received" }).check();
  await page.says("log-count", "1 of 84 rows");
  assertMatch(await shown.innerText(), /received[^]*needle/);
  await page.field("Filter by text").fill("nothing like it");
  await page.says("empty", "No row matches the filter.");
  await page.field("Filter by text").fill("");
  await page.page.getByRole("radio", { name: "All" }).check();
  await page.says("log-count", /^84 rows$/);

  await page.page.locator("#rows").hover();
  await page.page.mouse.wheel(0, -800);
  await page.button("Jump to the latest").waitFor();
  await page.send("unseen");
  await page.button("Jump to the latest · 2 new").click();
  await page.element("follow").waitFor({ state: "hidden" });
  await page.row("received", "unseen");

  const [download] = await Promise.all([
    page.page.waitForEvent("download"),
    page.button("Export").click(),
  ]);
  assertMatch(download.suggestedFilename(), /^wsecho-log-.*\.json$/);
  const exported = JSON.parse(
    await Deno.readTextFile(await download.path()),
  );
  assertEquals(exported.rows.length, 86);
  assertEquals(exported.received, { messages: 42, bytes: 40 * 6 + 12 });
  const { direction, type, size, text } = exported.rows.at(-1);
  assertEquals(
    { direction, type, size, text },
    { direction: "received", type: "text", size: 6, text: "unseen" },
  );

  await page.button("Clear").click();
  await page.says("log-count", "0 rows");
  await page.says("empty", "The log is empty.");
});

test("page recalls sent messages after a reload", async (page) => {
  await page.connect();
  await page.send("first");
  await page.send("second\nline");
  await page.row("received", "second");
  await page.reload();
  const field = page.field("Text to send");
  await field.press("ArrowUp");
  assertEquals(await field.inputValue(), "second\nline");
  await field.press("ArrowUp");
  assertEquals(await field.inputValue(), "first");
  await field.press("ArrowUp");
  assertEquals(await field.inputValue(), "first");
  await field.press("ArrowDown");
  await field.press("ArrowDown");
  assertEquals(await field.inputValue(), "");
  await field.fill("being typed");
  await field.press("ArrowUp");
  assertEquals(await field.inputValue(), "being typed");
});
