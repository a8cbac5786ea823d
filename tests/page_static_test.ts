/** The console in a real Chromium, beside a page of the user's. */

import { test } from "./support/browser.ts";

/** A page that does what the console's security policy would not let it do. */
const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script>
  const socket = new WebSocket(location.href.replace("http", "ws"));
  socket.onopen = () => socket.send("from an inline script");
  socket.onmessage = ({ data }) => {
    document.body.textContent = data;
    document.documentElement.dataset.ready = "";
  };
</script>
<body></body>`;

const folder = await Deno.makeTempDir();
await Deno.writeTextFile(`${folder}/index.html`, PAGE);
// The console has files of these names as well.
for (const name of ["console.js", "theme.css", "socket_worker.js"]) {
  await Deno.writeTextFile(`${folder}/${name}`, "not the console's");
}
Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

const service = { static: folder };

test(
  { name: "a page of the user's runs as it likes", service },
  async (page) => {
    await page.page.getByText("from an inline script").waitFor();
  },
);

test({
  name: "the console works at /wsecho, where there is another page",
  service,
  path: "wsecho",
  expectedErrors: /WebSocket connection to .* failed/,
}, async (page, { urls }) => {
  await page.element("url-hint").waitFor({ state: "hidden" });
  await page.send("at its own path");
  await page.row("received", "at its own path");
  await page.click("Disconnect");
  await page.fill({ "URL": `${urls.endpoints.echo![0]}?status=404` });
  await page.click("Connect");
  await page.says({ failure: "asks it to" });
  // What can be shared leads to the same connection.
  const shared = `${urls.endpoints.uppercase![0]}?delay=5`;
  await page.fill({ "URL": shared });
  await page.element("url").blur();
  await page.page.waitForURL(`${urls.page}wsecho#${shared}`);
});

test({
  name: "the console works at endpoints, where there is another page",
  service,
  path: "uppercase?delay=5",
}, async (page) => {
  await page.send("at an endpoint");
  await page.row("received", "AT AN ENDPOINT");
});
