/** The page in a real Chromium: for everyone, and for pages of strangers. */

import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import { startTestService } from "./support/service.ts";
import { until } from "./support/wait.ts";
import { browser, test } from "./page_browser.ts";
import { ConsolePage } from "./page_driver.ts";

/** Fails when the accessibility checker finds anything. */
async function checkAccess(page: ConsolePage, what: string) {
  const { violations } = await page.page.evaluate("axe.run()") as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  const found = violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ html }) => html).join(" ")}`
  );
  assertEquals(found, [], what);
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 768, 360]) {
    test(`page has no accessibility violations, ${colorScheme}, ${width} px wide`, async () => {
      await using service = startTestService({
        origins: ["http://localhost:1"],
      });
      await using open = startTestService();
      await using page = await ConsolePage.open(browser, open.urls.page, {
        colorScheme,
        viewport: { width, height: 800 },
        expectedErrors: /WebSocket connection to .* failed/,
        before: axe.source,
      });
      await checkAccess(page, "fresh");
      await fitsWidth(page);
      await page.button("Options").click();
      await page.field("Delay each reply by (ms)").fill("wrong");
      await page.field("Hex").check();
      await page.field("Bytes to send, in hexadecimal").fill("zz");
      await checkAccess(page, "options open, with faults");
      await fitsWidth(page);
      await page.field("Delay each reply by (ms)").fill("");
      await page.field("Text").check();
      await page.connect();
      await page.send('{"json":true}');
      await (await page.row("received", "json")).click();
      await (await page.row("event", "No subprotocol")).click();
      await page.field("Text to send").fill("more");
      await page.field("Copies").fill("60");
      await page.button("Send 60").click();
      await page.says("received-messages", "61");
      await page.field("File").check();
      await checkAccess(page, "connected, rows open");
      await page.button("Disconnect").click();
      await page.state("Closed");
      await page.field("URL").fill(`ws://127.0.0.1:${service.port}/echo`);
      await page.button("Connect").click();
      await page.element("failure").waitFor();
      await page.field("Filter by text").fill("matches nothing");
      await page.says("empty", "No row matches the filter.");
      await checkAccess(page, "handshake failed, all rows filtered out");
      await fitsWidth(page);
    });
  }
}

/** Fails when the page has to be scrolled sideways. */
async function fitsWidth(page: ConsolePage) {
  const overflow = await page.page.evaluate(
    "document.documentElement.scrollWidth - innerWidth",
  );
  assertEquals(overflow, 0, "pixels beyond the window's right edge");
}

test("page shows a reply below what is sent on a narrow screen", async () => {
  await using service = startTestService();
  await using page = await ConsolePage.open(browser, service.urls.page, {
    viewport: { width: 360, height: 740 },
  });
  await page.connect();
  await page.field("Copies").fill("30");
  await page.field("Text to send").fill("small");
  await page.button("Send 30").click();
  await page.says("received-messages", "30");
  const row = page.page.locator(".row.received").last();
  const inSight = async () => {
    const box = await row.boundingBox();
    return box !== null && box.y > 0 && box.y + box.height <= 740;
  };
  await until(inSight, "the last reply is in sight");
  const [log, picture] = await Promise.all(
    ["log", "picture-title"].map((id) => page.element(id).boundingBox()),
  );
  assert(log!.y < picture!.y, "the log comes before the picture");
});

