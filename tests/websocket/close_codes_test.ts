import { assertEquals, assertMatch } from "@std/assert";
import {
  CLOSE_CODE,
  isSendableCloseCode,
  MAX_REASON_BYTES,
  SENDABLE_CLOSE_CODES,
} from "../handlers/close_code.ts";

Deno.test("isSendableCloseCode() accepts what may stand in a frame", () => {
  const ranges: [first: number, last: number][] = [];
  for (let code = -1; code <= 65_536; code++) {
    if (!isSendableCloseCode(code)) continue;
    const range = ranges.at(-1);
    if (range?.[1] === code - 1) range[1] = code;
    else ranges.push([code, code]);
  }
  assertEquals(ranges, [[1000, 1003], [1007, 1014], [3000, 4999]]);
});

Deno.test("isSendableCloseCode() refuses what is not a whole number", () => {
  for (const code of [NaN, Infinity, -Infinity, 1000.5, 3000.1]) {
    assertEquals(isSendableCloseCode(code), false, `${code}`);
  }
});

Deno.test("SENDABLE_CLOSE_CODES tells the ranges of isSendableCloseCode()", () => {
  const ranges = Array.from(
    SENDABLE_CLOSE_CODES.matchAll(/(\d+)-(\d+)/g),
    ([, first, last]) => [Number(first), Number(last)] as const,
  );
  assertMatch(SENDABLE_CLOSE_CODES, /^\d+-\d+, \d+-\d+ and \d+-\d+$/);
  for (const [first, last] of ranges) {
    assertEquals(
      [first - 1, first, last, last + 1].map(isSendableCloseCode),
      [false, true, true, false],
    );
  }
});

Deno.test("CLOSE_CODE holds the numbers of RFC 6455 section 7.4.1", () => {
  assertEquals(CLOSE_CODE, {
    normal: 1000,
    goingAway: 1001,
    noStatus: 1005,
    abnormal: 1006,
    invalidPayload: 1007,
    messageTooBig: 1009,
    internalError: 1011,
    tryAgainLater: 1013,
  });
});

Deno.test("CLOSE_CODE codes are sendable, but for those never on the wire", () => {
  const unsendable = Object.entries(CLOSE_CODE)
    .filter(([, code]) => !isSendableCloseCode(code))
    .map(([name]) => name);
  assertEquals(unsendable, ["noStatus", "abnormal"]);
});

Deno.test("MAX_REASON_BYTES fills a control frame, the code aside", () => {
  // RFC 6455 section 5.5: 125 bytes of payload, two of them the code.
  assertEquals(MAX_REASON_BYTES, 125 - 2);
});
