import { byId, setText } from "./dom.js";
import { withWords, words } from "./language.js";
import { formatSize } from "./payload.js";
import { formatMilliseconds, summarize } from "./statistics.js";

/** Milliseconds between two drawings, so that figures can be read. */
const interval = 100;
/** Fewer replies than these do not fill the chart. */
const leastSlots = 50;
const width = 200;
const height = 48;

/** @type {("minimum" | "median" | "p95" | "maximum")[]} */
const fields = ["minimum", "median", "p95", "maximum"];

const panel = byId("picture", HTMLElement);
const chart = byId("chart", SVGSVGElement);
const bars = byId("chart-bars", SVGPathElement);
const median = byId("chart-median", SVGPathElement);

/** @param {import("./session.js").Session} session Shown as counters and a chart. */
export function showPicture(session) {
  let timer = 0;
  const update = () => timer ||= setTimeout(draw, interval);
  session.on("row", update);
  session.on("state", update);
  withWords(draw);
  // The keyboard can scroll only what can have the focus.
  new ResizeObserver(() => {
    panel.tabIndex = panel.scrollHeight > panel.clientHeight ? 0 : -1;
  }).observe(panel);

  function draw() {
    timer = 0;
    const { statistics, isMeasured } = session;
    for (const direction of /** @type {const} */ (["sent", "received"])) {
      const { messages, bytes } = statistics[direction];
      write(`${direction}-messages`, words.number(messages));
      write(`${direction}-bytes`, formatSize(bytes));
      byId(`${direction}-bytes`, HTMLElement).title = words.size(bytes);
    }
    byId("trips-off", HTMLElement).hidden = isMeasured;
    byId("trips-queued", HTMLElement).hidden = !statistics.includesQueueing;

    const { roundTrips } = statistics;
    const n = roundTrips.length;
    const summary = summarize(roundTrips);
    const figures = fields.map((name) => {
      const figure = n === 0 ? "–" : formatMilliseconds(summary[name]);
      write(`trip-${name}`, figure);
      return `${words[name]} ${figure}`;
    });
    const replies = words.lastReplies(n);
    write("trip-count", replies);
    chart.ariaLabel = `${words.roundTrip}, ${replies}: ${figures.join(", ")}`;
    // The clock's resolution is a tenth of a millisecond.
    const scale = (height - 2) / Math.max(summary.maximum, 0.1);
    bars.setAttribute("d", drawBars(roundTrips, scale));
    const y = height - summary.median * scale;
    median.setAttribute("d", n === 0 ? "" : `M0 ${y.toFixed(1)}H${width}`);
  }
}

/** @type {(values: readonly number[], scale: number) => string} */
function drawBars(values, scale) {
  const slot = width / Math.max(leastSlots, values.length);
  const bar = (slot * 0.78).toFixed(2);
  return values.map((value, i) => {
    const left = (i * slot).toFixed(2);
    const top = (height - Math.max(1, value * scale)).toFixed(1);
    return `M${left} ${height}V${top}h${bar}V${height}z`;
  }).join("");
}

/** @type {(id: string, text: string) => void} */
function write(id, text) {
  setText(byId(id, HTMLElement), text);
}
