import { assertEquals } from "@std/assert";
import { LineBatch } from "../../handlers/workers/line_batch.ts";

Deno.test("LineBatch.flush() sends the lines so far as one, and each once", () => {
  const sent: string[] = [];
  const lines = new LineBatch((lines) => sent.push(lines));
  lines.flush();
  lines.write("a");
  lines.write("b");
  assertEquals(sent, []);
  lines.flush();
  lines.flush();
  lines.write("c");
  lines.flush();
  assertEquals(sent, ["a\nb", "c"]);
});

Deno.test("LineBatch.write() sends by itself what has become much", () => {
  const sent: string[] = [];
  const lines = new LineBatch((lines) => sent.push(lines));
  const line = "x".repeat(40_000);
  for (let i = 0; i < 5; i++) lines.write(line);
  assertEquals(sent, [`${line}\n${line}`, `${line}\n${line}`]);
});
