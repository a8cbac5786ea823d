/**
 * Stands in for `@std/path` where that cannot be had: what is used of it.
 *
 * @module
 */
export { extname, join } from "node:path";
