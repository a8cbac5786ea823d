// @ts-check
import { byId } from "./dom.js";
import { withWords, words } from "./language.js";
import { formatSize } from "./payload.js";
import { formatMilliseconds, summarize } from "./statistics.js";

/** Milliseconds between two drawings, so that figures can be read. */
const interval = 100;
/** Fewer replies than these do not fill the chart. */
const leastSlots = 50;
const width = 200;
const height = 48;

const panel = byId("picture", HTMLElement);
const chart = byId("chart", SVGSVGElement);
const bars = byId("chart-bars", SVGPathElement);
const median = byId("chart-median", SVGPathElement);

/** Counters, and round-trip times as a chart. */
export class Picture {
  #session;
  #timer = 0;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    session.on("row", () => this.#update());
    session.on("state", () => this.#update());
    withWords(() => this.#draw());
    // The keyboard can scroll only what can have the focus.
    new ResizeObserver(() => {
      panel.tabIndex = panel.scrollHeight > panel.clientHeight ? 0 : -1;
    }).observe(panel);
  }

  /** Schedules a drawing. */
  #update() {
    if (this.#timer !== 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#draw();
    }, interval);
  }

  #draw() {
    const { statistics, isMeasured } = this.#session;
    const { sent, received, roundTrips } = statistics;
    write("sent-messages", words.number(sent.messages));
    write("sent-bytes", formatSize(sent.bytes));
    write("received-messages", words.number(received.messages));
    write("received-bytes", formatSize(received.bytes));
    byId("sent-bytes", HTMLElement).title = words.size(sent.bytes);
    byId("received-bytes", HTMLElement).title = words.size(received.bytes);
    byId("trips-off", HTMLElement).hidden = isMeasured;
    byId("trips-queued", HTMLElement).hidden = !statistics.includesQueueing;

    const n = roundTrips.length;
    const summary = summarize(roundTrips);
    write("trip-count", words.lastReplies(n));
    const figures = {
      minimum: figure(summary?.minimum),
      median: figure(summary?.median),
      p95: figure(summary?.p95),
      maximum: figure(summary?.maximum),
    };
    for (const [name, text] of Object.entries(figures)) {
      write(`trip-${name}`, text);
    }
    chart.setAttribute(
      "aria-label",
      n === 0 ? words.chartEmpty : words.chartLabel({ ...figures, n }),
    );
    // The clock's resolution is a tenth of a millisecond.
    const scale = (height - 2) / Math.max(summary?.maximum ?? 0, 0.1);
    bars.setAttribute("d", drawBars(roundTrips, scale));
    const y = height - (summary?.median ?? 0) * scale;
    median.setAttribute("d", n === 0 ? "" : `M0 ${y.toFixed(1)}H${width}`);
  }
}

/**
 * @param {readonly number[]} values
 * @param {number} scale
 * @returns {string} The data of an SVG path.
 */
function drawBars(values, scale) {
  const slot = width / Math.max(leastSlots, values.length);
  return values.map((value, i) => {
    const top = height - Math.max(1, value * scale);
    return `M${(i * slot).toFixed(2)} ${height}V${top.toFixed(1)}h${
      (slot * 0.78).toFixed(2)
    }V${height}z`;
  }).join("");
}

/** @param {number | undefined} milliseconds */
function figure(milliseconds) {
  return milliseconds === undefined ? "–" : formatMilliseconds(milliseconds);
}

/**
 * @param {string} id
 * @param {string} text
 */
function write(id, text) {
  const place = byId(id, HTMLElement);
  if (place.textContent !== text) place.textContent = text;
}
