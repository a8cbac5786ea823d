import { assert, assertEquals } from "@std/assert";
import { refuseAsRequested } from "../../handlers/websocket/requested_refusal.ts";
import { parametersOf } from "../support/parameters.ts";
import { exchange, handshakeRequest } from "../support/raw_client.ts";
import { startTestService } from "../support/service.ts";

const CHALLENGE = 'Basic realm="wsecho", charset="UTF-8"';

function refuse(query: string, authorization: string | null = null) {
  return refuseAsRequested(parametersOf(query), authorization);
}

Deno.test("refuseAsRequested() demands the credentials, whatever the scheme's letter case", () => {
  const query = `auth=${encodeURIComponent("jörg:a:b")}`;
  const right = btoa(
    String.fromCharCode(...new TextEncoder().encode("jörg:a:b")),
  );
  for (const scheme of ["Basic", "basic", "BASIC "]) {
    assertEquals(refuse(query, `${scheme} ${right}`), undefined, scheme);
  }
  const wrong = [
    null,
    "",
    right,
    `Bearer ${right}`,
    `Basic ${right}=`,
    "Basic",
  ];
  for (const value of wrong) {
    const refusal = refuse(`${query}&status=503`, value);
    assertEquals(refusal?.status, 401, `${value}`);
    const challenge = refusal?.headers["WWW-Authenticate"];
    assertEquals(challenge, CHALLENGE);
    assert(!refusal?.message.includes("jörg"), "it does not tell them");
  }
  assertEquals(refuse(`${query}&status=503`, `Basic ${right}`)?.status, 503);
});

Deno.test("refuseAsRequested() refuses the share of the odds, a seed always alike", () => {
  const outcomes = (odds: number) =>
    Array.from(
      { length: 1_000 },
      (_, seed) => refuse(`status=503&odds=${odds}&seed=${seed}`) ? 1 : 0,
    );
  const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
  assertEquals(sum(outcomes(100)), 1_000);
  // These numbers are part of the interface: tests of clients rely on them.
  assertEquals([sum(outcomes(30)), sum(outcomes(1))], [287, 8]);
  assertEquals(outcomes(50).slice(0, 20).join(""), "00101100000111100001");
  assertEquals(outcomes(50), outcomes(50));
});

Deno.test("the service answers a handshake with the status that it asks for", async () => {
  await using service = startTestService();
  const answers: [query: string, expected: Record<string, string>][] = [
    ["status=503&retry=0", { status: "503", "retry-after": "0" }],
    ["status=418&location=/x", { status: "418", location: "/x" }],
    ["status=304", { status: "304" }],
    [
      `status=307&location=${encodeURIComponent("wss://h.example/a?b=%20#c")}`,
      { status: "307", location: "wss://h.example/a?b=%20#c" },
    ],
    ["auth=a:b", { status: "401", challenge: CHALLENGE }],
    ["status=401", { status: "401", challenge: CHALLENGE }],
    ["status=599&odds=100", { status: "599" }],
  ];
  for (const [query, expected] of answers) {
    const request = handshakeRequest({ path: `/uppercase?${query}` });
    const { status, headers, body } = await exchange(service.port, request);
    assertEquals(`${status}`, expected.status, query);
    assertEquals(headers.get("location"), expected.location ?? null, query);
    const retry = expected["retry-after"] ?? null;
    assertEquals(headers.get("retry-after"), retry, query);
    const challenge = headers.get("www-authenticate");
    assertEquals(challenge, expected.challenge ?? null, query);
    const lines = status === 304
      ? ""
      : `${service.log.entries.at(-1)?.message}\n`;
    assertEquals(body, lines, query);
  }
  assertEquals(service.log.of("refused").length, answers.length);
  assertEquals(service.errors, []);
});
