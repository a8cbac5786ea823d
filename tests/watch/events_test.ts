import { assertEquals } from "@std/assert";
import {
  errorText,
  MAX_SHOWN_BYTES,
  messageEvent,
} from "../../handlers/watch/events.ts";
import { byteLength } from "../../handlers/websocket/payload.ts";

const LONG = "x".repeat(MAX_SHOWN_BYTES - 1);
const MOUSE = "\u{1f42d}";

/** A payload, and what is shown of it if that is not the whole. */
const TEXTS: [name: string, text: string, shown?: string][] = [
  ["an empty text", ""],
  ["a text of the limit", `${LONG}x`],
  ["a text beyond it", `${LONG}xy`, `${LONG}x`],
  ["a character that the limit cuts", `${LONG}${MOUSE}`, LONG],
  ["one that ends at the limit", `${LONG.slice(3)}${MOUSE}`],
  ["one after it", `${LONG.slice(3)}${MOUSE}${MOUSE}`, LONG.slice(3) + MOUSE],
];

for (const [name, text, shown] of TEXTS) {
  Deno.test(`messageEvent() shows of a text at most 64 KiB: ${name}`, () => {
    const size = byteLength(text);
    const { time, ...event } = messageEvent(7, "in", text, size);
    assertEquals(new Date(time).toISOString(), time);
    assertEquals<unknown>(event, {
      event: "message",
      id: 7,
      direction: "in",
      type: "text",
      size,
      text: shown ?? text,
      ...(shown === undefined ? {} : { truncated: true }),
    });
  });
}

Deno.test("messageEvent() shows half a character as a replacement", () => {
  const text = `a${MOUSE[0]}`;
  assertEquals(messageEvent(1, "in", text, byteLength(text)).text, "a\ufffd");
});

Deno.test("messageEvent() shows of a binary payload at most 64 KiB", () => {
  const bytes = Uint8Array.from({ length: MAX_SHOWN_BYTES + 1 }, (_, i) => i);
  const whole = bytes.buffer.slice(0, MAX_SHOWN_BYTES);
  const base64 = new Uint8Array(whole).toBase64();
  const { time: _, ...event } = messageEvent(
    7,
    "out",
    bytes.buffer,
    bytes.length,
  );
  assertEquals<unknown>(event, {
    event: "message",
    id: 7,
    direction: "out",
    type: "binary",
    size: bytes.length,
    base64,
    truncated: true,
  });
  const uncut = messageEvent(7, "out", whole, whole.byteLength);
  assertEquals([uncut.base64, uncut.truncated], [base64, undefined]);
});

Deno.test("errorText() has the command as it came", () => {
  const text = errorText('Cannot read "a"', '{ "command" : 1.0 }');
  assertEquals(
    text,
    '{"event":"error","message":"Cannot read \\"a\\"","command":{ "command" : 1.0 }}',
  );
});
