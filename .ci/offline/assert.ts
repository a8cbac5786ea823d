/**
 * Stands in for `@std/assert` where that cannot be had: what the tests use of
 * it, by `node:assert`. The two differ in what no test relies on: equal errors,
 * 0 and -0, holes in arrays, objects without a prototype.
 *
 * @module
 */
import node from "node:assert/strict";

// deno-lint-ignore no-explicit-any -- a class may take any arguments
type Class<T> = abstract new (...args: any[]) => T;

/** Runs an assertion of node's; its failure shows `msg` besides the values. */
function check(assertion: () => void, msg?: string): void {
  try {
    assertion();
  } catch (error) {
    const { message } = error as Error;
    node.fail(msg ? `${msg}: ${message}` : message);
  }
}

/** Fails if `expr` is falsy. */
export function assert(expr: unknown, msg?: string): asserts expr {
  node.ok(expr, msg || "Assertion failed");
}

/** Fails unless the values are equal in depth. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  check(() => node.deepEqual(actual, expected), msg);
}

/** Fails if the values are equal in depth. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  check(() => node.notDeepEqual(actual, expected), msg);
}

/** Fails unless the values are the same by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  check(() => node.equal(actual, expected), msg);
}

/** Fails unless `actual` is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Class<T>,
  msg?: string,
): asserts actual is T {
  check(
    () => node.ok(actual instanceof expectedType, `${actual} is no instance`),
    msg,
  );
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  check(() => node.match(actual, expected), msg);
}

/** Fails unless `expected` is found in `actual`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  assertRelation(actual.includes(expected), actual, "contains", expected, msg);
}

/** Fails unless `actual` > `expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  assertRelation(actual > expected, actual, ">", expected, msg);
}

/** Fails unless `actual` >= `expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  assertRelation(actual >= expected, actual, ">=", expected, msg);
}

/** Fails unless `actual` < `expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  assertRelation(actual < expected, actual, "<", expected, msg);
}

/** Fails unless `actual` <= `expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  assertRelation(actual <= expected, actual, "<=", expected, msg);
}

/** Fails unless `fn` throws an `E` whose message has `msgIncludes` in it. */
export function assertThrows<E extends Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E {
  let result: unknown;
  try {
    result = fn();
  } catch (error) {
    return assertError(error, ErrorClass, msgIncludes, msg);
  }
  node.fail(`${msg ?? "Expected a throw"}: ${Deno.inspect(result)}`);
}

/** Fails unless its promise rejects with such an error. */
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E> {
  const [result] = await Promise.allSettled([fn()]);
  if (result.status === "fulfilled") {
    node.fail(
      `${msg ?? "Expected a rejection"}: ${Deno.inspect(result.value)}`,
    );
  }
  return assertError(result.reason, ErrorClass, msgIncludes, msg);
}

function assertError<E extends Error>(
  error: unknown,
  ErrorClass: Class<E>,
  msgIncludes = "",
  msg?: string,
): E {
  const text = `Expected a ${ErrorClass.name}: ${Deno.inspect(error)}`;
  check(() => node.ok(error instanceof ErrorClass, text), msg);
  assertStringIncludes((error as E).message, msgIncludes, msg);
  return error as E;
}

function assertRelation(
  holds: boolean,
  actual: unknown,
  relation: string,
  expected: unknown,
  msg?: string,
): void {
  const text = `Expected: ${Deno.inspect(actual)} ${relation} ${
    Deno.inspect(expected)
  }`;
  check(() => node.ok(holds, text), msg);
}