test("page can be used by keyboard alone, with the focus in sight", async () => {
  await using service = startTestService();
  await using page = await ConsolePage.open(browser, service.urls.page);
  const { keyboard } = page.page;
  const focus = () =>
    page.page.evaluate(`(() => {
      const field = document.activeElement;
      const { outlineStyle } = getComputedStyle(
        field.type === "radio" ? field.nextElementSibling
          : field.type === "file" ? field.nextElementSibling : field,
      );
      const name = field.id || field.value || field.className;
      return outlineStyle === "none" ? name + " without focus" : name;
    })()`);
  const order = async (...names: string[]) => {
    for (const name of names) {
      await keyboard.press("Tab");
      assertEquals(await focus(), name);
    }
  };
  await keyboard.press("Tab");
  assertEquals(await focus(), "skip");
  await order("language", "endpoint");
  await keyboard.press("ArrowDown");
  await order("url", "connect", "options-toggle");
  await keyboard.press("Enter");
  await order(
    ...["prefix", "delay", "push", "info", "close", "reason", "after"],
    ...["subprotocols", "reconnect"],
  );
  await keyboard.press("Space");
  assertEquals(await page.field("Reconnect after a close").isChecked(), true);
  await keyboard.press("Space");
  for (let i = 0; i < 7; i++) await keyboard.press("Shift+Tab");
  assertEquals(await focus(), "delay");
  await keyboard.type("1");
  await keyboard.press("Enter");
  await page.state("Open");
  assertEquals(await page.url, `ws://127.0.0.1:${service.port}/echo?delay=1`);
  await page.focused("message");
  await keyboard.type("by hand");
  await keyboard.press("Control+Enter");
  await page.row("received", "by hand");
  await keyboard.press("ArrowUp");
  await order("copies", "pause", "send");
  await keyboard.press("Enter");
  await page.says("received-messages", "2");
  await order("export", "clear", "filter", "all", "row received");

  await keyboard.press("ArrowUp");
  await keyboard.press("ArrowUp");
  await keyboard.press("Enter");
  await page.page.locator(".detail pre").waitFor();
  await order("", "", "");
  await keyboard.press("Escape");
  await page.page.locator(".detail pre").waitFor({ state: "detached" });
  assertEquals(await focus(), "row received");
  await keyboard.press("Home");
  await keyboard.press("Enter");
  await page.page.locator(".detail", { hasText: "ws://" }).waitFor();

  await page.field("Close code").focus();
  await keyboard.press("Enter");
  await page.state("Closed");
  await page.says("state-detail", "1000 Normal Closure");
});

test("page speaks Chinese where the browser does, and can be switched", async () => {
  await using service = startTestService();
  await using page = await ConsolePage.open(browser, service.urls.page, {
    locale: "zh-CN",
  });
  const html = page.page.locator("html");
  assertEquals(await html.getAttribute("lang"), "zh-CN");
  await page.button("连接").click();
  await page.state("已连接");
  await page.field("要发送的文本").fill("你好");
  await page.says("message-size", "6 字节");
  await page.button("发送").click();
  const row = await page.row("received", "你好");
  await row.click();
  await page.button("再次发送").waitFor();
  await page.field("Copies").waitFor({ state: "detached" });

  await page.page.getByRole("button", { name: "English" }).click();
  assertEquals(await html.getAttribute("lang"), "en");
  await page.state("Open");
  await page.button("Send again").waitFor();
  await page.rows("event", "No subprotocol").waitFor();
  await page.page.reload();
  await page.button("Connect").waitFor();
  assertEquals(await html.getAttribute("lang"), "en");

  await page.page.getByRole("button", { name: "中文" }).click();
  await page.state("未连接");
  assertEquals(await untranslated(page), []);
});

test("page speaks English where the browser speaks neither language", async () => {
  await using service = startTestService();
  await using page = await ConsolePage.open(browser, service.urls.page, {
    locale: "fr-FR",
  });
  assertEquals(await page.page.locator("html").getAttribute("lang"), "en");
});

/** English words that are left on a page which should be Chinese. */
function untranslated(page: ConsolePage): Promise<string[]> {
  return page.page.evaluate(`(() => {
    const known = new Set([
      "wsecho", "websocket", "echo", "uppercase", "json", "english", "ws", "ctrl",
      "enter", "utf", "push", "info", "after", "prefix", "delay", "close",
      "reason", "b", "p",
    ]);
    const texts = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      if (!walk.currentNode.parentElement.closest("noscript, option")) {
        texts.push(walk.currentNode.data);
      }
    }
    for (const element of document.querySelectorAll("body *")) {
      for (const name of ["aria-label", "title", "placeholder"]) {
        texts.push(element.getAttribute(name) ?? "");
      }
    }
    return texts.flatMap((text) => text.match(/[A-Za-z]+/g) ?? [])
      .filter((word) => !known.has(word.toLowerCase()));
  })()`);
}

test("a tutorial's bare page from another origin gets its reply", async () => {
  await using service = startTestService();
  const html = `<!doctype html><title>tutorial</title><div id="out"></div>
    <script>
      const ws = new WebSocket("ws://127.0.0.1:${service.port}/echo");
      ws.onopen = () => ws.send("hello from a tutorial");
      ws.onmessage = (e) => {
        document.getElementById("out").innerHTML += "<p>" + e.data + "</p>";
        ws.close();
      };
      ws.onclose = (e) => document.title = "closed " + e.code;
    </script>`;
  await using stranger = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(html, { headers: { "Content-Type": "text/html" } }),
  );
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`http://localhost:${stranger.addr.port}/`);
    await page.getByText("hello from a tutorial").waitFor();
    await until(
      async () => await page.title() === "closed 1005",
      "the connection is closed",
    );
  } finally {
    await context.close();
  }
});
