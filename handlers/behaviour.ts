/** What a URL asks of its connection, beyond its endpoint's replies. */
export interface Behaviour {
  /** Goes before every text reply. */
  prefix: string;
  /** Milliseconds between a message and its reply. */
  delay: number;
  /** Milliseconds between messages that the server sends unasked; 0: none. */
  push: number;
  /** When and how the server closes. */
  close?: ScheduledClose;
  /** Whether the first message describes the connection. */
  info: boolean;
}

/** A close that the server begins by itself. */
export interface ScheduledClose {
  code: number;
  reason: string;
  /** Answered messages before the close; 0: as soon as the connection opens. */
  after: number;
}

export interface BehaviourRules {
  /** The prefix of a URL that chooses none. */
  prefix: string;
  /** Whether the server may close with a code. */
  isCloseCode(code: number): boolean;
  /** Those codes, as a person reads them. */
  closeCodes: string;
  /** The longest reason, in UTF-8 bytes. */
  maxReasonBytes: number;
}

const MAX_PREFIX_CHARACTERS = 1_024;
const PARAMETERS = [
  "prefix",
  "delay",
  "push",
  "close",
  "reason",
  "after",
  "info",
] as const;
type Parameter = typeof PARAMETERS[number];

const encoder = new TextEncoder();

/**
 * Reads the connection behaviour from a URL's parameters. Unknown parameters
 * are ignored; `reason` and `after` have no effect without `close`.
 *
 * @throws {RangeError} naming the parameter, its value and its range
 */
export function parseBehaviour(
  parameters: URLSearchParams,
  rules: BehaviourRules,
): Behaviour {
  const given = new Map<Parameter, string>();
  for (const name of PARAMETERS) {
    const values = parameters.getAll(name);
    if (values.length > 1) {
      throw new RangeError(
        `Cannot use parameter "${name}": it is given ${values.length} times`,
      );
    }
    if (values[0] !== undefined) given.set(name, values[0]);
  }

  const whole = (name: Parameter, min: number, max: number) =>
    parseWhole(name, given.get(name), min, max);
  const prefix = given.get("prefix") ?? rules.prefix;
  if (given.has("prefix") && [...prefix].length > MAX_PREFIX_CHARACTERS) {
    throw outOfRange(
      "prefix",
      prefix,
      `at most ${MAX_PREFIX_CHARACTERS} characters`,
    );
  }
  const delay = whole("delay", 0, 60_000) ?? 0;
  const push = whole("push", 10, 3_600_000) ?? 0;
  const info = whole("info", 0, 1) === 1;

  const reason = given.get("reason") ?? "";
  if (encoder.encode(reason).length > rules.maxReasonBytes) {
    throw outOfRange(
      "reason",
      reason,
      `at most ${rules.maxReasonBytes} bytes of UTF-8`,
    );
  }
  const after = whole("after", 0, 1_000_000) ?? 0;
  const code = given.get("close");
  if (
    code !== undefined &&
    !(/^\d{4}$/.test(code) && rules.isCloseCode(Number(code)))
  ) {
    throw outOfRange("close", code, `a code of ${rules.closeCodes}`);
  }

  return {
    prefix,
    delay,
    push,
    ...(code === undefined
      ? {}
      : { close: { code: Number(code), reason, after } }),
    info,
  };
}

function parseWhole(
  name: Parameter,
  value: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  // Digits alone: Number() would also take "", "1e3", "0x10" and " 5".
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw outOfRange(name, value, `a whole number from ${min} to ${max}`);
  }
  return number;
}

function outOfRange(name: Parameter, value: string, range: string) {
  // A value can be as long as a request line; its beginning tells which it was.
  const shown = value.length > 100 ? `${value.slice(0, 100)}…` : value;
  return new RangeError(
    `Cannot use parameter "${name}" with value ${
      JSON.stringify(shown)
    }: expected ${range}`,
  );
}
