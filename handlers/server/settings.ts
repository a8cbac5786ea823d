import { resolve } from "@std/path";
import { isToken } from "../websocket/handshake.ts";

/** A setting: its default, and the check of a value. */
export interface Setting<T> {
  /** The value where none is given. */
  readonly default: T;
  /**
   * Checks a value and gives it the form that the service uses.
   *
   * @param name names the setting in the error
   * @throws {TypeError} when the value is of a wrong type
   * @throws {RangeError} when the value is none that the setting can have
   */
  check(name: string, value: unknown): T;
}

/** Bytes in a MiB. */
export const MIB = 1_048_576;

/** Header names that belong to the handshake itself. */
const HANDSHAKE_HEADER =
  /^(connection|upgrade|sec-websocket-.*|content-length|transfer-encoding)$/i;
/**
 * `Headers` accepts control characters, on which the platform panics when it
 * writes them.
 */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** A whole number from `min` to `max`. */
export function integer(
  initial: number,
  min: number,
  max: number,
): Setting<number> {
  const expected = `a whole number from ${min} to ${max}`;
  return number(initial, min, max, expected, Number.isInteger);
}

/** A number of bytes, at least 1. */
export function bytes(initial: number, max: number): Setting<number> {
  const expected = `a whole number of bytes from 1 to ${max} (${max / MIB}MiB)`;
  return number(initial, 1, max, expected, Number.isInteger);
}

/** A number of seconds, which may have a fraction. */
export function seconds(initial: number, max: number): Setting<number> {
  return number(initial, 0, max, `seconds from 0 to ${max}`, Number.isFinite);
}

function number(
  initial: number,
  min: number,
  max: number,
  expected: string,
  isValid: (value: number) => boolean,
): Setting<number> {
  return {
    default: initial,
    check(name, value) {
      if (typeof value !== "number") throw wrongType(name, value, expected);
      if (!(value >= min && value <= max && isValid(value))) {
        throw wrongValue(name, value, expected);
      }
      return value;
    },
  };
}

/**
 * A value of a type of JavaScript, and not empty where `isRequired`. A list is
 * not an object here.
 */
export function ofType<T>(
  type: "string" | "boolean" | "function" | "object",
  initial: T,
  isRequired = false,
): Setting<T> {
  const article = type === "object" ? "an" : "a";
  const expected = `${article} ${type}${
    isRequired ? " that is not empty" : ""
  }`;
  return {
    default: initial,
    check(name, value) {
      if (typeof value !== type || value === null || Array.isArray(value)) {
        throw wrongType(name, value, expected);
      }
      if (isRequired && value === "") throw wrongValue(name, value, expected);
      return value as T;
    },
  };
}

/** A list; `read` gives the form of a string, or undefined for a wrong one. */
export function listOf(
  expected: string,
  read: (value: string) => string | undefined,
): Setting<readonly string[]> {
  return {
    default: [],
    check(name, values) {
      if (!Array.isArray(values)) {
        throw wrongType(name, values, `a list, each ${expected}`);
      }
      return values.map((value: unknown) => {
        if (typeof value !== "string") throw wrongType(name, value, expected);
        const item = read(value);
        if (item === undefined) throw wrongValue(name, value, expected);
        return item;
      });
    },
  };
}

/** A folder that is there, by its full path. */
export const existingFolder: Setting<string | undefined> = {
  default: undefined,
  check(name, value) {
    const folder = ofType("string", "", true).check(name, value);
    try {
      if (Deno.statSync(folder).isDirectory) return resolve(folder);
    } catch (error) {
      // It says what a program has to permit.
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
    throw wrongValue(name, folder, "an existing folder");
  },
};

/** Headers that can be added to a 101. */
export const responseHeaders: Setting<
  readonly (readonly [name: string, value: string])[]
> = {
  default: [],
  check(name, headers) {
    if (!Array.isArray(headers)) {
      throw wrongType(name, headers, "a list of [name, value]");
    }
    return headers.map((header) => checkHeader(name, header));
  },
};

function checkHeader(
  setting: string,
  header: unknown,
): readonly [name: string, value: string] {
  const [name, untrimmed] = Array.isArray(header) ? header : [];
  if (typeof name !== "string" || typeof untrimmed !== "string") {
    throw wrongType(setting, header, "[name, value], both strings");
  }
  const value = untrimmed.trim();
  const line = `${name}: ${value}`;
  if (!isToken(name)) throw wrongValue(setting, line, '"Name: value"');
  if (HANDSHAKE_HEADER.test(name)) {
    throw new RangeError(
      `Cannot use ${setting} ${
        JSON.stringify(line)
      }: ${name} belongs to the handshake itself`,
    );
  }
  if (!HEADER_VALUE.test(value)) {
    throw wrongValue(setting, line, "a value of printable Latin-1 characters");
  }
  return [name, value];
}

/**
 * Checks the names of an object's properties.
 *
 * @throws {TypeError} naming a property that is not known
 */
export function checkNames(
  setting: string,
  value: object,
  known: readonly string[],
) {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw new TypeError(
        `Cannot use ${setting} "${name}": the known names are ${
          known.join(", ")
        }`,
      );
    }
  }
}

/** The error of a setting whose value is of a wrong type. */
export function wrongType(
  name: string,
  value: unknown,
  expected: string,
): TypeError {
  const shown = typeof value === "string"
    ? JSON.stringify(value)
    : Deno.inspect(value);
  return new TypeError(`Cannot use ${name} ${shown}: expected ${expected}`);
}

/** The error of a setting whose value is none that it can have. */
export function wrongValue(
  name: string,
  value: string | number,
  expected: string,
): RangeError {
  return new RangeError(
    `Cannot use ${name} ${JSON.stringify(`${value}`)}: expected ${expected}`,
  );
}
