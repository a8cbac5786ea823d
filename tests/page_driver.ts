/** Drives the page in a real Chromium, as a person would. */

import { assertEquals } from "@std/assert";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";

const ARGUMENTS = [
  "--headless",
  // Root, as in containers, has no sandbox.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why there can be no browser tests here; undefined: there can. */
export function whyNoBrowser(): string | undefined {
  try {
    Deno.statSync(EXECUTABLE);
    return undefined;
  } catch {
    return `there is no ${EXECUTABLE}`;
  }
}

/** Starts a browser for all tests of a file. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

export interface ConsoleOptions extends BrowserContextOptions {
  /** Console errors that the browser itself writes, as for a refused handshake. */
  expectedErrors?: RegExp;
  /** Runs in the page before its own scripts. */
  before?: string;
}

/** The page, open in a browser profile of its own. */
export class ConsolePage implements AsyncDisposable {
  readonly page: Page;
  readonly #host: string;
  /** What a good page never does. */
  readonly problems: string[] = [];

  private constructor(page: Page, url: string, expectedErrors?: RegExp) {
    this.page = page;
    this.#host = new URL(url).host;
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      // Violations of the security policy are console errors, too.
      const bad = message.type() === "error" || message.type() === "warning";
      if (bad && !expectedErrors?.test(text)) this.problems.push(text);
    });
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (/^https?:$/.test(protocol) && host !== this.#host) {
        this.problems.push(`request to ${request.url()}`);
      }
    });
  }

  /** Opens the page, and waits until it knows its server. */
  static async open(
    browser: Browser,
    url: string,
    { expectedErrors, before, ...options }: ConsoleOptions = {},
  ): Promise<ConsolePage> {
    const context = await browser.newContext({ locale: "en-US", ...options });
    const page = await context.newPage();
    const console = new ConsolePage(page, url, expectedErrors);
    if (before !== undefined) await page.addInitScript({ content: before });
    await page.goto(url);
    await page.locator("html[data-ready]").waitFor();
    return console;
  }

  /** A button of the page, by its name. */
  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** A field of the page, by its label. */
  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  /** An element of the page that has no role of its own. */
  element(id: string): Locator {
    return this.page.locator(`#${id}`);
  }

  /** The URL that the page would connect to. */
  get url(): Promise<string> {
    return this.field("URL").inputValue();
  }

  /** Waits until the state badge says this. */
  async state(text: string) {
    await this.element("state").filter({ hasText: text }).waitFor();
  }

  /** Connects. */
  async connect(url?: string) {
    if (url !== undefined) await this.field("URL").fill(url);
    await this.button("Connect").click();
    await this.state("Open");
  }

  /** Sends text. */
  async send(text: string) {
    await this.field("Text to send").fill(text);
    await this.button("Send").click();
  }

  /** The rows of a kind that show a text. */
  rows(kind: "sent" | "received" | "event", text: string | RegExp): Locator {
    return this.page.locator(`.row.${kind}`).filter({ hasText: text });
  }

  /** Waits for such a row. */
  async row(
    kind: "sent" | "received" | "event",
    text: string | RegExp,
  ): Promise<Locator> {
    const row = this.rows(kind, text).first();
    await row.waitFor({ state: "attached" });
    return row;
  }

  /** Waits until an element says this. */
  async says(id: string, text: string | RegExp) {
    await this.element(id).filter({ hasText: text }).waitFor();
  }

  /** Waits until an element has the focus. */
  async focused(id: string) {
    await this.page.locator(`#${id}:focus`).waitFor({ state: "attached" });
  }

  /** The text of an element, now. */
  async text(id: string): Promise<string> {
    return await this.element(id).textContent() ?? "";
  }

  async [Symbol.asyncDispose]() {
    await this.page.context().close();
    assertEquals(this.problems, []);
  }
}
