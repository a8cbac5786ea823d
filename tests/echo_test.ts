import { assertEquals, assertStrictEquals } from "@std/assert";
import { echo } from "../handlers/echo.ts";

Deno.test("echo() gives text back as it is", () => {
  for (const text of ["", "Hello", "ß\0\r\n", "文字 😀", "\ufeffmark"]) {
    assertStrictEquals(echo(text), text);
  }
});

Deno.test("echo() gives the very same buffer back, untouched", () => {
  for (const bytes of [[], [0], [0xff, 0xfe, 0x80, 0]]) {
    const buffer = new Uint8Array(bytes).buffer;
    assertStrictEquals(echo(buffer), buffer);
    assertEquals(Array.from(new Uint8Array(buffer)), bytes);
  }
});
