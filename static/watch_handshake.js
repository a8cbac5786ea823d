// @ts-check
import { create } from "./dom.js";
import { words } from "./language.js";

/**
 * A client's handshake as the server received it.
 * @param {{ path: string, remote: string, headers: Record<string, string>,
 *   protocol?: string, parameters?: Record<string, unknown> }} handshake Of one
 * that was refused, the subprotocol and the parameters are not known.
 * @returns {HTMLElement}
 */
export function createHandshake(handshake) {
  const { path, remote, protocol, parameters, headers } = handshake;
  const { fields, none } = words.watch;
  /** @type {[string, string][]} */
  const rows = [[fields.path, path], [fields.remote, remote]];
  if (protocol !== undefined) rows.push([fields.protocol, protocol || none]);
  for (const [name, value] of Object.entries(parameters ?? {})) {
    rows.push([`?${name}`, String(value)]);
  }
  rows.push(...Object.entries(headers));
  const table = create("dl", "handshake code");
  for (const [name, value] of rows) {
    table.append(create("dt", undefined, name), create("dd", undefined, value));
  }
  return table;
}
