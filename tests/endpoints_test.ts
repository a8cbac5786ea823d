import { assertEquals, assertMatch } from "@std/assert";
import { ENDPOINT_NAMES, ENDPOINTS } from "../handlers/endpoints.ts";

Deno.test("ENDPOINTS has names for options, and paths without a slash at the end", () => {
  assertEquals<readonly string[]>(ENDPOINT_NAMES, Object.keys(ENDPOINTS));
  for (const name of ENDPOINT_NAMES) assertMatch(name, /^[a-z][a-z0-9-]*$/);
  const paths: string[] = ENDPOINT_NAMES.flatMap((name) => [
    ...ENDPOINTS[name].paths,
  ]);
  for (const path of paths) assertMatch(path, /^\/([^?#]*[^?#/])?$/);
  assertEquals(new Set(paths).size, paths.length, "no path stands twice");
});
