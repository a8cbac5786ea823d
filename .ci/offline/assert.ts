/**
 * Stands in for `@std/assert` where that cannot be had: what the tests use of
 * it, built on `node:assert`. Where the two differ this one is the stricter
 * (0 is not -0, an object without a prototype is not a plain one), so that what
 * passes here passes there.
 *
 * @module
 */
import node from "node:assert";

/** What every failed assertion throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

// deno-lint-ignore no-explicit-any -- a class may take any arguments
type Class<T> = abstract new (...args: any[]) => T;

/** Throws an AssertionError with the first text that is not empty. */
function refuse(...texts: (string | undefined)[]): never {
  throw new AssertionError(texts.filter(Boolean).join(": "));
}

/** Runs a comparison of node's; what it throws gets our class and `msg`. */
function compare(comparison: () => void, msg?: string): void {
  try {
    comparison();
  } catch (error) {
    refuse(msg, (error as Error).message);
  }
}

/** Fails if `expr` is falsy. */
export function assert(expr: unknown, msg?: string): asserts expr {
  if (!expr) refuse(msg || "Assertion failed");
}

/** Fails if `expr` is truthy. */
export function assertFalse(
  expr: unknown,
  msg?: string,
): asserts expr is false | 0 | 0n | "" | null | undefined {
  if (expr) refuse(msg || "Expected a falsy value");
}

/** Always fails. */
export function fail(msg?: string): never {
  refuse("Failed assertion", msg);
}

/** Fails unless the values are equal in depth. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  compare(() => node.deepStrictEqual(actual, expected), msg);
}

/** Fails if the values are equal in depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  compare(() => node.notDeepStrictEqual(actual, expected), msg);
}

/** Fails unless the values are the same by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  compare(() => node.strictEqual(actual, expected), msg);
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  compare(() => node.match(actual, expected), msg);
}

/** Fails unless `expected` is found in `actual`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (!actual.includes(expected)) {
    refuse(msg, `Expected ${quote(actual)} to contain ${quote(expected)}`);
  }
}

/** Fails if `actual` is null or undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    refuse(msg, `Expected a value, got ${actual}`);
  }
}

/** Fails unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends Class<unknown>>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) {
    refuse(msg, `Expected ${quote(actual)} to be a ${expectedType.name}`);
  }
}

/** Fails unless `actual` > `expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) refuse(msg, relation(actual, ">", expected));
}

/** Fails unless `actual` >= `expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) refuse(msg, relation(actual, ">=", expected));
}

/** Fails unless `actual` < `expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) refuse(msg, relation(actual, "<", expected));
}

/** Fails unless `actual` <= `expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) refuse(msg, relation(actual, "<=", expected));
}

/** Fails unless `actual` has everything that `expected` has, in depth. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any -- as in the package
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  compare(() => node.deepStrictEqual(select(actual, expected), expected), msg);
}

/** Fails unless `fn` throws; gives what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Fails unless `fn` throws an `E` whose message has `msgIncludes` in it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  let result: unknown;
  try {
    result = fn();
  } catch (error) {
    return judge(error, classOrMsg, msgIncludes, msg);
  }
  refuse(note(classOrMsg, msg), `Expected a throw, got ${quote(result)}`);
}

/** Fails unless the promise of `fn` rejects; gives what it rejected with. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Fails unless it rejects with an `E` whose message has `msgIncludes`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch {
    refuse(note(classOrMsg, msg), "Expected a rejection, got a throw");
  }
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return judge(error, classOrMsg, msgIncludes, msg);
  }
  refuse(note(classOrMsg, msg), `Expected a rejection, got ${quote(result)}`);
}

/** Gives a thrown value back if it is of the class and message expected. */
function judge(
  error: unknown,
  classOrMsg: Class<Error> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): unknown {
  if (typeof classOrMsg !== "function") return error;
  assertInstanceOf(error, classOrMsg, msg);
  assertStringIncludes(error.message, msgIncludes ?? "", msg);
  return error;
}

/** The caller's text, which stands second where no class is given. */
function note(
  classOrMsg: Class<Error> | string | undefined,
  msg: string | undefined,
): string | undefined {
  return typeof classOrMsg === "string" ? classOrMsg : msg;
}

/** The part of `actual` that the keys of `expected` select, in depth. */
function select(actual: unknown, expected: unknown): unknown {
  if (!isPlain(actual) || !isPlain(expected)) return actual;
  return Object.fromEntries(
    Reflect.ownKeys(expected)
      .filter((key) => key in actual)
      .map((key) => [key, select(actual[key], expected[key])]),
  );
}

function isPlain(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function relation(actual: unknown, sign: string, expected: unknown): string {
  return `Expected ${quote(actual)} ${sign} ${quote(expected)}`;
}

function quote(value: unknown): string {
  return Deno.inspect(value);
}
