/** The page in a real Chromium: contents of rows, and the proxy check. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type ConsolePage, test } from "./support/browser.ts";
import { startProxy } from "./support/proxy.ts";

/** The text of a row's content, and what of it stands for something unseen. */
async function content({ page }: ConsolePage) {
  const pre = page.locator(".detail pre");
  return [
    await pre.textContent(),
    await pre.locator(".escape").allTextContents(),
  ];
}

test({
  name: "page shows messages as they were sent, invisible characters escaped",
  permissions: ["clipboard-read", "clipboard-write"],
}, async (page) => {
  await page.connect();
  const text = "one\ttwo\nabc\u202edef <b>\\t</b> \u200b👩‍💻";
  await page.send(text);
  const row = await page.row("received", "one");
  assertStringIncludes(
    await row.innerText(),
    "one\\ttwo\\nabc\\u202edef <b>\\t</b> \\u200b👩‍💻",
  );
  await row.click();
  assertEquals(await content(page), [
    "one\\ttwo\nabc\\u202edef <b>\\t</b> \\u200b👩‍💻",
    ["\\t", "\\u202e", "\\u200b"],
  ]);
  assertEquals(await page.page.locator(".detail pre .break").count(), 1);
  await page.click("Copy");
  await page.page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.page.evaluate("navigator.clipboard.readText()");
  assertEquals(copied, text);
  await row.click();

  await page.send('{"a":9007199254740993,"b":1.0,"a":"\u200e"}');
  await (await page.row("received", "9007199254740993")).click();
  assertEquals(await content(page), [
    '{\n  "a": 9007199254740993,\n  "b": 1.0,\n  "a": "\\u200e"\n}',
    ["\\u200e"],
  ]);
});

test({
  name: "page escapes what a close reason and the URL hide",
  path: "?close=4001&after=1&reason=%E2%80%AEenough",
}, async (page) => {
  assertEquals(await page.chips(), [
    "after 1 messages",
    "close 4001",
    "reason \\u202eenough",
  ]);
  await page.send("last");
  await page.says({
    "state-detail": "“\\u202eenough”, clean",
    failure: "“\\u202eenough” · Private",
    announcer: "“\\u202eenough”",
  });
  // The row of the log explains it in the same words.
  const words = /Private Use: the protocol gives this code no meaning\./;
  await page.says({ failure: words });
  await (await page.row("event", "closed")).click();
  await page.page.locator(".detail", { hasText: words }).waitFor();
});

test("page shows where a reply differs", async ({ page }) => {
  const shown = await page.evaluate(`(async () => {
    const { createDetails } = await import("/row_detail.js");
    const row = { id: 1, at: 0, direction: "received", size: 3, verdict: "different" };
    const show = (expected, payload) => {
      const detail = createDetails({ ...row, expected, payload });
      return Array.from(detail.querySelectorAll(".differs, dt, dd, mark"),
        (element) => element.textContent);
    };
    return [show("a\\tb", "a😀b!"), show("a", Uint8Array.of(97).buffer)];
  })()`);
  assertEquals(shown, [
    [
      "Differs from character 1 on, counted from 0 · 4 characters instead of 3",
      ...["Expected", "a\\tb", "\\tb", "Received", "a😀b!", "😀b!"],
    ],
    ["Type: binary instead of text"],
  ]);
});

test("page shows large contents in steps, and all of them", async ({ page }) => {
  const steps = await page.evaluate(`(async () => {
    const { createDetails } = await import("/row_detail.js");
    return Array.from([
      "a\\u200b\\n".repeat(5_000),
      '["' + "a\\u200b".repeat(5_000) + '😀"]',
      "[1," + "😀x".repeat(100_000),
    ], (payload) => {
      const detail = createDetails({ id: 1, at: 0, direction: "received", size: 1, payload });
      const more = detail.querySelector(".content button");
      let count = 1;
      for (; !more.hidden; count++) more.click();
      const shown = detail.querySelector("pre").textContent.replaceAll("\\\\u200b", "\\u200b");
      return [count, shown.replace(/^\\[\\n  "(.*)"\\n\\]$/s, '["$1"]') === payload];
    });
  })()`);
  assertEquals(steps, [[5, true], [3, true], [5, true]]);
});

