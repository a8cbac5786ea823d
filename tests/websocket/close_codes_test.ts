import { assertEquals } from "@std/assert";
import {
  CLOSE_CODE,
  MAX_REASON_BYTES,
  SENDABLE_CLOSE_CODES,
} from "../../handlers/websocket/close_codes.ts";

Deno.test("SENDABLE_CLOSE_CODES holds the ranges of RFC 6455 section 7.4 and IANA", () => {
  assertEquals(SENDABLE_CLOSE_CODES, [[1000, 1003], [1007, 1014], [
    3000,
    4999,
  ]]);
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

Deno.test("CLOSE_CODE codes are sendable, except for those never on the wire", () => {
  const unsendable = Object.entries(CLOSE_CODE).filter(([, code]) =>
    !SENDABLE_CLOSE_CODES.some(([min, max]) => code >= min && code <= max)
  );
  assertEquals(unsendable.map(([name]) => name), ["noStatus", "abnormal"]);
});

Deno.test("MAX_REASON_BYTES fills a control frame beside the code", () => {
  // RFC 6455 section 5.5: 125 bytes of payload, two of them the code.
  assertEquals(MAX_REASON_BYTES, 125 - 2);
});
