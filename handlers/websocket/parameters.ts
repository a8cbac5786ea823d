import { MAX_REASON_BYTES, SENDABLE_CLOSE_CODES } from "./close_codes.ts";
import { Refusal } from "./refusal.ts";
import { listWords, quote } from "./text.ts";

/** What every row of the parameter table holds. */
interface ParameterRow {
  name: string;
  /** Where the page shows it. */
  group: "handshake" | "replies" | "pushes" | "close";
  /** The parameter without which this one has no effect. */
  needs?: string;
}

/** A whole number. */
export interface IntegerParameter extends ParameterRow {
  kind: "integer";
  min: number;
  max: number;
  unit: string;
  /** Its value where the URL has none, which may be out of range. */
  default: number;
}

/** A text of limited length. */
export interface TextParameter extends ParameterRow {
  kind: "text";
  max: number;
  /** What `max` counts: characters, or bytes of UTF-8. */
  unit: "characters" | "bytes";
  default: string;
}

/** A close code within one of the ranges; undefined where the URL has none. */
export interface CodeParameter extends ParameterRow {
  kind: "code";
  ranges: readonly (readonly [min: number, max: number])[];
}

/** Off or on: 0 or 1 in the URL. */
export interface FlagParameter extends ParameterRow {
  kind: "flag";
  default: boolean;
}

/** A URL parameter that every endpoint takes. */
export type Parameter =
  | IntegerParameter
  | TextParameter
  | CodeParameter
  | FlagParameter;

/**
 * The URL parameters that every endpoint takes. The parser, the refusals and
 * the page's fields derive from this table.
 */
// deno-fmt-ignore
export const PARAMETERS = [
  { name: "prefix", kind: "text", group: "replies", max: 1_024, unit: "characters", default: "" },
  { name: "delay", kind: "integer", group: "replies", min: 0, max: 60_000, unit: "ms", default: 0 },
  { name: "push", kind: "integer", group: "pushes", min: 10, max: 3_600_000, unit: "ms", default: 0 },
  { name: "close", kind: "code", group: "close", ranges: SENDABLE_CLOSE_CODES },
  { name: "reason", kind: "text", group: "close", max: MAX_REASON_BYTES, unit: "bytes", default: "", needs: "close" },
  { name: "after", kind: "integer", group: "close", min: 0, max: 1_000_000, unit: "messages", default: 0, needs: "close" },
  { name: "info", kind: "flag", group: "handshake", default: false },
] as const satisfies readonly Parameter[];

type ValueOf<Row> = Row extends { kind: "text" } ? string
  : Row extends { kind: "flag" } ? boolean
  : Row extends { kind: "code" } ? number | undefined
  : number;

/** The values of all parameters of a connection, by name. */
export type ParameterValues = {
  readonly [Row in typeof PARAMETERS[number] as Row["name"]]: ValueOf<Row>;
};

const encoder = new TextEncoder();

/**
 * Reads the parameters of a URL. Ignores those that the table does not have.
 *
 * @param defaults values that replace the table's where the URL has none
 * @returns a refusal that names parameter, value and range if one is invalid
 */
export function parseParameters(
  query: URLSearchParams,
  defaults: Partial<ParameterValues> = {},
): ParameterValues | Refusal {
  const values: Record<string, string | number | boolean | undefined> = {};
  for (const row of PARAMETERS) {
    const [text, ...more] = query.getAll(row.name);
    if (more.length > 0) {
      return new Refusal(
        400,
        `Cannot use parameter "${row.name}": it is given ${
          more.length + 1
        } times`,
      );
    }
    const value = text === undefined
      ? defaults[row.name] ?? ("default" in row ? row.default : undefined)
      : parseValue(row, text);
    if (value === undefined && text !== undefined) {
      return new Refusal(
        400,
        `Cannot use parameter "${row.name}" with value ${
          quote(text)
        }: expected ${describeRange(row)}`,
      );
    }
    values[row.name] = value;
  }
  return values as ParameterValues;
}

/** Reads one value; undefined when it is out of the row's range. */
function parseValue(
  row: Parameter,
  text: string,
): string | number | boolean | undefined {
  // Number() alone would accept "", "1e3", "0x10" and " 5" as well.
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  switch (row.kind) {
    case "integer":
      return number >= row.min && number <= row.max ? number : undefined;
    case "text":
      return measure(text, row.unit) <= row.max ? text : undefined;
    case "code":
      return text.length === 4 &&
          row.ranges.some(([min, max]) => number >= min && number <= max)
        ? number
        : undefined;
    case "flag":
      return number === 0 || number === 1 ? number === 1 : undefined;
  }
}

function measure(text: string, unit: TextParameter["unit"]): number {
  return unit === "bytes" ? encoder.encode(text).length : [...text].length;
}

function describeRange(row: Parameter): string {
  switch (row.kind) {
    case "integer":
      return `a whole number from ${row.min} to ${row.max}`;
    case "text":
      return `at most ${row.max} ${
        row.unit === "bytes" ? "bytes of UTF-8" : row.unit
      }`;
    case "code":
      return `a code of ${
        listWords(row.ranges.map(([min, max]) => `${min}-${max}`), "and")
      }`;
    case "flag":
      return "a whole number from 0 to 1";
  }
}
