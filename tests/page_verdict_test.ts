/** The page in a real Chromium: round trips and the verdict on bursts. */

import { assertMatch } from "@std/assert";
import { createRandom } from "../handlers/websocket/random.ts";
import { type ConsolePage, test } from "./support/browser.ts";

/** Connects to an endpoint with these parameters. */
async function connect(page: ConsolePage, endpoint: string) {
  const { origin } = new URL(page.page.url());
  const url = `${origin.replace("http", "ws")}/${endpoint}`;
  await page.fill({ "URL": url });
  await page.connect();
}

/** Disconnects and connects elsewhere. */
async function change(page: ConsolePage, endpoint: string) {
  await page.click("Disconnect");
  await page.says({ state: "Closed" });
  await connect(page, endpoint);
}

test("page judges a burst of 10,000 numbered messages", async (page) => {
  await connect(page, "uppercase?prefix=got:%20");
  await page.send("{n} of {{n}} at {time}: ß", 10_000);
  // No bound in seconds: on a slow machine, all of this is slow.
  await page.element("verdict").filter({
    hasText:
      /^10,000 sent, 10,000 back, 0 lost, 0 altered, in order, [\d.]+ s$/,
  }).waitFor({ timeout: 0 });
  await page.row(
    "received",
    /got: 10000 OF \{N\} AT \d{4}-[\d-]+T[\d:.]+Z: SS/,
  );
  await page.says({ "trips-queued": "Includes queueing" });
});

test("page counts what drop, repeat and mute do to a burst", async (page) => {
  const random = createRandom(1, "drop");
  const lost = Array.from({ length: 200 }, random)
    .filter((share) => share * 100 < 20).length;
  await connect(page, "echo?drop=20&seed=1");
  await page.send("{n}", 200);
  const rest = `0 altered, in order, `;
  await page.says({
    verdict: `200 sent, ${200 - lost} back, ${lost} lost, ${rest}`,
    "trip-median": /^–$/,
  });
  await page.element("trips-off").waitFor();
  // What was lost does not confuse what comes later.
  await page.send("{n} again", 2);
  await page.says({ verdict: /^2 sent, [012] back, [012] lost, 0 altered, / });

  await change(page, "echo?repeat=2");
  await page.send("same", 3);
  const twice = /^3 sent, 6 back, 3 repeated, 0 lost, 0 altered, [\d.]+ m?s$/;
  await page.says({ verdict: twice, "trip-count": "last 3 replies" });

  await change(page, "echo?mute=2");
  await page.send("{random}", 5);
  await page.says({
    verdict: /^5 sent, 2 back, 3 lost, 0 altered, in order, /,
  });
});

test("page measures beside greeting, pushed messages and a close", async (page) => {
  await connect(page, "echo?info=1&push=10&close=1012&after=3");
  await page.row("received", /2 \d{4}-\d\d-\d\dT/);
  await page.send("{n}", 5);
  await page.says({ state: "Closed" });
  // The end of the connection ends the burst.
  await page.says({
    verdict: /^[345] sent, 3 back, [012] lost, 0 altered, in/,
  });
  await page.says({
    "trip-count": "last 3 replies",
    "trip-median": /^[\d.]+ /,
  });
});

test("page does not count as lost what it did not wait for", async (page) => {
  await connect(page, "echo?delay=60000");
  await page.send("{n}", 50);
  await page.says({ "sent-messages": "50" });
  await page.click("Disconnect");
  await page.says({
    verdict: /^50 sent, 0 back, 50 not waited for, 0 altered, /,
  });
});

/** A service whose reply to "3" is another one, and that to "late" the second. */
function startLiar(page: string) {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      if (request.headers.get("upgrade") !== "websocket") {
        return fetch(page + new URL(request.url).pathname.slice(1), {
          method: request.method,
        });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => {
        if (data === "late") socket.send("early");
        socket.send(data === "3" ? "III" : data);
      };
      return response;
    },
  );
}

for (
  const [how, before] of [
    ["", ""],
    [
      "when its worker is blocked",
      `globalThis.Worker = class {
        constructor() {
          setTimeout(() => this.onerror(new Event("error")), 20);
        }
      };`,
    ],
  ] as const
) {
  test(
    { name: `page finds the one altered reply ${how}`, before },
    async (page, service) => {
      await using liar = startLiar(service.urls.page);
      const { port } = liar.addr;
      await page.open(`http://127.0.0.1:${port}/`);
      await page.connect();
      await page.send("{n}", 5);
      await page.says({
        verdict: /^5 sent, 5 back, 0 lost, 1 altered, in order, /,
      });
      await page.says({ "trip-count": "last 5 replies" });
      // What was taken for the reply at first does not count.
      await page.send("late");
      await page.row("received", "late");
      await page.says({ "trip-count": "last 6 replies" });
      await page.click("Disconnect");
      await page.says({ "state-detail": "1000 Normal Closure" });
      // Nothing is claimed about a server that is not the page's own.
      await page.open(service.urls.page);
      await page.fill({ "URL": `ws://127.0.0.1:${port}/` });
      await page.connect();
      await page.send("{n}", 5);
      await page.says({ verdict: /^5 sent, 5 back, [\d.]+ m?s$/ });
      assertMatch(await (await page.row("received", "III")).innerText(), /ms/);
      await page.page.goto("about:blank");
    },
  );
}
