/**
 * What something between browser and server did with a header.
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
 */
export function compareHeaders(url, { origin, userAgent }, received) {
  /** By name; an empty value stands for any. */
  const expected = {
    host: new URL(url).host,
    origin,
    "user-agent": userAgent,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "",
    "sec-websocket-extensions": "permessage-deflate",
    "accept-encoding": "",
    "accept-language": "",
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
    if (value === undefined) changes.push({ change: "removed", name });
    else if (sent !== "" && value !== withheld && !has(value, sent)) {
      changes.push({ change: "changed", name, sent, received: value });
    }
  }
  return changes;
}

/** @type {(value: string, sought: string) => boolean} Alone, or in a list. */
function has(value, sought) {
  return [value, ...value.split(/[,;]/)].some((one) =>
    one.trim().toLowerCase() === sought.toLowerCase()
  );
}
