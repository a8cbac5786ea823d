import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  acceptKey,
  checkHandshake,
  chooseSubprotocol,
  isToken,
  parseOrigin,
  wantsWebSocket,
} from "../handlers/handshake.ts";
import { HEADER_REFUSALS } from "./handshake_refusals.ts";
import {
  type HandshakeOptions,
  handshakeRequest,
  SAMPLE_KEY,
} from "./support/raw_client.ts";

/** The method and headers of a request as the service sees them. */
function parse(request: HandshakeOptions): [method: string, Headers] {
  const [first = "", ...lines] = handshakeRequest(request).trimEnd()
    .split("\r\n");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  return [first.split(" ")[0]!, headers];
}

const ORIGINS = ["http://a.example", "https://b.example:8443"];

const ACCEPTED: Record<string, HandshakeOptions> = {
  "the least that RFC 6455 asks for": {},
  "a list of connection tokens": {
    replace: { Connection: "keep-alive, Upgrade" },
  },
  "a list without spaces": { replace: { Connection: "keep-alive,UPGRADE" } },
  "tokens over several lines": {
    replace: { Connection: "keep-alive" },
    headers: [["Connection", "upgrade"]],
  },
  "any 16 bytes": {
    replace: { "Sec-WebSocket-Key": "+/+/+/+/+/+/+/+/+/+/+w==" },
  },
  "an allowed origin": { headers: [["Origin", "http://a.example"]] },
  "another allowed origin": {
    headers: [["Origin", "https://b.example:8443"]],
  },
  "an allowed origin in upper case": {
    headers: [["Origin", "HTTP://A.Example"]],
  },
  "an allowed origin with the default port": {
    headers: [["Origin", "http://a.example:80"]],
  },
};

for (const [name, request] of Object.entries(ACCEPTED)) {
  Deno.test(`checkHandshake() accepts ${name}`, () => {
    const rules = { origins: ORIGINS };
    assertEquals(checkHandshake(...parse(request), rules), undefined);
  });
}

Deno.test("checkHandshake() accepts every origin where none is listed", () => {
  for (const origin of ["http://evil.example", "null", "", "a b"]) {
    const request = parse({ headers: [["Origin", origin]] });
    assertEquals(checkHandshake(...request, { origins: [] }), undefined);
  }
});

Deno.test("checkHandshake() accepts the origin null where it is listed", () => {
  const request = parse({ headers: [["Origin", "null"]] });
  assertEquals(checkHandshake(...request, { origins: ["null"] }), undefined);
});

for (const [name, expected] of Object.entries(HEADER_REFUSALS)) {
  Deno.test(`checkHandshake() refuses ${name}`, () => {
    const refusal = checkHandshake(...parse(expected.request), {
      origins: expected.service?.origins ?? [],
    });
    assertEquals(refusal?.status, expected.status);
    for (const word of expected.names) {
      assertStringIncludes(refusal!.message, word);
    }
    const headers = new Headers(refusal?.headers);
    for (const [name, value] of Object.entries(expected.headers ?? {})) {
      assertEquals(headers.get(name), value);
    }
  });
}

Deno.test("checkHandshake() refuses every method but GET", () => {
  for (const method of ["HEAD", "PUT", "DELETE", "get"]) {
    const [, headers] = parse({});
    const refusal = checkHandshake(method, headers, { origins: [] });
    assertEquals(refusal?.status, 405, method);
    assertEquals(refusal?.headers, { "Allow": "GET" });
    assertStringIncludes(refusal!.message, method);
  }
});

Deno.test("checkHandshake() tells a long value by its beginning", () => {
  const request = parse({
    replace: { "Sec-WebSocket-Key": "k".repeat(5_000) },
  });
  const refusal = checkHandshake(...request, { origins: [] });
  assertStringIncludes(refusal!.message, `"${"k".repeat(100)}…"`);
  assertEquals(refusal!.message.length < 200, true);
});

Deno.test("wantsWebSocket() finds the token in any list and letter case", () => {
  const cases: [lines: string[], expected: boolean][] = [
    [["websocket"], true],
    [["WebSocket"], true],
    [["WEBSOCKET"], true],
    [["h2c, websocket"], true],
    [["h2c,\twebsocket,x"], true],
    [["h2c", "websocket"], true],
    [[], false],
    [[""], false],
    [["h2c"], false],
    [["websocket2"], false],
    [["websocket x"], false],
    [["websocket/13"], false],
  ];
  for (const [lines, expected] of cases) {
    const headers = new Headers(
      lines.map((line): [string, string] => ["Upgrade", line]),
    );
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

for (const [offer, ours, agreed] of OFFERS) {
  const name = `${agreed ?? "nothing"} of ${Deno.inspect(offer)}`;
  Deno.test(`chooseSubprotocol() agrees on ${name} by ${Deno.inspect(ours)}`, () => {
    assertEquals(chooseSubprotocol(offer, ours), agreed);
  });
}

Deno.test("parseOrigin() gives the form that browsers send", () => {
  const forms: Record<string, string | undefined> = {
    "http://a.example": "http://a.example",
    "HTTP://A.EXAMPLE:80/": "http://a.example",
    "https://a.example:443": "https://a.example",
    "https://a.example:80": "https://a.example:80",
    "http://[::1]:3000": "http://[::1]:3000",
    "http://bücher.example": "http://xn--bcher-kva.example",
    "moz-extension://abc": "moz-extension://abc",
    "null": "null",
    "": undefined,
    "*": undefined,
    "a.example": undefined,
    "localhost:3000": undefined,
    "http://a.example/x": undefined,
    "http://a.example?x": undefined,
    "http://a.example#x": undefined,
    "http://u:p@a.example": undefined,
    "http://a.example, http://b.example": undefined,
    "file:///a": undefined,
  };
  for (const [text, origin] of Object.entries(forms)) {
    assertEquals(parseOrigin(text), origin, text);
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
  assertEquals([isToken(""), isToken("a b"), isToken("a\n")], [
    false,
    false,
    false,
  ]);
});
