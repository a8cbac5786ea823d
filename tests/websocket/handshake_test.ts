import { assertEquals } from "@std/assert";
import {
  acceptKey,
  chooseSubprotocol,
  isToken,
  wantsWebSocket,
} from "../../handlers/websocket/handshake.ts";
import { SAMPLE_KEY } from "../support/raw_client.ts";

Deno.test("wantsWebSocket() finds the token in any list and letter case", () => {
  const accepted = [
    ["websocket"],
    ["WebSocket"],
    ["h2c, WEBSOCKET"],
    ["h2c,\twebsocket,x"],
    ["h2c", "websocket"],
  ];
  const refused = [[], [""], ["h2c"], ["websocket2"], ["websocket x"], [
    "websocket/13",
  ]];
  for (const lines of [...accepted, ...refused]) {
    const headers = new Headers(
      lines.map((line): [string, string] => ["Upgrade", line]),
    );
    const expected = accepted.includes(lines);
    assertEquals(wantsWebSocket(headers), expected, Deno.inspect(lines));
  }
});

Deno.test("acceptKey() gives what tutorials and RFC 6455 print", () => {
  const pairs = {
    [SAMPLE_KEY]: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    "f7cb4ezEAl6C3wRaU6JORA==": "rE91AJhfC+6JdVcVXOGJEADEJdQ=",
    "PCD+pA79juC6tlBK9zD3Vw==": "8+5CLWTBYLARKoxBxS5uk6s6zZo=",
  };
  for (const [key, accept] of Object.entries(pairs)) {
    assertEquals(acceptKey(key), accept);
  }
});

/** An offer, what the service speaks, and what is agreed. */
const OFFERS: [offer: string | null, ours: string[], agreed?: string][] = [
  [null, []],
  [null, ["chat"]],
  ["", []],
  ["chat", [], "chat"],
  ["b, a", [], "b"],
  ["bad one, (b), a", [], "a"],
  [",, ,a", [], "a"],
  ["bad one", []],
  ["chat", ["chat"], "chat"],
  ["a,chat", ["chat"], "chat"],
  ["a ,\tchat ", ["chat"], "chat"],
  ["a, b", ["b", "a"], "b"],
  ["a", ["b", "a"], "a"],
  ["a, b", ["c"]],
  ["Chat", ["chat"]],
  ["chat2", ["chat"]],
];

Deno.test("chooseSubprotocol() selects by our preference, else the first offer", () => {
  for (const [offer, ours, agreed] of OFFERS) {
    assertEquals(chooseSubprotocol(offer, ours), agreed, `${offer} ${ours}`);
  }
});

Deno.test("isToken() accepts the characters of RFC 9110 section 5.6.2", () => {
  const characters = Array.from(
    { length: 256 },
    (_, code) => String.fromCharCode(code),
  );
  const others = characters.filter((character) => !isToken(character)).join("");
  const visible = others.replace(/[^!-~]/g, "");
  assertEquals(visible, '"(),/:;<=>?@[\\]{}');
  assertEquals(others.length, 256 - 77);
  assertEquals(["", "a b", "a\n"].filter(isToken), []);
});