/** Runs the proxy check with so many seconds of silence. */
async function check(page: ConsolePage, idle = "0") {
  await page.page.evaluate(
    `document.getElementById("check-idle").value = "${idle}"`,
  );
  await page.element("check").click();
  await page.says({ "check-summary": /passed/ });
  const lines = await page.page.locator("#check-steps li").allInnerTexts();
  const summary = await page.element("check-summary").innerText();
  return { summary, lines: lines.map((line) => line.replaceAll(/\s+/g, " ")) };
}

test({
  name: "proxy check passes without a proxy, and its result can be copied",
  permissions: ["clipboard-read", "clipboard-write"],
}, async (page) => {
  await page.fill({
    "URL": `${await page.value("URL")}?delay=60000&status=503`,
  });
  const { summary, lines } = await check(page, "1");
  assertEquals(summary, "11 passed, 0 failed, 0 skipped", lines.join("\n"));
  assertMatch(lines[1]!, /As the browser sends them\.$/);
  await page.click("Copy result");
  await page.page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.page.evaluate("navigator.clipboard.readText()");
  assertMatch(
    String(copied),
    /^Proxy check: ws:.*\/\n.*\n11 passed, .*\npassed: Handshake · /,
  );

  await page.element("check-idle").fill("999");
  await page.click("Run again");
  await page.page.locator('[data-step="idle"][data-state="running"]').waitFor();
  await page.click("Stop");
  await page.says({ "check-summary": "10 passed, 0 failed, 1 skipped" });
  await page.click("Close");
  await page.element("check-dialog").waitFor({ state: "hidden" });
});

test({
  name: "proxy check tells what a proxy adds, drops and cuts",
  service: { limits: { maxMessageSize: 2 * 1024 ** 2 } },
  expectedErrors: /WebSocket connection to/,
}, async (page, service) => {
  using changing = startProxy(
    service.port,
    (head) =>
      head.replace(/\r\nPragma: .*/i, "\r\nX-Forwarded-For: 192.0.2.1")
        .replace(/\r\nSec-WebSocket-Protocol: .*/i, ""),
  );
  await page.open(`http://127.0.0.1:${changing.port}/`);
  const changed = await check(page);
  assertEquals(
    changed.summary,
    "9 passed, 1 failed, 1 skipped",
    changed.lines.join("\n"),
  );
  assertMatch(
    changed.lines[1]!,
    /added: x-forwarded-for: 192\.0\.2\.1 removed: pragma$/,
  );
  assertMatch(changed.lines[6]!, /^passed 2 MiB comes back/);
  assertMatch(
    changed.lines[7]!,
    /^failed Subprotocol.* Sec-WebSocket-Protocol is lost/,
  );

  using dropping = startProxy(
    service.port,
    (head) => head.replace(/\r\nUpgrade: .*/i, ""),
  );
  await page.open(`http://127.0.0.1:${dropping.port}/`);
  const dropped = await check(page);
  assertEquals(dropped.summary, "0 passed, 1 failed, 10 skipped");
  assertMatch(
    dropped.lines[0]!,
    /^failed Handshake The connection did not open\./,
  );
  await page.page.getByText("nginx needs “proxy_http_version 1.1”").waitFor();

  using cutting = startProxy(service.port, (head) => head, 1_000_000);
  await page.open(`http://127.0.0.1:${cutting.port}/`);
  const cut = await check(page);
  assertEquals(
    cut.summary,
    "8 passed, 2 failed, 1 skipped",
    cut.lines.join("\n"),
  );
  for (const line of cut.lines.slice(5, 7)) {
    assertMatch(
      line,
      /^failed . MiB .* with 1006 .* client_max_body_size has no/,
    );
  }
});
