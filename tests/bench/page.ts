/** Measures the console page in Chromium against a bare script beside it. */

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { median, type Turn } from "./figures.ts";
import { describeMachine, digits, formatTable } from "./report.ts";
import { startServer } from "./run.ts";
import { BARE, TARGETS, WSECHO } from "./targets.ts";

const EXECUTABLE = "/usr/bin/chromium";
// Root, as in containers, has no sandbox.
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu"];
const PROBE = new URL("page_probe.js", import.meta.url);
/** How long a step may take, in milliseconds. */
const STEP_MS = 300_000;

/** How much each round measures. */
export interface PageLoad {
  rounds: number;
  /** Copies of the burst that is timed. */
  copies: number;
  /** Copies of the burst after which memory is read. */
  heapCopies: number;
  /** Messages sent one by one. */
  trips: number;
  /** How long frames are counted, in seconds. */
  seconds: number;
}

/** What the goals speak of; the command line chooses the rest. */
export const PAGE_LOAD = { copies: 10_000, heapCopies: 50_000, trips: 50 };

const PAGE = "page";

/** A figure of the page: its limit, and what of it is limited. */
const GOALS = [
  ["burst", "burst of 10,000, echoed", "ms", "ratio", 1.5],
  ["longestTask", "longest task meanwhile", "ms", "value", 200],
  ["frame", "frames at ?push=10, p95", "ms", "value", 20],
  ["heap", "JS heap after 50,000 echoed", "MB", "value", 60],
  ["trip", "median round trip", "ms", "difference", 1],
] as const;

/** Measures the page round by round, each step in a page of its own. */
export async function measurePage(load: PageLoad): Promise<Turn[]> {
  if (!existsSync(EXECUTABLE)) throw new Error(`it needs ${EXECUTABLE}`);
  const target = TARGETS.find(({ name }) => name === WSECHO)!;
  await using server = await startServer(
    target,
    { servers: [], generator: [] },
    "",
  );
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: ARGUMENTS,
  });
  try {
    const turns: Turn[] = [];
    for (let round = 1; round <= load.rounds; round++) {
      const { page, bare } = await measureRound(browser, server.port, load);
      turns.push({ round, load: PAGE, target: BARE, figures: bare });
      turns.push({ round, load: PAGE, target: PAGE, figures: page });
    }
    return turns;
  } finally {
    await browser.close();
  }
}

async function measureRound(
  browser: Browser,
  port: number,
  { copies, heapCopies, trips, seconds }: PageLoad,
) {
  const url = `ws://127.0.0.1:${port}/`;
  const home = `http://127.0.0.1:${port}/`;
  // Another page could need a permission to connect to this machine.
  const bareBurst = await inPage(browser, home, async (page) => {
    const run = `probe.bareBurst("${url}", ${copies})`;
    // The first one finds the server's code not yet compiled.
    await page.evaluate(run);
    return await page.evaluate(run) as number;
  });

  /** Runs a step in the page, connected to a URL. */
  const step = <T>(run: (page: Page) => Promise<T>, to = url) =>
    inPage(browser, home, async (page) => {
      await page.locator("html[data-ready]").waitFor();
      await page.fill("#url", to);
      await page.click("#connect");
      await page.locator("#state", { hasText: "Open" }).waitFor();
      return await run(page);
    });

  const burst = await step((page) =>
    page.evaluate(`probe.burst(${copies})`)
  ) as { burst: number; longestTask: number };
  const frames = await step(
    (page) => page.evaluate(`probe.frames(${seconds * 1_000})`),
    `${url}?push=10`,
  ) as number[];
  const heap = await step(async (page) => {
    await page.evaluate(`probe.burst(${heapCopies})`);
    const devTools = await page.context().newCDPSession(page);
    await devTools.send("HeapProfiler.collectGarbage");
    return (await devTools.send("Runtime.getHeapUsage")).usedSize / 1e6;
  });
  const [shownTrip, bareTrips] = await step(async (page) => {
    for (let i = 1; i <= trips; i++) {
      await page.fill("#message", `message ${i}`);
      await page.click("#send");
      await page.evaluate(`probe.whenReceived(${i})`);
    }
    const shown = await page.locator("#trip-median").innerText();
    const bare = await page.evaluate(`probe.bareTrips("${url}", ${trips})`);
    return [shown, bare as number[]];
  });
  return {
    page: {
      ...burst,
      frame: frames.sort((a, b) => a - b)[Math.floor(frames.length * 0.95)]!,
      heap,
      trip: toMilliseconds(shownTrip),
    },
    bare: { burst: bareBurst, trip: median(bareTrips)! },
  };
}

/** Runs a step in a page of its own, which has the probe. */
async function inPage<T>(
  browser: Browser,
  url: string,
  run: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ locale: "en-US" });
  context.setDefaultTimeout(STEP_MS);
  await context.addInitScript({ content: await Deno.readTextFile(PROBE) });
  const page = await context.newPage();
  await page.goto(url);
  const result = await run(page);
  await context.close();
  return result;
}

/** Reads a duration as the page shows it, such as "0.4 ms" or "1.20 s". */
export function toMilliseconds(text: string): number {
  const [, value, unit] = /^([\d.]+) (µs|ms|s)$/.exec(text.trim()) ?? [];
  const factor = { "µs": 0.001, ms: 1, s: 1_000 }[unit ?? ""];
  if (factor === undefined) {
    throw new Error(`Cannot read the round trip: "${text}" is not a duration`);
  }
  return Number(value) * factor;
}

/** All there is to say about a run, with its goals; can be written as JSON. */
export async function describePage(load: PageLoad, turns: Turn[]) {
  const figures = (target: string, figure: string) =>
    turns.filter((turn) => turn.target === target)
      .map(({ figures }) => figures[figure]!);
  const goals = GOALS.map(([figure, what, unit, kind, bound]) => {
    const page = figures(PAGE, figure);
    const bare = figures(BARE, figure);
    // Within each round: what ran close together had the same machine.
    const compared = median(
      page.map((value, i) =>
        kind === "ratio"
          ? value / bare[i]!
          : kind === "difference"
          ? value - bare[i]!
          : value
      ),
    )!;
    return {
      ...{ figure, what, unit, kind, bound, compared },
      page: median(page)!,
      bare: kind === "value" ? null : median(bare)!,
      met: compared <= bound,
    };
  });
  return { machine: await describeMachine(), options: load, goals, turns };
}

/** The report for people, in Markdown. */
export function formatPage(
  { machine, options, goals }: Awaited<ReturnType<typeof describePage>>,
): string {
  const head = ["figure", PAGE, BARE, "compared", "at most", "verdict"];
  const rows = goals.map((goal) => {
    const { what, unit, kind, page, bare, compared, bound, met } = goal;
    const show = (value: number) =>
      kind === "ratio"
        ? `${value.toFixed(2)}x`
        : (kind === "difference" && value > 0 ? "+" : "") +
          `${digits(value)} ${unit}`;
    return [
      what,
      `${digits(page)} ${unit}`,
      bare === null ? "" : `${digits(bare)} ${unit}`,
      show(compared),
      show(bound),
      met ? "met" : "missed",
    ];
  });
  const { rounds, seconds } = options;
  return [
    Object.values(machine).join("; "),
    `Medians of ${rounds} round${rounds === 1 ? "" : "s"}, frames of ` +
    `${seconds} s. Compared within each round.`,
    formatTable([head, ...rows]),
  ].join("\n\n");
}
