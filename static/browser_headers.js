// @ts-check

/**
 * What something between browser and server did with a header. `sent` is absent
 * where the browser does not send it, or where its value is not known.
 * @typedef {{ change: "added" | "removed" | "changed", name: string, sent?: string, received?: string }} HeaderChange
 */

/** What a browser may send with a WebSocket handshake. */
const ofBrowsers =
  /^(?:accept(?:-encoding|-language)?|authorization|cache-control|connection|cookie|dnt|host|origin|pragma|priority|sec-.*|upgrade|user-agent)$/;

/** Instead of a value that the server keeps to itself. */
const withheld = "(withheld)";

/**
 * Compares the headers of a handshake that a server received with those that
 * every browser sends.
 * @param {string} url The WebSocket URL.
 * @param {{ origin: string, userAgent: string }} page
 * @param {Readonly<Record<string, string>>} received By names in lower case.
 * @returns {HeaderChange[]}
 */
export function compareHeaders(url, { origin, userAgent }, received) {
  /** @type {Record<string, string | undefined>} `undefined`: of any value. */
  const expected = {
    host: new URL(url).host,
    origin,
    "user-agent": userAgent,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": undefined,
    "sec-websocket-extensions": "permessage-deflate",
    "accept-encoding": undefined,
    "accept-language": undefined,
    "cache-control": "no-cache",
    pragma: "no-cache",
  };
  /** @type {HeaderChange[]} */
  const changes = [];
  for (const [name, value] of Object.entries(received)) {
    if (!ofBrowsers.test(name)) {
      changes.push({ change: "added", name, received: value });
    }
  }
  for (const [name, sent] of Object.entries(expected)) {
    const value = received[name];
    const known = sent === undefined ? {} : { sent };
    if (value === undefined) {
      changes.push({ change: "removed", name, ...known });
    } else if (sent !== undefined && !has(value, sent)) {
      changes.push({ change: "changed", name, sent, received: value });
    }
  }
  return changes;
}

/**
 * Whether a header has a value, alone or in a list, or may have it.
 * @param {string} value
 * @param {string} sought
 */
function has(value, sought) {
  return [value, ...value.split(/[,;]/)].some((one) =>
    one === withheld ||
    one.trim().toLowerCase() === sought.toLowerCase()
  );
}
