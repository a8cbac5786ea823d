/** The page in a real Chromium: choosing where to connect, and how. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { PARAMETERS } from "../handlers/websocket/parameters.ts";
import type { ServerInfo } from "../static/endpoint.js";
import type { Parameter } from "../static/parameters.js";
import { test } from "./support/browser.ts";
import { startProxy } from "./support/proxy.ts";

test({
  name: "page preselects the endpoint that it was opened at",
  service: { paths: { echo: ["/shiming"], uppercase: ["/loud/one"] } },
}, async (page, { port }) => {
  for (
    const [path, endpoint] of [
      ["/shiming", "/shiming"],
      ["/loud/one/", "/loud/one/"],
      ["/elsewhere", "/shiming"],
      ["/loud/one?delay=5", "/loud/one?delay=5"],
      ["/x#wss://example.org/y", ""],
    ] as const
  ) {
    await page.open(`http://127.0.0.1:${port}${path}`);
    const url = endpoint && `ws://127.0.0.1:${port}${endpoint}`;
    assertEquals(await page.value("URL"), url || "wss://example.org/y");
  }
  const loaded = page.page.waitForEvent("load");
  await page.page.evaluate("location.hash = 'wss://example.org/z'");
  await loaded;
  assertEquals(await page.value("URL"), "wss://example.org/z");
});

test(
  "page finds the prefix under which a proxy mounts the service",
  async (page, { port }) => {
    using proxy = startProxy(port, (head) => head.replace("/proxy", ""));
    const address = `http://127.0.0.1:${proxy.port}/proxy/uppercase/`;
    await page.open(address);
    assertEquals(await page.value("URL"), address.replace("http", "ws"));
    assertEquals(await page.element("url-hint").isVisible(), false);
    await page.connect();
    assertEquals(page.page.url(), address);
    await page.send("through");
    await page.row("received", "THROUGH");
  },
);

test({
  name: "page stays where it is when its own path is no endpoint",
  path: "kept/prefix/?delay=1",
}, async (page, { urls }) => {
  const own = urls.page.replace("http", "ws");
  assertEquals(await page.value("URL"), `${own}?delay=1`);
  await page.says({ "url-hint": "is not an endpoint of the server" });
  await page.connect();
  assertEquals(page.page.url(), `${urls.page}kept/prefix/?delay=1`);
  await page.click("Disconnect");
  await page.choose("Endpoints", "uppercase · /uppercase");
  await page.element("url-hint").waitFor({ state: "hidden" });
  const chosen = `${own}uppercase?delay=1`;
  assertEquals(page.page.url(), `${urls.page}kept/prefix/#${chosen}`);
  await page.open();
  assertEquals(await page.value("URL"), chosen);
});

test("page keeps the connection while its URL is edited", async (page) => {
  await page.connect();
  await page.fill({ "URL": `${await page.value("URL")}uppercase` });
  await page.says({ "state-detail": "the URL has changed: disconnect" });
  await page.field("URL").press("Enter");
  await page.send("still here");
  await page.row("received", "still here");
  await page.click("Disconnect");
  await page.connect();
  await page.send("now there");
  await page.row("received", "NOW THERE");
  await page.says({ "received-messages": /^1$/ });
});

test(
  { name: "form and URL stay in step in both directions", path: "echo" },
  async (page) => {
    const start = await page.value("URL");
    await page.click("Options");
    await page.fill({
      "waits for": "5",
      "is shown as the server saw it": true,
    });
    assertEquals(await page.value("URL"), `${start}?delay=5&info=1`);
    await page.fill({ "starts with": "got & kept: " });
    const prefix = "&prefix=got%20%26%20kept:%20";
    assertStringIncludes(await page.value("URL"), prefix);
    assertEquals(
      await page.chips(),
      [
        "delay 5 ms",
        "info",
        "prefix got & kept:",
      ].sort(),
    );
    const query = "?x=1&close=1011&reason=a+b";
    await page.fill({ "URL": `${start}${query}&delay=70` });
    const names = [
      "waits for",
      "with the code",
      "with the reason",
    ];
    const values = () => Promise.all(names.map((name) => page.value(name)));
    assertEquals(await values(), ["70", "1011", "a b"]);
    assertEquals(
      await page.field("is shown as the server saw it").isChecked(),
      false,
    );
    await page.fill({ "waits for": "" });
    assertEquals(await page.value("URL"), start + query);
    await page.choose("Endpoints", "uppercase · /uppercase");
    const { search, pathname } = new URL(page.page.url());
    assertEquals(pathname + search, `/uppercase${query}`);
    await page.open();
    assertEquals(await page.chips(), ["close 1011", "reason a b"]);
    await page.click("Options");
    assertEquals(await values(), ["", "1011", "a b"]);
    await page.fill({ "URL": "http://other.example/" });
    await page.field("URL").press("Tab");
    assertEquals(await page.value("URL"), "ws://other.example/");
  },
);

test("wrong values are marked before connecting", async (page) => {
  const start = await page.value("URL");
  await page.fill({ "URL": `${start}?close=1006&delay=x` });
  await page.says({ "url-fault": "" });
  await page.field("URL").blur();
  await page.says({ "url-fault": "First correct the options marked below" });
  await page.element("options").waitFor();
  await page.element("options-toggle").click();
  await page.click("Connect");
  await page.focused("parameter-delay");
  await page.fill({ "URL": "ws://other.example/?close=1006" });
  await page.field("URL").blur();
  await page.says({ "url-fault": "" });
  await page.fill({ "URL": start });
  for (
    const [id, value, fault] of [
      ["parameter-prefix", "x".repeat(1_025), "Text of up to 1,024 characters"],
      ["parameter-delay", "60001", "A whole number from 0 to 60,000 ms"],
      ["parameter-seed", "abc", "A whole number from 0 to 4,294,967,295"],
      ["parameter-drop", "101", "A whole number from 0 to 100%"],
      ["parameter-status", "302", "This redirect needs the parameter location"],
      ["parameter-watch", "a b", "Enter 8 to 64 characters of A-Z, a-z, 0-9"],
      ["parameter-close", "1006", "1000–1003, 1007–1014, or 3000–4999"],
      ["parameter-reason", "é".repeat(62), "Text of up to 123 bytes of UTF-8"],
      ["subprotocols", "a b", "“a b” is not a valid subprotocol name"],
    ] as const
  ) {
    const field = page.element(id);
    await field.pressSequentially(value.slice(0, 1));
    if (value.length > 1) await field.fill(value);
    await page.says({ [`${id}-fault`]: fault });
    // From the URL, as by hand.
    await page.page.locator("#url").dispatchEvent("input");
    assertEquals(await field.inputValue(), value);
    assertEquals(await field.getAttribute("aria-invalid"), "true");
    await page.click("Connect");
    await page.focused(id);
    await page.says({ state: "Not connected" });
    await field.fill("");
    assertEquals(await field.getAttribute("aria-invalid"), null);
  }
  await page.fill({ "URL": "nonsense" });
  await page.click("Connect");
  await page.says({ "url-fault": "starts with ws:// or wss://" });
});

/** What a server with other ranges says of its parameters. */
const CHANGED: Record<string, Partial<Parameter>> = {
  delay: { max: 7 },
  close: { ranges: [[1000, 1001]] },
};

