// @ts-check
import { toHex } from "./payload.js";

/** @typedef {import("./log.js").Log} Log */
/** @typedef {import("./log.js").Row} Row */

/**
 * The rows as JSON: text as text, binary data in hexadecimal.
 * @param {Log} log
 * @param {object} context Further fields at the top of the document.
 * @returns {string[]} Its parts: in one piece it may exceed what a string can hold.
 */
export function exportLog(log, context) {
  const gaps = log.gaps.toSorted((a, b) => a.firstId - b.firstId)
    .map(({ from, until, ...gap }) => ({
      ...gap,
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
    }));
  const head = JSON.stringify(
    { ...context, dropped: log.dropped, gaps },
    null,
    2,
  );
  const rows = log.rows.map((row, i) => {
    const shown = {
      id: row.id,
      time: new Date(row.at).toISOString(),
      direction: row.direction,
      // JSON leaves out what is undefined.
      client: row.client,
      ...(row.event === undefined ? exportMessage(row) : row.event),
    };
    return `${i === 0 ? "" : ","}\n    ${JSON.stringify(shown)}`;
  });
  return [head.replace(/\n}$/, ',\n  "rows": ['), ...rows, "\n  ]\n}\n"];
}

/** @param {Row} row */
function exportMessage(
  { payload, size, roundTrip, answers, verdict, forgotten, isCut },
) {
  const isText = typeof payload === "string";
  return {
    // Of a payload that is gone, not even the type is known.
    ...(forgotten
      ? { forgotten }
      : isText
      ? { type: "text", text: payload }
      : { type: "binary", hex: toHex(new Uint8Array(payload)) }),
    size,
    isCut,
    roundTrip: roundTrip && Math.round(roundTrip * 1000) / 1000,
    answers: answers?.id,
    verdict,
  };
}
