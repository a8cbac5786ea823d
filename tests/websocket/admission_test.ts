import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { ENDPOINTS } from "../../handlers/endpoints.ts";
import {
  type AdmissionRules,
  admit,
} from "../../handlers/websocket/admission.ts";
import type { HandshakeRequest } from "../../handlers/websocket/handshake.ts";
import {
  type ParameterValues,
  parseParameters,
} from "../../handlers/websocket/parameters.ts";
import { Refusal } from "../../handlers/websocket/refusal.ts";
import {
  type HandshakeOptions,
  handshakeRequest,
} from "../support/raw_client.ts";
import { ACCEPTED, KNOWN_PATHS, REFUSED } from "./handshake_cases.ts";

const FULL = "the connection limit is reached (--max-connections 1)";
const RULES: AdmissionRules = {
  origins: [],
  handlers: new Map(
    Object.values(ENDPOINTS).flatMap(({ paths, handler }) =>
      paths.map((path) => [path, handler] as const)
    ),
  ),
  knownPaths: KNOWN_PATHS,
  defaults: parseParameters(
    new URLSearchParams(),
    { prefix: "by default" },
  ) as ParameterValues,
};

/** A request as the platform gives it to the service. */
function parse(options: HandshakeOptions): HandshakeRequest {
  const [first = "", ...lines] = handshakeRequest(options).trimEnd()
    .split("\r\n");
  const [method = "", path] = first.split(" ");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
  }));
  return {
    method,
    url: URL.parse(`http://${headers.get("host") ?? ""}${path}`),
    headers,
  };
}

for (const { request, origins = [], isFull, ...expected } of REFUSED) {
  const { status, message, headers = {} } = expected;
  Deno.test(`admit() refuses with ${status}: Cannot ${message.slice(0, 80)}`, () => {
    const refusal = admit(
      parse(request),
      { ...RULES, origins },
      isFull && FULL,
    );
    assertInstanceOf(refusal, Refusal);
    assertEquals(
      [refusal.status, refusal.message],
      [status, `Cannot ${message}`],
    );
    assertMatch(refusal.message, /^[^\n]*[^.\n]$/);
    const { Connection: _, ...others } = refusal.headers;
    assertEquals(others, headers);
  });
}

for (const [name, { request, origins = [] }] of Object.entries(ACCEPTED)) {
  Deno.test(`admit() accepts ${name}`, () => {
    const admission = admit(parse(request), { ...RULES, origins }, undefined);
    const { handler } = ENDPOINTS.echo;
    assertEquals(admission, { handler, parameters: RULES.defaults });
  });
}

Deno.test("admit() refuses every method but GET", () => {
  for (const method of ["HEAD", "PUT", "DELETE", "get"]) {
    const refusal = admit({ ...parse({}), method }, RULES, undefined);
    assertEquals((refusal as Refusal).status, 405, method);
  }
});

Deno.test("admit() checks in the order of RFC 6455, then path, parameters and room", () => {
  let request: HandshakeOptions = {
    method: "POST",
    path: "/unknown?delay=x",
    host: "a b",
    replace: {
      "connection": null,
      "sec-websocket-version": null,
      "sec-websocket-key": null,
    },
    headers: [["Origin", "http://b.example"]],
  };
  let unavailable: string | undefined = FULL;
  /** What puts one fault right after the other. */
  const repairs: [status: number, names: string, repair: () => void][] = [
    [405, "method", () => request.method = "GET"],
    [400, "Host", () => request.host = "a.example"],
    [400, "Connection", () => delete request.replace!.connection],
    [
      426,
      "Version",
      () => delete request.replace!["sec-websocket-version"],
    ],
    [400, "Key", () => delete request.replace!["sec-websocket-key"]],
    [403, "Origin", () => request.headers = []],
    [404, "path", () => request.path = "/echo?delay=x"],
    [400, '"delay"', () => request.path = "/echo?delay=1"],
    [503, "limit", () => unavailable = undefined],
  ];
  const rules = { ...RULES, origins: ["self"] };
  for (const [status, names, repair] of repairs) {
    const refusal = admit(parse(request), rules, unavailable);
    assertInstanceOf(refusal, Refusal, names);
    assertEquals([refusal.status, refusal.message.includes(names)], [
      status,
      true,
    ]);
    repair();
  }
  const admission = admit(parse(request), rules, unavailable);
  assertEquals(admission instanceof Refusal, false);
});
