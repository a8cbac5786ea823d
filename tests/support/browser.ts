/**
 * The page in a real Chromium, driven as a person would. The tests of a file
 * share a browser: importing this starts it before the first of them and ends
 * it after the last. Without a Chromium, the tests are skipped.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import type { BrowserContextOptions, Locator } from "playwright-core";
import type { ServerInfo } from "../../static/endpoint.js";
import { startTestService, type TestService } from "./service.ts";

const EXECUTABLE = "/usr/bin/chromium";
// Root, as in containers, has no sandbox.
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu"]
  .concat("--disable-quic", "--no-first-run", "--disable-component-update")
  .concat("--disable-background-networking", "--disable-sync");

interface ProfileOptions extends BrowserContextOptions {
  /** Runs in the page before its own scripts. */
  before?: string;
  /** Replaces what the server says in `X-Wsecho`; undefined: no such header. */
  describe?: (server: ServerInfo) => ServerInfo | undefined;
}

export interface PageTest extends ProfileOptions {
  name: string;
  /** The service's options. */
  service?: Parameters<typeof startTestService>[0];
  /** What follows the service's URL. Default: "" */
  path?: string;
  /** Console errors that the browser itself writes, as for a refused handshake. */
  expectedErrors?: RegExp;
}

const missing = !existsSync(EXECUTABLE);
if (missing) {
  console.warn(`Browser tests are skipped: there is no ${EXECUTABLE}`);
}

/** There from the first test on. */
let browser: Browser;
let shared: ConsolePage;
if (!missing) {
  Deno.test.beforeAll(async () => {
    const options = { executablePath: EXECUTABLE, args: ARGUMENTS };
    browser = await chromium.launch(options);
    shared = await openProfile({});
    await shared.page.waitForLoadState("networkidle");
  });
  Deno.test.afterAll(() => browser.close());
}

/**
 * A test of the page, opened at a service of its own. Tests without profile
 * options share a page: opening a profile takes longer than most tests.
 */
export function test(
  setup: string | PageTest,
  run: (page: ConsolePage, service: TestService) => Promise<void>,
) {
  const { name, service: options, path = "", expectedErrors, ...profile } =
    typeof setup === "string" ? { name: setup } : setup;
  const fn = async () => {
    await using service = startTestService(options);
    const isShared = Object.keys(profile).length === 0;
    const page = isShared ? shared : await openProfile(profile);
    try {
      page.expectedErrors = expectedErrors;
      await page.open(service.urls.page + path);
      await run(page, service);
      assertEquals(page.problems, []);
    } catch (error) {
      // A wait that timed out leaves its retry timer behind, of up to 500 ms,
      // which would fail the next test as well.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      throw error;
    } finally {
      page.problems.length = 0;
      if (isShared) {
        await page.page.evaluate(
          "localStorage.clear(), sessionStorage.clear()",
        );
        // Playwright has a timer until then, which the next test must not get.
        await page.page.waitForLoadState("networkidle");
      } else await page.page.context().close();
    }
  };
  Deno.test({ name, ignore: missing, fn });
}

async function openProfile({ before, describe, ...options }: ProfileOptions) {
  // Without motion, no colour is seen on its way to another.
  const defaults = { locale: "en-US", reducedMotion: "reduce" } as const;
  const context = await browser.newContext({ ...defaults, ...options });
  const page = await context.newPage();
  if (before !== undefined) await page.addInitScript({ content: before });
  if (describe !== undefined) {
    await page.route("**/*", async (route) => {
      if (route.request().method() !== "HEAD") return route.continue();
      const response = await route.fetch();
      const { "x-wsecho": header, ...headers } = response.headers();
      const server = describe(JSON.parse(header!));
      if (server !== undefined) headers["x-wsecho"] = JSON.stringify(server);
      await route.fulfill({ response, headers });
    });
  }
  return new ConsolePage(page);
}

/** The page, open in a browser. */
export class ConsolePage {
  /** Console errors and requests to other hosts: a good page has none. */
  readonly problems: string[] = [];
  expectedErrors: RegExp | undefined;
  #host = "";

  constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      // Violations of the security policy are console errors as well.
      const bad = message.type() === "error" || message.type() === "warning";
      if (bad && !this.expectedErrors?.test(text)) this.problems.push(text);
    });
    page.on("request", (request) => {
      const { protocol, host, href } = new URL(request.url());
      if (/^https?:$/.test(protocol) && host !== this.#host) {
        this.problems.push(`request to ${href}`);
      }
    });
  }

  /** Opens a URL of the page, or the same one again, until it is ready. */
  async open(url = this.page.url()) {
    this.#host = new URL(url).host;
    if (url === this.page.url()) await this.page.reload();
    else await this.page.goto(url);
    await this.page.locator("html[data-ready]").waitFor();
  }

  /** An element by its id. */
  element(id: string): Locator {
    return this.page.locator(`#${id}`);
  }

  /** A field by its label. */
  field(name: string): Locator {
    return this.page.getByLabel(name, { exact: true });
  }

  /** Fills fields with text, or checks them. */
  async fill(values: Record<string, string | boolean>) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.field(name);
      if (typeof value === "string") await field.fill(value);
      else await field.setChecked(value);
    }
  }

  /** The value of a field. */
  value(name: string): Promise<string> {
    return this.field(name).inputValue();
  }

  /** Presses a button, by its name. */
  async click(name: string) {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** What a button saves as a file of such a name. */
  async download(button: string, name: RegExp) {
    const started = this.page.waitForEvent("download");
    await this.click(button);
    const file = await started;
    assertMatch(file.suggestedFilename(), name);
    return await Deno.readFile(await file.path());
  }

  /** Waits until elements, by their ids, show these texts, or none: "". */
  async says(texts: Record<string, string | RegExp>) {
    for (const [id, hasText] of Object.entries(texts)) {
      // What is empty may take no room: it is not visible then.
      const empty = this.page.locator(`#${id}:empty`);
      if (hasText === "") await empty.waitFor({ state: "attached" });
      else await this.element(id).filter({ hasText }).waitFor();
    }
  }

  /** Opens a menu by the name of its button, and presses one of its items. */
  async choose(menu: string, item: string) {
    await this.click(menu);
    await this.click(item);
  }

  /** The options that are set, sorted. */
  async chips(): Promise<string[]> {
    return (await this.page.locator(".chip").allTextContents()).sort();
  }

  async connect() {
    await this.click("Connect");
    await this.says({ state: "Open" });
  }

  async send(text: string, copies = 1) {
    await this.fill({ "Text to send": text, "Copies": String(copies) });
    await this.element("send").click();
  }

  /** A row of the log, once it is there. */
  async row(kind: "sent" | "received" | "event", hasText: string | RegExp) {
    const row = this.page.locator(`.row.${kind}`).filter({ hasText }).first();
    await row.waitFor({ state: "attached" });
    return row;
  }

  /** Waits until an element has the focus. */
  async focused(id: string) {
    await this.page.locator(`#${id}:focus`).waitFor({ state: "attached" });
  }
}
