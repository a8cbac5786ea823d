/**
 * The browser that the tests of a file share: importing this starts it before
 * the first of them and ends it after the last. Without a Chromium, the tests
 * are skipped, and the reason is printed.
 */

import type { Browser } from "playwright-core";
import { startBrowser, whyNoBrowser } from "./page_driver.ts";

const missing = whyNoBrowser();
if (missing) console.warn(`Browser tests are skipped: ${missing}`);

/** There from the first test on. */
export let browser: Browser;
if (!missing) {
  Deno.test.beforeAll(async () => {
    browser = await startBrowser();
  });
  Deno.test.afterAll(() => browser.close());
}

/** A test that needs the browser. */
export function test(name: string, run: () => Promise<void>) {
  Deno.test({ name, ignore: missing !== undefined, fn: run });
}
