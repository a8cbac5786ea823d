import { assertStrictEquals } from "@std/assert";
import { echo } from "../handlers/echo.ts";

Deno.test("echo() gives the very same message back", () => {
  for (const text of ["", "Hello", "ß\0\r\n", "文字 😀", "\ufeffmark"]) {
    assertStrictEquals(echo(text), text);
  }
  const { buffer } = new Uint8Array([0xff, 0xfe, 0x80, 0]);
  assertStrictEquals(echo(buffer), buffer);
});
