/** The page in a real Chromium: choosing where to connect, and how. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
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
    assertEquals(
      await page.url,
      endpoint ? `ws://127.0.0.1:${port}${endpoint}` : "wss://example.org/y",
    );
    assertEquals(
      await page.field("Endpoint").inputValue(),
      endpoint.replace(/\/?(?:\?.*)?$/, ""),
    );
  }
});

test(
  "page finds the prefix under which a proxy mounts the service",
  async (page, { port }) => {
    using proxy = startProxy(port, { prefix: "/proxy" });
    const address = `http://127.0.0.1:${proxy.port}/proxy/uppercase/`;
    await page.open(address);
    assertEquals(await page.url, address.replace("http", "ws"));
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
  assertEquals(await page.url, `${own}?delay=1`);
  await page.says("url-hint", "is not an endpoint of the server");
  await page.connect();
  assertEquals(page.page.url(), `${urls.page}kept/prefix/?delay=1`);
  await page.button("Disconnect").click();
  await page.field("Endpoint").selectOption("/uppercase");
  await page.element("url-hint").waitFor({ state: "hidden" });
  const chosen = `${own}uppercase?delay=1`;
  assertEquals(page.page.url(), `${urls.page}kept/prefix/#${chosen}`);
  await page.reload();
  assertEquals(await page.url, chosen);
});

test("page keeps the connection while its URL is edited", async (page) => {
  await page.connect();
  await page.field("URL").fill(`${await page.url}uppercase`);
  await page.says("state-detail", "the URL has changed: disconnect");
  await page.field("URL").press("Enter");
  await page.send("still here");
  await page.row("received", "still here");
  await page.button("Disconnect").click();
  await page.connect();
  await page.send("now there");
  await page.row("received", "NOW THERE");
  await page.says("received-messages", "1");
});

test(
  { name: "form and URL stay in step in both directions", path: "echo" },
  async (page) => {
    const start = await page.url;
    await page.button("Options").click();
    await page.parameter("delay").fill("5");
    await page.parameter("info").check();
    assertEquals(await page.url, `${start}?delay=5&info=1`);
    await page.parameter("prefix").fill("got & kept: ");
    assertStringIncludes(await page.url, "&prefix=got%20%26%20kept:%20");
    assertEquals(await page.text("options-count"), "3");
    await page.field("URL").fill(`${start}?x=1&delay=70&close=1011&reason=a+b`);
    const values = async () => ({
      delay: await page.parameter("delay").inputValue(),
      close: await page.parameter("close").inputValue(),
      reason: await page.parameter("reason").inputValue(),
      info: await page.parameter("info").isChecked(),
    });
    assertEquals(
      await values(),
      { delay: "70", close: "1011", reason: "a b", info: false },
    );
    await page.parameter("delay").fill("");
    assertEquals(await page.url, `${start}?x=1&close=1011&reason=a+b`);
    await page.field("Endpoint").selectOption("/uppercase");
    const { search, pathname } = new URL(page.page.url());
    assertEquals(pathname + search, "/uppercase?x=1&close=1011&reason=a+b");
    await page.reload();
    await page.element("options").waitFor();
    assertEquals(
      await values(),
      { delay: "", close: "1011", reason: "a b", info: false },
    );
    await page.field("URL").fill("http://other.example/");
    await page.field("URL").press("Tab");
    assertEquals(await page.url, "ws://other.example/");
    assertEquals(await page.field("Endpoint").inputValue(), "");
  },
);

test("wrong values are marked before connecting", async (page) => {
  const start = await page.url;
  const urlField = page.field("URL");
  await urlField.fill(`${start}?close=1006&delay=x`);
  assertEquals(await page.text("url-fault"), "");
  await urlField.blur();
  await page.says("url-fault", "First correct the options marked below");
  await page.element("options").waitFor();
  await page.element("options-toggle").click();
  await page.button("Connect").click();
  await page.focused("parameter-delay");
  await urlField.fill(`ws://other.example/?close=1006`);
  await urlField.blur();
  await page.element("url-fault").waitFor({ state: "hidden" });
  await urlField.fill(start);
  for (
    const [id, value, fault] of [
      ["prefix", "x".repeat(1_025), "Text of up to 1,024 characters"],
      ["delay", "60001", "A whole number from 0 to 60,000 ms"],
      ["push", "9", "A whole number from 10 to 3,600,000 ms"],
      ["close", "1006", "1000–1003, 1007–1014, or 3000–4999"],
      ["reason", "é".repeat(62), "Text of up to 123 bytes of UTF-8"],
      ["after", "-", "A whole number from 0 to 1,000,000 messages"],
      ["subprotocols", "a b", "“a b” is not a valid subprotocol name"],
    ] as const
  ) {
    const at = id === "subprotocols" ? id : `parameter-${id}`;
    const field = page.element(at);
    if (id === "after") await field.pressSequentially(value);
    else await field.fill(value);
    await page.says(`${at}-fault`, fault);
    assertEquals(await field.getAttribute("aria-invalid"), "true");
    await page.button("Connect").click();
    await page.focused(at);
    await page.state("Not connected");
    await field.fill("");
    assertEquals(await field.getAttribute("aria-invalid"), null);
  }
  await urlField.fill("nonsense");
  await page.button("Connect").click();
  await page.says("url-fault", "starts with ws:// or wss://");
});

test({
  name: "fields, checks and hints follow the server's table",
  describe: ({ parameters, ...server }) => ({
    ...server,
    parameters: [
      ...parameters.map((row) => ({
        ...row,
        ...(row.name === "delay" ? { max: 7 } : {}),
        ...(row.name === "close" ? { ranges: [[1000, 1001]] } : {}),
      })),
      { name: "jitter", kind: "integer", min: 2, max: 9_000, unit: "ms" },
      { name: "url", kind: "later" },
    ] as typeof parameters,
  }),
}, async (page) => {
  await page.button("Options").click();
  const names = await page.page.locator("#parameters .hint code:first-child")
    .allTextContents();
  const known = ["prefix", "delay", "push", "close", "reason", "after", "info"];
  assertEquals(names, [...known, "jitter", "url"]);
  await page.says("parameter-delay-hint", "delay · 0 to 7 ms");
  await page.parameter("delay").fill("8");
  await page.says("parameter-delay-fault", "from 0 to 7 ms");
  await page.parameter("delay").fill("7");
  assertEquals(await page.text("parameter-delay-fault"), "");
  await page.parameter("close").fill("1002");
  await page.says("parameter-close-fault", "1000–1001");
  assertEquals(await page.page.locator("datalist option").count(), 2);

  await page.says("parameter-jitter-hint", "jitter · 2 to 9,000 ms");
  await page.field("jitter").fill("1");
  await page.says("parameter-jitter-fault", "from 2 to 9,000 ms");
  await page.field("jitter").fill("2");
  assertEquals(await page.text("parameter-jitter-fault"), "");
  await page.field("url").fill("anything");
  assertStringIncludes(await page.url, "&jitter=2&url=anything");
  assert(!await page.parameter("url").getAttribute("aria-invalid"));
});

test({
  name: "page works without X-Wsecho, and shows no parameters",
  path: "uppercase?delay=1",
  describe: () => undefined,
}, async (page) => {
  await page.button("Options").click();
  await page.field("Subprotocols").waitFor();
  assertEquals(await page.element("parameters").isVisible(), false);
  assertStringIncludes(await page.url, "/uppercase?delay=1");
  await page.connect();
  await page.send("plain");
  await page.row("received", "PLAIN");
});
