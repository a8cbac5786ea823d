/**
 * The browser that the tests of a file share: importing this starts it before
 * the first of them and ends it after the last. Without a Chromium, the tests
 * are skipped, and the reason is printed.
 */

import { type Browser, chromium } from "playwright-core";
import { type ConsoleOptions, ConsolePage } from "./console_page.ts";
import { startTestService, type TestService } from "./service.ts";

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

const missing = !exists(EXECUTABLE);
if (missing) {
  console.warn(`Browser tests are skipped: there is no ${EXECUTABLE}`);
}

/** There from the first test on. */
export let browser: Browser;
/** The page of the tests that need no options of their own. */
let shared: ConsolePage;
if (!missing) {
  Deno.test.beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: EXECUTABLE,
      args: ARGUMENTS,
    });
    shared = await newConsole({});
    await shared.page.waitForLoadState("networkidle");
  });
  Deno.test.afterAll(() => browser.close());
}

export interface PageTest extends ConsoleOptions {
  name: string;
  /** The service's options. */
  service?: Parameters<typeof startTestService>[0];
  /** What follows the service's URL. Default: "" */
  path?: string;
}

/**
 * A test of the page, opened at a service of its own. A page without options
 * of its own is shared, as opening a browser profile takes longer than a test.
 */
export function test(
  setup: string | PageTest,
  run: (page: ConsolePage, service: TestService) => Promise<void>,
) {
  const { name, service: options, path = "", expectedErrors, ...own } =
    typeof setup === "string" ? { name: setup } : setup;
  const fn = async () => {
    await using service = startTestService(options);
    const isShared = Object.keys(own).length === 0;
    const page = isShared ? shared : await newConsole(own);
    try {
      page.expectedErrors = expectedErrors;
      await page.open(service.urls.page + path);
      await run(page, service);
      page.checkProblems();
    } finally {
      if (isShared) {
        await page.page.evaluate("localStorage.clear()");
        // Playwright has a timer until then, which the next test must not get.
        await page.page.waitForLoadState("networkidle");
      } else await page.page.context().close();
    }
  };
  Deno.test({ name, ignore: missing, fn });
}

async function newConsole(
  { before, describe, ...options }: ConsoleOptions,
): Promise<ConsolePage> {
  const context = await browser.newContext({
    locale: "en-US",
    // Colours that are still changing are neither of a theme's.
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  if (before !== undefined) await page.addInitScript({ content: before });
  if (describe !== undefined) {
    await page.route("**/*", async (route) => {
      if (route.request().method() !== "HEAD") return route.continue();
      const response = await route.fetch();
      const { "x-wsecho": header, ...headers } = response.headers();
      const described = describe(JSON.parse(header!));
      if (described !== undefined) {
        headers["x-wsecho"] = JSON.stringify(described);
      }
      await route.fulfill({ response, headers });
    });
  }
  return new ConsolePage(page);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
