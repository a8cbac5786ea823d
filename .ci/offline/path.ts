/**
 * Stands in for `@std/path` where that cannot be had: what is used of it.
 *
 * @module
 */
export { extname, isAbsolute, join, relative, resolve } from "node:path";
