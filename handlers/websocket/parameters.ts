import {
  describeRanges,
  isInRanges,
  MAX_REASON_BYTES,
  SENDABLE_CLOSE_CODES,
} from "./close_codes.ts";
import { Refusal } from "./refusal.ts";
import { quote } from "./text.ts";

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
  unit?: string;
  /** Its value where the URL has none, which may be out of range. */
  default?: number;
}

/** A text of limited length. */
export interface TextParameter extends ParameterRow {
  kind: "text";
  max: number;
  /** What `max` counts: characters, or bytes of UTF-8. */
  unit: "characters" | "bytes";
  default: string;
  /** A regular expression that the whole text has to match. */
  pattern?: string;
  /** Says what the pattern takes. */
  expected?: string;
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

/** A key that joins watchers and the connections that they watch. */
const WATCH_KEY = /^[A-Za-z0-9_-]{8,64}$/;
/** What a watch key consists of. */
export const WATCH_KEY_EXPECTED =
  "8 to 64 characters of A-Z, a-z, 0-9, _ and -";

const KEY = {
  kind: "text",
  group: "handshake",
  max: 64,
  unit: "characters",
  default: "",
  pattern: WATCH_KEY.source,
  expected: WATCH_KEY_EXPECTED,
} as const;

/** Whether a text is a watch key. */
export function isWatchKey(text: string): boolean {
  return WATCH_KEY.test(text);
}

/** What can stand in a Location header as it is. */
const LOCATION = /^(?:\/(?![/\\])|(?:ws|wss|http|https):\/\/(?=[^/?#]))[!-~]*$/;
/** The statuses of which a Location is a part (RFC 9110 section 15.4). */
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

/**
 * The URL parameters that every endpoint takes. The parser, the refusals and
 * the page's fields derive from this table.
 */
// deno-fmt-ignore
export const PARAMETERS = [
  { name: "prefix", kind: "text", group: "replies", max: 1_024, unit: "characters", default: "" },
  { name: "drop", kind: "integer", group: "replies", min: 0, max: 100, unit: "%", default: 0 },
  { name: "repeat", kind: "integer", group: "replies", min: 1, max: 100, unit: "times", default: 1 },
  { name: "delay", kind: "integer", group: "replies", min: 0, max: 60_000, unit: "ms", default: 0 },
  { name: "jitter", kind: "integer", group: "replies", min: 0, max: 60_000, unit: "ms", default: 0 },
  { name: "rate", kind: "integer", group: "replies", min: 1, max: 104_857_600, unit: "bytes/s", default: 0 },
  { name: "mute", kind: "integer", group: "replies", min: 0, max: 1_000_000, unit: "messages" },
  { name: "seed", kind: "integer", group: "replies", min: 0, max: 4_294_967_295 },
  { name: "push", kind: "integer", group: "pushes", min: 10, max: 3_600_000, unit: "ms", default: 0 },
  { name: "size", kind: "integer", group: "pushes", min: 1, max: 1_048_576, unit: "bytes", default: 0, needs: "push" },
  { name: "close", kind: "code", group: "close", ranges: SENDABLE_CLOSE_CODES },
  { name: "reason", kind: "text", group: "close", max: MAX_REASON_BYTES, unit: "bytes", default: "", needs: "close" },
  { name: "after", kind: "integer", group: "close", min: 0, max: 1_000_000, unit: "messages", default: 0, needs: "close" },
  { name: "idle", kind: "integer", group: "close", min: 1, max: 86_400, unit: "s", default: 0 },
  { name: "info", kind: "flag", group: "handshake", default: false },
  { name: "watch", ...KEY },
  { name: "auth", kind: "text", group: "handshake", max: 256, unit: "characters", default: "", pattern: "^[^:]*:", expected: "USER:PASSWORD of at most 256 characters" },
  { name: "status", kind: "integer", group: "handshake", min: 300, max: 599 },
  { name: "location", kind: "text", group: "handshake", max: 2_048, unit: "characters", default: "", pattern: LOCATION.source, expected: "a path, or a ws, wss, http or https URL, of at most 2048 ASCII characters", needs: "status" },
  { name: "retry", kind: "integer", group: "handshake", min: 0, max: 86_400, unit: "s", needs: "status" },
  { name: "odds", kind: "integer", group: "handshake", min: 1, max: 100, unit: "%", default: 100, needs: "status" },
] as const satisfies readonly Parameter[];

type ValueOf<Row> = Row extends { kind: "text" } ? string
  : Row extends { kind: "flag" } ? boolean
  : Row extends { default: number } ? number
  : number | undefined;

/** The values of all parameters of a connection, by name. */
export type ParameterValues = {
  readonly [Row in typeof PARAMETERS[number] as Row["name"]]: ValueOf<Row>;
};

type ParameterValue = string | number | boolean | undefined;

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
  const values: Record<string, ParameterValue> = {};
  for (const row of PARAMETERS) {
    const value = parseParameter(query, row);
    if (value instanceof Refusal) return value;
    values[row.name] = value ?? defaults[row.name] ??
      ("default" in row ? row.default : undefined);
  }
  const parameters = values as ParameterValues;
  const { status, location } = parameters;
  if (REDIRECTS.includes(status) && location === "") {
    return new Refusal(
      400,
      `Cannot use parameter "status" with value "${status}": it needs the parameter "location"`,
    );
  }
  return parameters;
}

/**
 * Reads the key of a watcher.
 *
 * @returns a refusal when it is missing or invalid
 */
export function parseWatcherKey(query: URLSearchParams): string | Refusal {
  const key = parseParameter(query, { name: "key", ...KEY });
  return key === undefined
    ? new Refusal(
      400,
      `Cannot use parameter "key": it is missing, expected ${WATCH_KEY_EXPECTED}`,
    )
    : key instanceof Refusal
    ? key
    : `${key}`;
}

/** Reads one parameter; undefined when the query has none. */
function parseParameter(
  query: URLSearchParams,
  row: Parameter,
): ParameterValue | Refusal {
  const [text, ...more] = query.getAll(row.name);
  if (more.length > 0) {
    return new Refusal(
      400,
      `Cannot use parameter "${row.name}": it is given ${
        more.length + 1
      } times`,
    );
  }
  if (text === undefined) return undefined;
  return parseValue(row, text) ?? new Refusal(
    400,
    `Cannot use parameter "${row.name}" with value ${quote(text)}: expected ${
      describeRange(row)
    }`,
  );
}

/** Reads one value; undefined when it is out of the row's range. */
function parseValue(row: Parameter, text: string): ParameterValue {
  // Number() alone would accept "", "1e3", "0x10" and " 5" as well.
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  switch (row.kind) {
    case "integer":
      return number >= row.min && number <= row.max ? number : undefined;
    case "text":
      return measure(text, row.unit) <= row.max &&
          new RegExp(row.pattern ?? "").test(text)
        ? text
        : undefined;
    case "code":
      return text.length === 4 &&
          isInRanges(number, row.ranges)
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
      return row.expected ??
        `at most ${row.max} ${
          row.unit === "bytes" ? "bytes of UTF-8" : row.unit
        }`;
    case "code":
      return describeRanges(row.ranges);
    case "flag":
      return "a whole number from 0 to 1";
  }
}
