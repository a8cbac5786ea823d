/** Drives the page as a person would. */

import { assertEquals } from "@std/assert";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";

/** The JSON of the header `X-Wsecho`, as far as tests read it. */
export interface ServerInfo {
  parameters: {
    name: string;
    kind: string;
    min?: number;
    max?: number;
    unit?: string;
    ranges?: [number, number][];
  }[];
}

export interface ConsoleOptions extends BrowserContextOptions {
  /** Console errors that the browser itself writes, as for a refused handshake. */
  expectedErrors?: RegExp;
  /** Runs in the page before its own scripts. */
  before?: string;
  /** Replaces what the server says in `X-Wsecho`; undefined: no such header. */
  describe?: (server: ServerInfo) => ServerInfo | undefined;
}

/** The page, open in a browser. */
export class ConsolePage {
  readonly page: Page;
  #problems: string[] = [];
  expectedErrors: RegExp | undefined;
  #host = "";

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.#problems.push(String(error)));
    page.on("console", (message) => {
      const text = message.text();
      // Violations of the security policy are console errors as well.
      const bad = message.type() === "error" || message.type() === "warning";
      if (bad && !this.expectedErrors?.test(text)) this.#problems.push(text);
    });
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (/^https?:$/.test(protocol) && host !== this.#host) {
        this.#problems.push(`request to ${request.url()}`);
      }
    });
  }

  /** Opens a URL of the page, and waits until it knows its server. */
  async open(url: string) {
    this.#host = new URL(url).host;
    await this.page.goto(url);
    await this.ready();
  }

  /** Loads the page again, and waits until it knows its server. */
  async reload() {
    await this.page.reload();
    await this.ready();
  }

  async ready() {
    await this.page.locator("html[data-ready]").waitFor();
  }

  /** Fails if there were console errors or requests to other hosts. */
  checkProblems() {
    assertEquals(this.#problems.splice(0), []);
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

  /** The field of a URL parameter. */
  parameter(name: string): Locator {
    return this.element(`parameter-${name}`);
  }

  /** The URL that the page would connect to. */
  get url(): Promise<string> {
    return this.field("URL").inputValue();
  }

  /** Waits until the state badge says this. */
  async state(text: string) {
    await this.says("state", text);
  }

  /** Connects. */
  async connect() {
    await this.button("Connect").click();
    await this.state("Open");
  }

  /** Sends text. */
  async send(text: string, copies = 1) {
    await this.field("Text to send").fill(text);
    await this.field("Copies").fill(String(copies));
    await this.element("send").click();
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
}