/** Changes ranges, and adds parameters that the page does not know. */
function changeTable({ parameters, ...server }: ServerInfo): ServerInfo {
  const rows = parameters.map((row) => ({ ...row, ...CHANGED[row.name] }));
  // A group that the page does not know, and none.
  const wobble = {
    group: "odd",
    kind: "integer",
    min: 2,
    max: 9_000,
    unit: "ms",
  };
  rows.push({ name: "wobble", ...wobble }, { name: "url", kind: "later" });
  return { ...server, parameters: rows };
}

test({
  name: "fields, checks and hints follow the server's table",
  describe: changeTable,
}, async (page) => {
  await page.click("Options");
  const names = page.page.locator("#parameters .hint code:first-child");
  const known = PARAMETERS.map(({ name }) => name);
  assertEquals(await names.allTextContents(), [...known, "wobble", "url"]);
  const titles = page.page.locator("#parameters .group legend");
  const groups = ["Each reply", "Unasked, the server"]
    .concat("The server closes", "The handshake");
  assertEquals(await titles.allTextContents(), [...groups, "odd", ""]);
  assertEquals(await page.page.locator("datalist option").count(), 2);
  for (
    const [name, label, hint, bad, fault, good] of [
      ["delay", "waits for", "0 to 7 ms", "8", "from 0 to 7 ms", "7"],
      ["close", "with the code", "1000–1001", "1002", "1000–1001", "1001"],
      ["wobble", "wobble", "2 to 9,000 ms", "1", "from 2 to 9,000 ms", "2"],
    ] as const
  ) {
    await page.says({ [`parameter-${name}-hint`]: `${name} · ${hint}` });
    await page.fill({ [label]: bad });
    await page.says({ [`parameter-${name}-fault`]: fault });
    await page.fill({ [label]: good });
    await page.says({ [`parameter-${name}-fault`]: "" });
  }
  await page.fill({ "url": "anything" });
  const query = "?delay=7&close=1001&wobble=2&url=anything";
  assertStringIncludes(await page.value("URL"), query);
  await page.says({ "parameter-url-fault": "" });
});

test({
  name: "page works without X-Wsecho, and shows no parameters",
  path: "uppercase?delay=1",
  describe: () => undefined,
}, async (page) => {
  await page.click("Options");
  await page.field("Subprotocols").waitFor();
  assertEquals(await page.element("parameters").isVisible(), false);
  assertStringIncludes(await page.value("URL"), "/uppercase?delay=1");
  await page.connect();
  await page.send("plain");
  await page.row("received", "PLAIN");
});
