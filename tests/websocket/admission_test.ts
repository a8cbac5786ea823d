import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
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
  Deno.test(`admit() refuses with ${status}: ${message.slice(0, 80)}`, () => {
    const refusal = admit(
      parse(request),
      { ...RULES, origins },
      isFull && FULL,
    );
    assertInstanceOf(refusal, Refusal);
    assertEquals(
      [refusal.status, refusal.message],
      [status, message],
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

/** Faults in the order of the checks; the last one is no room. */
const FAULTS: [status: number, named: string, fault: HandshakeOptions][] = [
  [405, "method", { method: "POST" }],
  [400, "Host", { host: "a b" }],
  [400, "Connection", { replace: { "connection": null } }],
  [426, "Version", { replace: { "sec-websocket-version": null } }],
  [400, "Key", { replace: { "sec-websocket-key": null } }],
  [403, "Origin", { headers: [["Origin", "http://b.example"]] }],
  [404, "path", { path: "/unknown?delay=x" }],
  [400, '"delay"', { path: "/echo?delay=x" }],
  [503, "limit", {}],
];

Deno.test("admit() checks in the order of RFC 6455, then path, parameters and room", () => {
  FAULTS.forEach(([status, named], i) => {
    const request: HandshakeOptions = {};
    const replace = {};
    for (const [, , fault] of FAULTS.slice(i).toReversed()) {
      Object.assign(request, fault, {
        replace: Object.assign(replace, fault.replace),
      });
    }
    const rules = { ...RULES, origins: ["self"] };
    const refusal = admit(parse(request), rules, FULL) as Refusal;
    assertEquals(refusal.status, status, named);
    assertStringIncludes(refusal.message, named);
  });
});
