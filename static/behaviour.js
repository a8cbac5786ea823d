// @ts-check
import { reasonLimit, serverMayClose } from "./close_code.js";
import { byteLength } from "./payload.js";

/**
 * The URL parameters that choose how the server behaves on a connection.
 * @typedef {"prefix" | "delay" | "push" | "close" | "reason" | "after" | "info"} Parameter
 */

/** @type {readonly Parameter[]} */
export const parameters = [
  "prefix",
  "delay",
  "push",
  "close",
  "reason",
  "after",
  "info",
];

/**
 * Why the server would refuse a value.
 * @typedef {{ kind: "range", low: number, high: number }
 *   | { kind: "characters", limit: number }
 *   | { kind: "bytes", limit: number }
 *   | { kind: "code" }
 *   | { kind: "repeated" }} Fault
 */

/** @type {Readonly<Partial<Record<Parameter, readonly [number, number]>>>} */
const ranges = {
  delay: [0, 60_000],
  push: [10, 3_600_000],
  after: [0, 1_000_000],
  info: [0, 1],
};

const prefixLimit = 1024;

/**
 * The behaviour parameters in a URL, decoded.
 * @param {string} url Need not be a whole URL: whatever follows the first `?`.
 * @returns {Map<Parameter, string[]>}
 */
export function readBehaviour(url) {
  /** @type {Map<Parameter, string[]>} */
  const found = new Map();
  for (const [name, value] of new URLSearchParams(queryOf(url))) {
    const parameter = parameters.find((one) => one === name);
    if (parameter === undefined) continue;
    found.set(parameter, [...found.get(parameter) ?? [], value]);
  }
  return found;
}

/** @param {string} url */
function queryOf(url) {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start + 1).split("#", 1)[0] ?? "";
}

/**
 * Puts a parameter into a URL, or takes it out, and leaves everything else as
 * it was written.
 * @param {string} url
 * @param {Parameter} parameter
 * @param {string} value Empty: the parameter goes.
 * @returns {string}
 */
export function writeBehaviour(url, parameter, value) {
  const [, base = "", , query, fragment = ""] =
    /^([^?#]*)(\?([^#]*))?(#.*)?$/s.exec(url) ?? [];
  const written = value === "" ? [] : [`${parameter}=${encodeValue(value)}`];
  /** @type {string[]} */
  const parts = [];
  for (const part of (query ?? "").split("&")) {
    if (new URLSearchParams(part).has(parameter)) {
      parts.push(...written.splice(0));
    } else if (part !== "") parts.push(part);
  }
  parts.push(...written);
  return base + (parts.length > 0 ? `?${parts.join("&")}` : "") + fragment;
}

/**
 * Encodes only what a query cannot hold, so that the URL stays readable.
 * @param {string} value
 */
function encodeValue(value) {
  return value.replace(
    /[\s%&#+"<>]/g,
    (character) => encodeURIComponent(character),
  );
}

/**
 * Why the server would refuse these parameters.
 * @param {ReadonlyMap<Parameter, readonly string[]>} behaviour
 * @returns {Map<Parameter, Fault>}
 */
export function findFaults(behaviour) {
  /** @type {Map<Parameter, Fault>} */
  const faults = new Map();
  for (const [parameter, values] of behaviour) {
    const fault = values.length > 1
      ? /** @type {Fault} */ ({ kind: "repeated" })
      : findFault(parameter, values[0] ?? "");
    if (fault !== undefined) faults.set(parameter, fault);
  }
  return faults;
}

/**
 * @param {Parameter} parameter
 * @param {string} value
 * @returns {Fault | undefined}
 */
function findFault(parameter, value) {
  const range = ranges[parameter];
  if (range !== undefined) {
    const [low, high] = range;
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    return number >= low && number <= high
      ? undefined
      : { kind: "range", low, high };
  }
  if (parameter === "prefix" && [...value].length > prefixLimit) {
    return { kind: "characters", limit: prefixLimit };
  }
  if (parameter === "reason" && byteLength(value) > reasonLimit) {
    return { kind: "bytes", limit: reasonLimit };
  }
  if (
    parameter === "close" &&
    !(/^\d{4}$/.test(value) && serverMayClose(Number(value)))
  ) {
    return { kind: "code" };
  }
  return undefined;
}

/**
 * Whether every message that comes is the reply to one that was sent, so that
 * round-trip times can be told. Messages that the server sends on its own make
 * that untrue.
 * @param {string} url
 * @returns {boolean}
 */
export function repliesMatch(url) {
  const behaviour = readBehaviour(url);
  return !behaviour.has("push") && !behaviour.has("after") &&
    !behaviour.get("info")?.includes("1");
}
