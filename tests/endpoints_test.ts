import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
} from "@std/assert";
import { ENDPOINT_NAMES, ENDPOINTS } from "../handlers/endpoints.ts";
import { PayloadError } from "../handlers/handler.ts";

const INVALID_UTF8 = new Uint8Array([0xff]).buffer;

Deno.test("ENDPOINTS has names for options, and paths without a slash at the end", () => {
  assertEquals<readonly string[]>(ENDPOINT_NAMES, Object.keys(ENDPOINTS));
  for (const name of ENDPOINT_NAMES) assertMatch(name, /^[a-z][a-z0-9-]*$/);
  const paths: string[] = ENDPOINT_NAMES.flatMap((name) => [
    ...ENDPOINTS[name].paths,
  ]);
  for (const path of paths) assertMatch(path, /^\/([^?#]*[^?#/])?$/);
  assertEquals(new Set(paths).size, paths.length, "no path stands twice");
});

Deno.test("ENDPOINTS has handlers that return a message or throw a PayloadError", () => {
  for (const name of ENDPOINT_NAMES) {
    for (const message of ["", "a", new ArrayBuffer(0), INVALID_UTF8]) {
      try {
        // A promise would be sent as "[object Promise]".
        const reply: unknown = ENDPOINTS[name].handler(message);
        assert(typeof reply === "string" || reply instanceof ArrayBuffer, name);
      } catch (error) {
        assertInstanceOf(error, PayloadError, name);
      }
    }
  }
});
