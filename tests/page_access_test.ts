/** The page in a real Chromium: accessibility, keyboard, languages, storage. */

import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import { PARAMETERS } from "../handlers/websocket/parameters.ts";
import { type ConsolePage, test } from "./support/browser.ts";
import { startTestService } from "./support/service.ts";
import { until } from "./support/wait.ts";

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 768, 360].map((width) => ({ colorScheme, width }))
);

/**
 * Fails when the accessibility checker finds anything, or the page has to be
 * scrolled sideways, in any theme and width.
 */
async function checkAccess({ page }: ConsolePage, what: string) {
  for (const { colorScheme, width } of LOOKS) {
    // The dark theme has other colours, and nothing else.
    const runOnly = colorScheme === "dark"
      ? ["color-contrast", "link-in-text-block"]
      : undefined;
    const rules = { runOnly, resultTypes: ["violations"] };
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const found = await page.evaluate(`(async () => {
      // The page adapts to a new size by observers, within one frame.
      const frame = () => new Promise(requestAnimationFrame);
      await frame(), await frame();
      const { violations } = await axe.run(${JSON.stringify(rules)});
      const faults = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html }) => id + ": " + html));
      const beyond = document.documentElement.scrollWidth - innerWidth;
      return beyond === 0 ? faults : [...faults, beyond + " pixels too wide"];
    })()`);
    assertEquals(found, [], `${what}, ${colorScheme}, ${width} px wide`);
  }
}

test({
  name: "page has no accessibility violations in any theme and width",
  expectedErrors: /WebSocket connection to .* failed/,
  before: axe.source,
}, async (page) => {
  await using strict = startTestService({ origins: ["http://localhost:1"] });
  await checkAccess(page, "fresh");
  await page.click("Options");
  await page.fill({ "waits for": "-1", "Hex": true });
  await page.fill({ "Bytes to send, in hexadecimal": "zz" });
  await checkAccess(page, "options open, with faults");
  await page.fill({ "waits for": "", "Text": true });
  await page.connect();
  await page.send('{"json":true}');
  await (await page.row("received", "json")).click();
  await (await page.row("event", "No subprotocol")).click();
  await page.send("more", 60);
  await page.says({ "received-messages": "61" });
  await page.fill({ "File": true });
  await checkAccess(page, "connected, rows open");
  await page.click("Disconnect");
  await page.says({ state: "Closed" });
  await page.fill({ "URL": strict.urls.page.replace("http", "ws") });
  await page.click("Connect");
  await page.element("failure").waitFor();
  await page.fill({ "Filter by text": "matches nothing" });
  await page.says({ empty: "No row matches the filter." });
  await checkAccess(page, "handshake failed, all rows filtered out");
  await page.click("Proxy check");
  await page.says({ "check-steps": "Browsers do not tell pages" });
  await checkAccess(page, "proxy check failed");
});

