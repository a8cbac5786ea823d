import { assertEquals } from "@std/assert";
import {
  chooseSubprotocol,
  isToken,
} from "../../handlers/websocket/handshake.ts";

/** An offer, what the service supports, and what is selected. */
// deno-fmt-ignore
const OFFERS: [offer: string | null, supported: string[], selected?: string][] = [
  [null, []],
  [null, ["chat"]],
  ["", []],
  ["chat", [], "chat"],
  ["b, a", [], "b"],
  ["bad one, (b), a", [], "a"],
  [",, ,a", [], "a"],
  ["bad one", []],
  ["a,chat", ["chat"], "chat"],
  ["a ,\tchat ", ["chat"], "chat"],
  ["a, b", ["b", "a"], "b"],
  ["a", ["b", "a"], "a"],
  ["a, b", ["c"]],
  ["Chat, chat2", ["chat"]],
];

Deno.test("chooseSubprotocol() selects by preference, else the first offer", () => {
  for (const [offer, supported, selected] of OFFERS) {
    assertEquals(chooseSubprotocol(offer, supported), selected, `${offer}`);
  }
});

Deno.test("isToken() accepts the characters of RFC 9110 section 5.6.2", () => {
  const others = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i))
    .filter((character) => !isToken(character)).join("");
  const visible = others.replace(/[^!-~]/g, "");
  assertEquals(visible, '"(),/:;<=>?@[\\]{}');
  assertEquals(others.length, 256 - 77);
  assertEquals(["", "a b", "a\n"].filter(isToken), []);
});
