/** The page in a real Chromium: messages and the log. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { type ConsolePage, test } from "./support/browser.ts";

const content = ({ page }: ConsolePage) =>
  page.locator(".detail pre").innerText();

test("page echoes text and shows size, round-trip time and counters", async (page) => {
  await page.connect();
  await page.fill({ "Text to send": "Grüße" });
  await page.says({ "message-size": "7 bytes" });
  await page.field("Text to send").press("Control+Enter");
  assertMatch(
    await (await page.row("received", "Grüße")).innerText(),
    /^\d\d:\d\d:\d\d\.\d{3}\s+re\w+\s+Grüße\s+7 B\s+[\d.]+ ms\s*=?$/,
  );
  await page.send("");
  await page.row("received", "(empty)");
  await page.says({ "received-messages": /^2$/, "sent-messages": /^2$/ });
  await page.says({ "sent-bytes": /^7 B$/, "trip-median": /^[\d.]+ ms$/ });
  await page.page.getByRole("img", { name: /last 2 replies: Min/ })
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
  assertEquals(await content(page), '{\n  "a": [\n    1\n  ]\n}');
  const views = page.page.getByRole("group", { name: "View" });
  await views.getByRole("button", { name: "Hex" }).click();
  assertStringIncludes(await content(page), "  7b 22 61 22 3a 5b 31 5d  7d ");
  await views.getByRole("button", { name: "Text" }).click();
  assertEquals(await content(page), '{"a":[1]}');
  await page.click("Copy");
  await page.page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.page.evaluate("navigator.clipboard.readText()");
  assertEquals(copied, '{"a":[1]}');
  await page.click("Send again");
  await page.says({ "received-messages": /^2$/ });
  await row.click();
  assertEquals(await page.page.locator(".detail pre").count(), 0);
});

test("page sends bytes in hexadecimal and saves what comes", async (page) => {
  await page.connect();
  const field = "Bytes to send, in hexadecimal";
  await page.fill({ "Hex": true, [field]: "de ad xx" });
  const fault = "“x” at position 7 is not a hexadecimal digit";
  await page.says({ "message-fault": fault });
  await page.click("Send");
  assertEquals(await page.value(field), "de ad xx");
  await page.fill({ [field]: "de ad be ef 41" });
  await page.says({ "message-size": "5 bytes" });
  await page.click("Send");
  await (await page.row("received", "de ad be ef 41")).click();
  assertStringIncludes(await content(page), "00000000  de ad be ef 41");
  const saved = await page.download("Save as file", /^wsecho-.*\.bin$/);
  assertEquals([...saved], [0xde, 0xad, 0xbe, 0xef, 0x41]);
});

test({
  name: "page sends a file, picked or dropped, within the server's limit",
  service: { limits: { maxMessageSize: 2_000 } },
}, async (page) => {
  await page.connect();
  await page.fill({ "File": true });
  await page.click("Send");
  await page.says({ "message-fault": "No file chosen" });
  const buffer = Buffer.from(Array.from({ length: 2_000 }, (_, i) => i));
  const mimeType = "application/octet-stream";
  await page.field("Choose a file")
    .setInputFiles({ name: "picked.bin", mimeType, buffer });
  await page.says({ "file-name": "picked.bin" });
  await page.says({ "message-size": "2 KiB (2,000 bytes)" });
  await page.click("Send");
  await page.row("received", /binary\s*00 01 02.*2 KiB/);

  await page.fill({ "Text": true });
  await page.page.evaluate(`(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x".repeat(2001)], "dropped.txt"));
    document.body.dispatchEvent(
      new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }),
    );
  })()`);
  await page.says({ "file-name": "dropped.txt" });
  await page.click("Send");
  const fault = "2 KiB is above the message limit of the server";
  await page.says({ "message-fault": fault, "file-name": "dropped.txt" });
  await page.click("Send anyway");
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
  // No bound in seconds: on a slow machine, all of this is slow.
  const timeout = 0;
  // The page answers while the burst goes on.
  await page.element("options-toggle").click({ timeout });
  assert(await page.element("options").isVisible());
  await page.element("send").filter({ hasText: "Send 10,000" })
    .waitFor({ timeout });
  // A last reply ends the wait, even if others are lost; so does a close.
  await page.fill({ "Text to send": "last", "Copies": "1" });
  await page.click("Send");
  await page.page.locator(
    '.row.received:has-text("last"), #state:not([data-state="open"])',
  ).waitFor({ state: "attached", timeout });
  await page.says({ "received-messages": /^10,001$/ });
  await page.says({ "sent-messages": /^10,001$/ });
  await page.says({ "received-bytes": /^48\.8 KiB$/ });
  await page.says({ "trip-count": /^last 200 replies$/ });
  await page.says({ "log-count": /^20,004 entries$/ });
  const frames = await page.page.evaluate("globalThis.frames");
  assert(Number(frames) > 10, `only ${frames} frames were drawn`);
});

test("page stops a burst at any time", async (page) => {
  await page.connect();
  await page.fill({ "Pause (ms)": "20" });
  await page.send("again", 1_000);
  await page.says({ progress: /^[3-9] of 1,000 sent$/ });
  await page.click("Stop");
  await page.says({ send: "Send 1,000" });
  const [sent] = /^\d+/.exec(await page.element("progress").innerText()) ?? [];
  await page.says({ "received-messages": new RegExp(`^${sent}$`) });
});

test("page recalls sent messages after a reload", async (page) => {
  await page.connect();
  await page.send("first");
  await page.send("second\nline");
  await page.row("received", "second");
  await page.open();
  for (
    const [keys, text] of [
      ["ArrowUp ArrowUp", "first"],
      ["ArrowUp", "first"],
      ["ArrowDown", "second\nline"],
      ["ArrowDown", ""],
      ["ArrowUp Home x ArrowUp", "xsecond\nline"],
    ] as const
  ) {
    const field = page.field("Text to send");
    for (const key of keys.split(" ")) await field.press(key);
    assertEquals(await field.inputValue(), text);
  }
});
