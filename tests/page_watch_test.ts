/** The page in a real Chromium: watching clients. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import axe from "axe-core";
import { type ConsolePage, test } from "./support/browser.ts";
import { Client } from "./support/client.ts";
import { startProxy } from "./support/proxy.ts";
import { exchange, handshakeRequest } from "./support/raw_client.ts";

const path = "#watch";
const CHROME_ERRORS = /WebSocket connection to .* failed/;

/** The address that the page gives to a client. */
const address = (page: ConsolePage) => page.element("watch-url").innerText();

/** A client in the list, once it says this. */
async function listed({ page }: ConsolePage, hasText: string | RegExp) {
  const item = page.locator(".client").filter({ hasText });
  await item.waitFor();
  return item;
}

test({ name: "page watches a client, answers it and closes it", path }, async (page) => {
  const { urls } = { urls: page.page.url() };
  assertMatch(urls, /#watch=[\w-]{22}$/);
  await page.says({ "watch-state": "Open", "watch-detail": "Waiting for" });
  await page.send("too early");
  await page.page.getByText("No client is open").waitFor();
  const url = await address(page);
  assertMatch(url, /^ws:\/\/127\.0\.0\.1:\d+\/echo\?watch=[\w-]{22}$/);
  await page.says({ "watch-code": url });

  await using client = await Client.open(url, ["chat"]);
  const item = await listed(page, /#\d+ \/echo\s*open/);
  await item.getByText("Handshake").click();
  await item.getByText("sec-websocket-protocol").waitFor();
  assertEquals(await page.element("watch-how").getAttribute("open"), null);
  assertEquals(await client.ask("hello"), "hello");
  await page.row("received", "hello");
  await page.row("sent", "hello");

  await page.fill({ "By hand": true });
  await item.getByText("answered by hand").waitFor();
  client.send("anyone?");
  await page.row("received", "anyone?");
  await page.send("someone", 2);
  assertEquals(await client.next(), "someone");
  assertEquals(await client.next(), "someone");
  await page.fill({ "Hex": true });
  await page.fill({ "Bytes to send, in hexadecimal": "00 ff", "Copies": "1" });
  await page.click("Send");
  const bytes = await client.next();
  assert(typeof bytes !== "string");
  assertEquals([...new Uint8Array(bytes)], [0, 255]);
  await (await page.row("sent", "00 ff")).click();
  client.send("x".repeat(70_000));
  await (await page.row("received", "68.4 KiB")).click();
  await page.page.getByText("only the first 64 KiB are shown").waitFor();

  await page.fill({ "Close code": "1006" });
  await page.click("Close");
  await page.says({ "client-fault": "1000–1003" });
  await page.fill({ "Close code": "4321", "Reason": "enough" });
  await page.click("Close");
  const { code, reason } = await client.closed;
  assertEquals([code, reason], [4321, "enough"]);
  await listed(page, "4321 Private Use, “enough”, by the server");
  await page.row("event", "4321 Private Use");
});
