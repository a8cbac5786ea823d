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
  "http://a.example?x": undefined,
  "http://a.example#x": undefined,
  "http://u:p@a.example": undefined,
  "http://a.example, http://b.example": undefined,
  "file:///a": undefined,
};

Deno.test("parseOrigin() gives the form that browsers send", () => {
  for (const [text, origin] of Object.entries(ORIGINS)) {
    assertEquals(parseOrigin(text), origin, text);
    if (origin) assertEquals(parseOrigin(origin), origin);
  }
});

Deno.test("parseAllowedOrigin() takes origins, self and patterns of subdomains", () => {
  const forms: Record<string, string | undefined> = {
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
    // The default port depends on the scheme, which would be missing.
    "*.example.com:80": undefined,
    "*.example.com:443": undefined,
  };
  for (const [text, form] of Object.entries(forms)) {
    assertEquals(parseAllowedOrigin(text), form, text);
  }
});

/** What is allowed, the header Host, and origins: allowed ones and others. */
const CASES: {
  allowed: string[];
  host?: string;
  accepts: string[];
  refuses: string[];
}[] = [{
  allowed: ["http://a.example", "https://b.example:8443"],
  accepts: [
    "http://a.example",
    "HTTP://A.Example",
    "http://a.example:80",
    "https://b.example:8443",
  ],
  refuses: [
    "http://b.example",
    "http://x.a.example",
    "http://a.example.evil.example",
    "http://evil-a.example",
    "https://a.example",
    "http://a.example:8080",
    "https://b.example",
    "a.example",
    "http://a.example/x",
    "http://a.example, https://b.example:8443",
    "null",
    "self",
    "",
  ],
}, {
  allowed: ["null"],
  accepts: ["null"],
  refuses: ["", "NULL", "http://null", "http://a.example"],
}, {
  allowed: ["self"],
  host: "A.example:8080",
  accepts: ["http://a.example:8080", "https://a.example:8080"],
  refuses: [
    "http://a.example",
    "http://a.example:80",
    "http://x.a.example:8080",
    "http://a.example.evil.example:8080",
    "null",
    "self",
    "",
  ],
}, {
  // Behind a proxy that speaks TLS: no port is the default of either scheme.
  allowed: ["self"],
  host: "a.example",
  accepts: ["http://a.example", "https://a.example", "https://a.example:443"],
  refuses: ["http://a.example:443", "https://a.example:80", "ftp://b.example"],
}, {
  allowed: ["self", "http://b.example"],
  host: "[::1]:8080",
  accepts: ["http://[::1]:8080", "http://[0:0::1]:8080", "http://b.example"],
  refuses: ["http://[::1]", "http://[::2]:8080", "http://1:8080"],
}, {
  allowed: ["self"],
  host: "null",
  accepts: ["http://null"],
  refuses: ["null"],
}, {
  allowed: ["*.example.com"],
  accepts: [
    "http://x.example.com",
    "https://x.example.com",
    "https://X.Y.EXAMPLE.COM:443",
  ],
  refuses: [
    "https://example.com",
    "https://.example.com",
    "https://evilexample.com",
    "https://x.example.com.evil.example",
    "https://x.example.com:8443",
    "https://evil.example/.example.com",
    "https://evil.example?.example.com",
    "https://evil.example, https://x.example.com",
    "https://u@x.example.com",
    "https://[::1].example.com",
    "x.example.com",
    ".example.com",
    "null",
  ],
}, {
  allowed: ["*.example.com:8443"],
  accepts: ["http://x.example.com:8443", "https://x.example.com:8443"],
  refuses: ["https://x.example.com", "https://example.com:8443"],
}, {
  allowed: ["https://*.example.com"],
  accepts: ["https://x.example.com"],
  refuses: [
    "http://x.example.com",
    "http://x.example.com:443",
    "xhttps://x.example.com",
    "https://example.com",
  ],
}];

for (const { allowed, host = "", accepts, refuses } of CASES) {
  const name = `${allowed.join(" and ")} ${host && `at the Host ${host}`}`;
  Deno.test(`allowsOrigin() allows ${name}`, () => {
    for (const origin of accepts) {
      assertEquals(allowsOrigin(origin, host, allowed), true, origin);
    }
    for (const origin of refuses) {
      assertEquals(allowsOrigin(origin, host, allowed), false, origin);
    }
  });
}
