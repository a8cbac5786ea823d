/**
 * Stands in for `@std/path` where that cannot be had: exactly what is used of
 * it, with the same results.
 *
 * @module
 */
import * as path from "node:path";

/** Joins path segments and normalizes the result; no segments give ".". */
export function join(path1?: string, ...paths: string[]): string {
  return path1 === undefined ? "." : path.join(path1, ...paths);
}

/**
 * Gives the last segment of a path, without `suffix` if it ends in that.
 * Trailing slashes are ignored.
 */
export function basename(path1: string, suffix = ""): string {
  return path.basename(path1, suffix);
}
