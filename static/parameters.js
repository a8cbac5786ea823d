import { inRanges } from "./close_code.js";
import { byteLength } from "./payload.js";

/**
 * One URL parameter: a row of the table that the server sends.
 * @typedef {object} Parameter
 * @property {string} name
 * @property {string} [group] What it belongs to, as in `replies`.
 * @property {string} kind `integer`, `text`, `code` (a close code) or `flag`
 * (0 or 1). Values of any other kind are not checked.
 * @property {number} [min] The least `integer`.
 * @property {number} [max] The greatest `integer`, or the longest `text`.
 * @property {string} [unit] Of `min` and `max`, as in `ms` or `characters`;
 * `bytes` counts text as UTF-8.
 * @property {readonly import("./close_code.js").Range[]} [ranges] Of a `code`.
 * @property {string} [pattern] A regular expression that a `text` has to match.
 * @property {string} [expected] Says in English what the pattern takes.
 * @property {string} [needs] The parameter without which it has no effect.
 */

/** @param {string} url Its parameters, decoded; it need not be a whole URL. */
export function readParameters(url) {
  return new URLSearchParams(/\?([^#]*)/.exec(url)?.[1]);
}

/**
 * Puts a parameter into a URL, or takes it out where the value is empty, and
 * leaves everything else as it was written.
 * @type {(url: string, name: string, value: string) => string}
 */
export function writeParameter(url, name, value) {
  const [, base = "", , query, fragment = ""] =
    /^([^?#]*)(\?([^#]*))?(#.*)?$/s.exec(url) ?? [];
  // Only what a query cannot hold, so that the URL stays readable.
  const encoded = value.replace(
    /[\s%&#+"<>]/g,
    (one) => encodeURIComponent(one),
  );
  const written = value === "" ? [] : [`${name}=${encoded}`];
  /** @type {string[]} */
  const parts = [];
  for (const part of (query ?? "").split("&")) {
    if (new URLSearchParams(part).has(name)) {
      parts.push(...written.splice(0));
    } else if (part !== "") parts.push(part);
  }
  parts.push(...written);
  return base + (parts.length > 0 ? `?${parts.join("&")}` : "") + fragment;
}

/** @typedef {"value" | "repeated" | "target"} ParameterFault */

/**
 * Why the server would refuse a parameter.
 * @param {Parameter} parameter
 * @param {URLSearchParams} given All parameters of the URL.
 * @returns {ParameterFault | undefined} `target`: a redirect has none.
 */
export function findFault(parameter, given) {
  const [value, ...more] = given.getAll(parameter.name);
  if (more.length > 0) return "repeated";
  if (value === undefined) return undefined;
  if (!accepts(parameter, value)) return "value";
  return parameter.name === "status" && /^0*30[12378]$/.test(value) &&
      !given.has("location")
    ? "target"
    : undefined;
}

/** @type {(parameter: Parameter, value: string) => boolean} */
function accepts(parameter, value) {
  const { kind, min = 0, max = Infinity, ranges = [] } = parameter;
  switch (kind) {
    case "integer":
      return /^\d+$/.test(value) && Number(value) >= min &&
        Number(value) <= max;
    case "text":
      return new RegExp(parameter.pattern ?? "").test(value) && max >=
          (parameter.unit === "bytes" ? byteLength(value) : [...value].length);
    case "code":
      return /^\d{4}$/.test(value) && inRanges(Number(value), ranges);
    case "flag":
      return /^0*[01]$/.test(value);
    default:
      return true;
  }
}
