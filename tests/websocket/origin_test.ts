import { assertEquals } from "@std/assert";
import {
  allowsOrigin,
  parseAllowedOrigin,
  parseOrigin,
} from "../../handlers/websocket/origin.ts";

/** Texts, and the origin as browsers send it; undefined: not an origin. */
const ORIGINS: Record<string, string | undefined> = {
  "http://a.example": "http://a.example",
  "HTTP://A.EXAMPLE:80/": "http://a.example",
  "https://a.example:443": "https://a.example",
  "https://a.example:80": "https://a.example:80",
  "http://[::1]:3000": "http://[::1]:3000",
  "http://bücher.example": "http://xn--bcher-kva.example",
  "moz-extension://abc": "moz-extension://abc",
  "null": "null",
  "": undefined,
  "a.example": undefined,
  "localhost:3000": undefined,
  "http://a.example/x": undefined,
  "http://a.example/?": undefined,
  "http://a.example?x": undefined,
  "http://a.example#x": undefined,
  "http://u@a.example": undefined,
  "http://:p@a.example": undefined,
  "http://a.example, http://b.example": undefined,
  "http:a": undefined,
  "http://": undefined,
  "file:///a": undefined,
  "data:,a": undefined,
};

/** The same for what may be allowed. */
const ALLOWED: Record<string, string | undefined> = {
  ...ORIGINS,
  "self": "self",
  "*.example.com": "*.example.com",
  "*.Example.COM:8443": "*.example.com:8443",
  "*.bücher.example": "*.xn--bcher-kva.example",
  "HTTPS://*.example.com:443/": "https://*.example.com",
  "http://*.example.com:443": "http://*.example.com:443",
  "SELF": undefined,
  "*": undefined,
  "*.": undefined,
  "*example.com": undefined,
  "x.*.example.com": undefined,
  "*.*.example.com": undefined,
  "http://*": undefined,
  "http://*:80": undefined,
  "*://a.example": undefined,
  "*.example.com/x": undefined,
  "*.u@example.com": undefined,
  "*.example.com, *.example.org": undefined,
  // The default port depends on the scheme, which is missing.
  "*.example.com:80": undefined,
  "*.example.com:443": undefined,
};

for (
  const [parse, forms] of [
    [parseOrigin, ORIGINS],
    [parseAllowedOrigin, ALLOWED],
  ] as const
) {
  Deno.test(`${parse.name}() gives one form to an origin, and refuses others`, () => {
    for (const [text, form] of Object.entries(forms)) {
      assertEquals(parse(text), form, text);
      if (form !== undefined) assertEquals(parse(form), form);
    }
  });
}

/** What is allowed at a Host, and origins that may connect and that may not. */
// deno-fmt-ignore
const CASES: [allowed: string[], host: string, accepts: string[], refuses: string[]][] = [
  [["http://a.example", "https://b.example:8443"], "a.example", [
    "http://a.example", "HTTP://A.Example", "http://a.example:80", "https://b.example:8443",
  ], [
    "http://b.example", "http://x.a.example", "http://a.example.evil.example", "http://evil-a.example",
    "https://a.example", "http://a.example:8080", "https://b.example", "a.example", "http://a.example/x",
    "http://a.example, https://b.example:8443", "null", "self", "",
  ]],
  [["null"], "a.example", ["null"], ["", "NULL", "http://null", "http://a.example"]],
  [["self"], "A.example:8080", ["http://a.example:8080", "https://a.example:8080"], [
    "http://a.example", "http://a.example:80", "http://x.a.example:8080",
    "http://a.example.evil.example:8080", "null", "self", "",
  ]],
  // Behind a proxy that speaks TLS: no port is the default of either scheme.
  [["self"], "a.example", ["http://a.example", "https://a.example", "https://a.example:443"], [
    "http://a.example:443", "https://a.example:80", "ftp://b.example",
  ]],
  [["self", "http://b.example"], "[::1]:8080", [
    "http://[::1]:8080", "http://[0:0::1]:8080", "http://b.example",
  ], ["http://[::1]", "http://[::2]:8080", "http://1:8080"]],
  [["self"], "null", ["http://null"], ["null"]],
  [["*.example.com"], "a.example", [
    "http://x.example.com", "https://x.example.com", "https://X.Y.EXAMPLE.COM:443",
  ], [
    "https://example.com", "https://.example.com", "https://evilexample.com",
    "https://x.example.com.evil.example", "https://x.example.com:8443",
    "https://evil.example/.example.com", "https://evil.example?.example.com",
    "https://evil.example, https://x.example.com", "https://u@x.example.com",
    "https://[::1].example.com", "x.example.com", ".example.com", "null",
  ]],
  [["*.example.com:8443"], "a.example", ["http://x.example.com:8443", "https://x.example.com:8443"], [
    "https://x.example.com", "https://example.com:8443",
  ]],
  [["https://*.example.com"], "a.example", ["https://x.example.com"], [
    "http://x.example.com", "http://x.example.com:443", "xhttps://x.example.com", "https://example.com",
  ]],
];

for (const [allowed, host, accepts, refuses] of CASES) {
  Deno.test(`allowsOrigin() allows ${allowed.join(" and ")} at ${host}`, () => {
    for (const origin of [...accepts, ...refuses]) {
      const expected = accepts.includes(origin);
      assertEquals(allowsOrigin(origin, host, allowed), expected, origin);
    }
  });
}
