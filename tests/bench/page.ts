/** Measures the console page in Chromium against a bare script beside it. */

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { median, type Turn } from "./figures.ts";
import { describeMachine, digits, formatTable } from "./report.ts";
import { startServer } from "./run.ts";
import { BARE, TARGETS, WSECHO } from "./targets.ts";

/** The browser; without it, the page cannot be measured. */
export const EXECUTABLE = "/usr/bin/chromium";
// Root, as in containers, has no sandbox.
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu"];
const PROBE = new URL("page_probe.js", import.meta.url);
/** How long a step of the page may take, in milliseconds. */
const STEP_MS = 300_000;
const PAGE = "page";

/** How much each round measures. */
export interface PageLoad {
  rounds: number;
  /** How long frames are counted, in seconds. */
  seconds: number;
  /** Copies of the burst that is timed. */
  copies: number;
  /** Copies of the burst after which memory is read. */
  heapCopies: number;
  /** Messages sent one by one. */
  trips: number;
}

/** What the goals speak of; the command line chooses the rest. */
export const PAGE_LOAD = { copies: 10_000, heapCopies: 50_000, trips: 50 };

/** A figure of the page, what of it is limited, and to how much at most. */
const GOALS = [
  ["burst", "burst of 10,000, echoed (ms)", "ratio", 1.5],
  ["longestTask", "longest task meanwhile (ms)", "value", 200],
  ["frame", "frames at ?push=10, p95 (ms)", "value", 20],
  ["heap", "JS heap after 50,000 echoed (MB)", "value", 60],
  ["trip", "median round trip (ms)", "difference", 1],
] as const;

/** Measures the page round by round. */
export async function measurePage(load: PageLoad): Promise<Turn[]> {
  if (!existsSync(EXECUTABLE)) throw new Error(`it needs ${EXECUTABLE}`);
  const target = TARGETS.find(({ name }) => name === WSECHO)!;
  const unpinned = { servers: [], generator: [] };
  await using server = await startServer(target, unpinned, "");
  const options = { executablePath: EXECUTABLE, args: ARGUMENTS };
  const browser = await chromium.launch(options);
  try {
    const turns: Turn[] = [];
    for (let round = 1; round <= load.rounds; round++) {
      const figures = await measureRound(browser, server.port, load);
      for (const target of [BARE, PAGE] as const) {
        turns.push({ round, load: PAGE, target, figures: figures[target] });
      }
    }
    return turns;
  } finally {
    await browser.close();
  }
}

/** Measures all figures once, each in a page of its own. */
async function measureRound(
  browser: Browser,
  port: number,
  { copies, heapCopies, trips, seconds }: PageLoad,
) {
  const url = `ws://127.0.0.1:${port}/`;
  const inPage = async <T>(run: (page: Page) => Promise<T>, connectTo = "") => {
    const context = await browser.newContext({ locale: "en-US" });
    context.setDefaultTimeout(STEP_MS);
    await context.addInitScript({ content: await Deno.readTextFile(PROBE) });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.locator("html[data-ready]").waitFor();
    if (connectTo !== "") {
      await page.fill("#url", connectTo);
      await page.click("#connect");
      await page.locator("#state", { hasText: "Open" }).waitFor();
    }
    const result = await run(page);
    await context.close();
    return result;
  };

  // Not in an empty page, which may need a permission for local addresses.
  const bareBurst = await inPage(async (page) => {
    const run = `probe.bareBurst("${url}", ${copies})`;
    // The first one finds the server's code not yet compiled.
    await page.evaluate(run);
    return await page.evaluate(run) as number;
  });
  const burst = await inPage(
    (page) => page.evaluate(`probe.burst(${copies})`),
    url,
  ) as { burst: number; longestTask: number };
  const frame = await inPage(
    (page) => page.evaluate(`probe.slowFrame(${seconds * 1_000})`),
    `${url}?push=10`,
  ) as number;
  const heap = await inPage(async (page) => {
    await page.evaluate(`probe.burst(${heapCopies})`);
    const devTools = await page.context().newCDPSession(page);
    await devTools.send("HeapProfiler.collectGarbage");
    return (await devTools.send("Runtime.getHeapUsage")).usedSize / 1e6;
  }, url);
  const [trip, bareTrips] = await inPage(async (page) => {
    for (let i = 1; i <= trips; i++) {
      await page.fill("#message", `message ${i}`);
      await page.click("#send");
      await page.evaluate(`probe.whenReceived(${i})`);
    }
    const shown = await page.locator("#trip-median").innerText();
    const bare = await page.evaluate(`probe.bareTrips("${url}", ${trips})`);
    return [toMilliseconds(shown), bare as number[]];
  }, url);
  return {
    [PAGE]: { ...burst, frame, heap, trip },
    [BARE]: { burst: bareBurst, trip: median(bareTrips)! },
  };
}

/** Reads a duration as the page shows it, such as "0.4 ms" or "1.20 s". */
export function toMilliseconds(text: string): number {
  const [, value, unit = ""] = /^([\d.]+) (µs|ms|s)$/.exec(text.trim()) ?? [];
  const factor = { "µs": 0.001, ms: 1, s: 1_000 }[unit];
  if (factor !== undefined) return Number(value) * factor;
  throw new Error(`Cannot read the round trip: "${text}" is not a duration`);
}

/** All there is to say about a run, with its goals; can be written as JSON. */
export async function describePage(load: PageLoad, turns: Turn[]) {
  const all = (target: string, figure: string) =>
    turns.filter((turn) => turn.target === target)
      .flatMap(({ figures }) => figures[figure] ?? []);
  const goals = GOALS.map(([figure, what, kind, bound]) => {
    const page = all(PAGE, figure);
    const bare = all(BARE, figure);
    const compare = (value: number, base = NaN) =>
      ({ ratio: value / base, difference: value - base, value })[kind];
    // Within each round: what ran close together had the same machine.
    const compared = median(page.map((value, i) => compare(value, bare[i])))!;
    const medians = { page: median(page)!, bare: median(bare) ?? null };
    return { what, ...medians, kind, compared, bound, met: compared <= bound };
  });
  return { machine: await describeMachine(), options: load, goals, turns };
}

/** The report for people, in Markdown. */
export function formatPage(
  { machine, options, goals }: Awaited<ReturnType<typeof describePage>>,
): string {
  const { rounds, seconds } = options;
  const rows = goals.map(({ what, page, bare, kind, compared, bound, met }) => [
    ...[what, digits(page), bare === null ? "" : digits(bare)],
    ...[bare === null ? "" : `${kind} ${digits(compared)}`, digits(bound)],
    met ? "met" : "missed",
  ]);
  const head = ["figure", PAGE, BARE, "compared", "at most", "verdict"];
  return [
    Object.values(machine).join("; "),
    `Medians of ${rounds} round${rounds === 1 ? "" : "s"}, frames of ` +
    `${seconds} s. Compared within each round.`,
    formatTable([head, ...rows]),
  ].join("\n\n");
}