test({
  name: "page shows a reply below what is sent on a narrow screen",
  viewport: { width: 360, height: 740 },
}, async (page) => {
  await page.connect();
  await page.send("small", 30);
  await page.says({ "received-messages": "30" });
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

test({
  name: "page's log stays at its end while the window changes its height",
  viewport: { width: 360, height: 740 },
}, async (page) => {
  await page.connect();
  await page.send("small", 30);
  await page.says({ "received-messages": "30" });
  const last = page.page.locator(".row.received").last();
  for (const height of [1_000, 740, 1_000]) {
    await page.page.setViewportSize({ width: 360, height });
    const inSight = () =>
      last.evaluate((row) => {
        const log = row.closest(".rows")!.getBoundingClientRect();
        const { top, bottom } = row.getBoundingClientRect();
        return top >= log.top && bottom <= log.bottom;
      });
    await until(inSight, `the last reply is in sight at ${height} px`);
  }
});

test("page can be used by keyboard alone, with the focus in sight", async (page) => {
  const start = await page.value("URL");
  const focus = () =>
    page.page.evaluate(`(() => {
      const field = document.activeElement;
      const shown = field.type === "file" ? field.nextElementSibling : field;
      const { outlineStyle, outlineWidth } = getComputedStyle(shown);
      const ring = outlineStyle !== "none" && outlineWidth !== "0px";
      const name = field.id.replace("parameter-", "") || field.value ||
        field.className.split(" ")[0] || "nameless";
      return ring ? name : name + " without focus";
    })()`);
  /** Presses keys; what stands behind a colon has the focus then. */
  const press = async (keys: string) => {
    for (const step of keys.split(/\s+/)) {
      const [key, name] = step.split(":");
      await page.page.keyboard.press(key!);
      if (name !== undefined) assertEquals(await focus(), name);
    }
  };
  const tab = (names: string) => press(names.replace(/\S+/g, "Tab:$&"));
  const detail = page.page.locator(".detail pre");

  await tab("skip face-watch language endpoints-toggle");
  await press("Enter Tab:nameless Tab:nameless Enter:endpoints-toggle");
  await press(
    "Tab:copy-as Tab:check Tab:url Tab:connect Tab:options-toggle Enter",
  );
  const parameters = PARAMETERS.map(({ name }) => name);
  await tab(`${parameters.join(" ")} subprotocols reconnect`);
  await press("Space");
  const reconnect = page.field("Reconnect automatically");
  assertEquals(await reconnect.isChecked(), true);
  const back = parameters.length + 1 - parameters.indexOf("delay");
  await press(`Space${" Shift+Tab".repeat(back)}:delay 1 Enter`);
  await page.says({ state: "Open" });
  assertEquals(await page.value("URL"), `${start}echo?delay=1`);
  await page.focused("message");
  await page.page.keyboard.type("by hand");
  await press("Control+Enter");
  await page.row("received", "by hand");
  await press("Tab:clear-after Tab:forget Tab:copies Tab:pause Tab:send Enter");
  await page.says({ "received-messages": /^2$/ });
  await tab("export clear filter pairs all row");

  await press("ArrowUp Enter");
  await detail.waitFor();
  await tab("nameless nameless nameless");
  await press("Escape:row");
  await detail.waitFor({ state: "detached" });
  await press("Home Enter");
  await page.page.locator(".detail", { hasText: "ws://" }).waitFor();
  await page.field("Close code").focus();
  await press("Enter");
  await page.says({ state: "Closed", "state-detail": "1000 Normal Closure" });
});

test({
  name: "page speaks Chinese where the browser does, and can be switched",
  locale: "zh-CN",
}, async (page) => {
  const html = page.page.locator("html");
  assertEquals(await html.getAttribute("lang"), "zh-CN");
  await page.click("连接");
  await page.says({ state: "已连接" });
  await page.fill({ "要发送的文本": "你好" });
  await page.says({ "message-size": "6 字节" });
  await page.click("发送");
  await (await page.row("received", "你好")).click();
  await page.page.getByText("再次发送").waitFor();
  await page.field("Copies").waitFor({ state: "detached" });

  await page.click("English");
  assertEquals(await html.getAttribute("lang"), "en");
  await page.says({ state: "Open" });
  await page.page.getByText("Send again").waitFor();
  await page.row("event", "No subprotocol");
  await page.open();
  await page.says({ connect: "Connect" });
  assertEquals(await html.getAttribute("lang"), "en");

  await page.click("中文");
  await page.says({ state: "未连接" });
  assertEquals(await untranslated(page), []);
});

test({
  name: "page speaks English where the browser speaks neither language",
  locale: "fr-FR",
}, async (page) => {
  assertEquals(await page.page.locator("html").getAttribute("lang"), "en");
});

/** English words that are left on a page which should be Chinese. */
function untranslated(page: ConsolePage): Promise<string[]> {
  return page.page.evaluate(`(() => {
    const known = new Set([
      "wsecho", "websocket", "echo", "uppercase", "json", "english", "ws", "ctrl",
      "enter", "utf", "url", "b", "p",
    ]);
    const texts = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      if (!walk.currentNode.parentElement.closest("noscript, option, code")) {
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

const HOSTILE_STORAGE = {
  "is forbidden": `for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(globalThis, name, {
      get() { throw new DOMException("denied", "SecurityError"); },
    });
  }`,
  "holds garbage": `localStorage.setItem("wsecho.language", "{");
    sessionStorage.setItem("wsecho.history", '[{"mode":7},null,"x"]');
    sessionStorage.setItem("wsecho.draft", '{"text":1}');
    sessionStorage.setItem("wsecho.connection", "7");`,
};
for (const [what, before] of Object.entries(HOSTILE_STORAGE)) {
  test({ name: `page works where storage ${what}`, before }, async (page) => {
    await page.connect();
    await page.send("hello");
    await page.row("received", "hello");
    await page.field("Text to send").press("ArrowUp");
    assertEquals(await page.value("Text to send"), "hello");
  });
}
