import { assertEquals } from "@std/assert";
import {
  CLOSE_CODE,
  MAX_REASON_BYTES,
  SENDABLE_CLOSE_CODES,
} from "../../handlers/websocket/close_codes.ts";

Deno.test("CLOSE_CODE and its limits follow RFC 6455 section 7.4 and IANA", () => {
  assertEquals(SENDABLE_CLOSE_CODES, [[1000, 1003], [1007, 1014], [
    3000,
    4999,
  ]]);
  assertEquals(CLOSE_CODE, {
    normal: 1000,
    goingAway: 1001,
    abnormal: 1006,
    invalidPayload: 1007,
    messageTooBig: 1009,
    internalError: 1011,
    tryAgainLater: 1013,
  });
  // RFC 6455 section 5.5: 125 bytes of payload, two of them the code.
  assertEquals(MAX_REASON_BYTES, 125 - 2);
});
