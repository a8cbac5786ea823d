import { assert, assertEquals, assertThrows } from "@std/assert";
import { ENDPOINT_NAMES, ENDPOINTS } from "../../handlers/endpoints.ts";
import {
  checkOptions,
  GRACE,
  LIMITS,
  type ServiceOptions,
  SETTINGS,
} from "../../handlers/server/service_options.ts";
import { type Service, startService } from "../../main.ts";

const OTHER = ENDPOINT_NAMES.find((name) => name !== "echo")!;

/** The error of a start with options that are wrong. */
function startError(options: unknown): Error {
  let service: Service | undefined;
  try {
    return assertThrows(
      () => service = startService(options as ServiceOptions),
      Error,
    );
  } finally {
    // One that throws and listens all the same is a leak that fails the test.
    service?.shutdown();
  }
}

/**
 * An option, values that are wrong, and what is expected instead. `a.b` is a
 * property of the option a, `a[]` an item of the list a.
 */
type Wrong = [option: string, values: unknown[], expected: string];

const NOT_EMPTY = "a string that is not empty";
const ORIGIN = "scheme://host, scheme://host:port, self or *.host";
const TOKEN = "a token, such as chat or v1.chat";

const WRONG_TYPES: Wrong[] = [
  ...Object.keys(SETTINGS).map((name): Wrong => [name, [Symbol(), null], ""]),
  ...Object.keys(LIMITS).map((name): Wrong => [`limits.${name}`, ["1"], ""]),
  ...["tls", "paths", "limits"].map((n): Wrong => [n, [[]], "an object"]),
  ["tls.cert", [undefined, 5], NOT_EMPTY],
  ["paths.echo", ["/x"], "a list of paths"],
  ["paths.echo[]", [5], "a path"],
  ["subprotocols", ["chat"], `a list, each ${TOKEN}`],
  ["subprotocols[]", [null], TOKEN],
  ["origins[]", [["null"]], ORIGIN],
  ["headers[]", ["a: b", ["a"], ["a", 1]], "[name, value], both strings"],
  ["reusePort", [1], "a boolean"],
  ["log.write", [undefined, "x"], "a function"],
];

// deno-fmt-ignore
const WRONG_VALUES: Wrong[] = [
  ...Object.keys(LIMITS).map((name): Wrong =>
    [`limits.${name}`, [-1, 1e12, 1.5, NaN, Infinity], "a whole number"]),
  ["port", [-1, 65_536, 1.5, NaN], "a whole number from 0 to 65535"],
  ["maxMemory", [0, 2 ** 44 + 1], "a whole number of bytes from 1 to 17592186044416 (16777216MiB)"],
  ["hostname", [""], NOT_EMPTY],
  ["static", [""], NOT_EMPTY],
  ["static", ["./no-such", "deno.json", "deno.json/x", "\0"], "an existing folder"],
  ["tls.cert", [""], NOT_EMPTY],
  ["paths.echo[]", ["", "echo", "//a", "/\\a", "/\t/a", "//localhost/a", "http://a/b"],
    "a path that begins with one slash"],
  ["paths.echo[]", ["/a?", "/a?b#c", "http://a/?"], 'a path without "?"'],
  ["paths.echo[]", ["/a#", "/a#?"], 'a path without "#"'],
  ["subprotocols[]", ["", "a b", "a,b", "ä", "a\nb"], TOKEN],
  ["origins[]", ["", "*", "http://a/b"], ORIGIN],
  ["headers[]", [["bad name", "x"], ["", "x"], ["ä", "x"], ["a\nb", "x"]], '"Name: value"'],
  ["headers[]", [["a", "b\nc: d"], ["a", "b\r\nc: d"], ["a", "\x01"], ["a", "b\x7f"], ["a", "回"]],
    "a value of printable Latin-1 characters"],
];

for (
  const [type, table] of [
    [TypeError, WRONG_TYPES],
    [RangeError, WRONG_VALUES],
  ] as const
) {
  for (const [option, values, expected] of table) {
    const name = option.replace("[]", "");
    Deno.test(`startService() throws ${type.name}: ${name} expects ${expected}`, () => {
      for (const value of values) {
        const { constructor, message } = startError({
          port: 0,
          ...name.split(".").reduceRight<unknown>(
            (inner, key) => ({ [key]: inner }),
            option === name ? value : [value],
          ) as ServiceOptions,
        });
        const line = type === RangeError && Array.isArray(value)
          ? value.join(": ")
          : value;
        const shown = typeof line === "string" || type === RangeError
          ? JSON.stringify(`${line}`)
          : Deno.inspect(value);
        const start = `Cannot use ${name} ${shown}: expected ${expected}`;
        assertEquals(message.slice(0, start.length), start);
        assert(/^[^\r\n]+[^.\r\n]$/.test(message), message);
        assertEquals(constructor, type);
      }
    });
  }
}

/** Options that are refused in another way, and the beginning of the message. */
const REFUSED: [options: unknown, message: string][] = [
  [{ prot: 80 }, 'Cannot use option "prot": the known names are hostname, '],
  [
    { paths: { ehco: ["/x"] } },
    `Cannot use paths "ehco": the known names are ${ENDPOINT_NAMES.join(", ")}`,
  ],
  [
    { limits: { maxSize: 1 } },
    `Cannot use limits "maxSize": the known names are ${
      Object.keys(LIMITS).join(", ")
    }`,
  ],
  [
    { tls: { cert: "x", key: "y", ca: "z" } },
    'Cannot use tls "ca": the known names are cert, key',
  ],
  [{ tls: { cert: "x" } }, `Cannot use tls.key undefined: expected `],
  ...[
    "Connection",
    "upgrade",
    "Sec-WebSocket-Accept",
    "SEC-WEBSOCKET-X",
    "Content-Length",
    "Transfer-Encoding",
  ].map((name): [unknown, string] => [
    { headers: [[name, "x"]] },
    `Cannot use headers "${name}: x": ${name} belongs to the handshake itself`,
  ]),
  [
    { paths: { echo: ["/a/"], [OTHER]: ["/b", "/a"] } },
    `Cannot use paths.${OTHER} "/a": the path belongs to paths.echo`,
  ],
];
if (Deno.build.os !== "linux") {
  REFUSED.push([
    { reusePort: true },
    "Cannot use reusePort: only Linux ",
  ]);
}

Deno.test("startService() refuses unknown names, and what does not fit together", () => {
  for (const [options, expected] of REFUSED) {
    const { message } = startError({ port: 0, ...options as ServiceOptions });
    assertEquals(message.slice(0, expected.length), expected);
  }
});

Deno.test("checkOptions() fills in the default of every option", () => {
  const defaults = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => [name, setting.default]),
  );
  assertEquals(checkOptions({}), defaults as unknown);
  const given = Object.keys(SETTINGS).map((name) => [name, undefined]);
  assertEquals(checkOptions(Object.fromEntries(given)), defaults as unknown);
  const paths = ENDPOINT_NAMES.map((name) => [name, ENDPOINTS[name].paths]);
  assertEquals(checkOptions({}).paths, Object.fromEntries(paths));
  assertEquals([SETTINGS.port.default, GRACE.default], [8_080, 5]);
});

Deno.test("checkOptions() brings values into the form that the service uses", () => {
  const { origins, headers, limits } = checkOptions({
    origins: ["HTTP://LocalHost:3000", "https://a.example:443/", "null"],
    headers: [["X-Connection", " x\t"], ["A", "é"]],
    limits: { idleTimeout: 0 },
  });
  assertEquals(origins, ["http://localhost:3000", "https://a.example", "null"]);
  assertEquals(headers, [["X-Connection", "x"], ["A", "é"]]);
  assertEquals(limits, { ...SETTINGS.limits.default, idleTimeout: 0 });
});

Deno.test("checkOptions() takes given paths from the defaults of others", () => {
  const place = (name: string, ...paths: string[]) =>
    checkOptions({ paths: { [name]: paths } }).paths;
  assertEquals(
    place("echo", "/回/", "/a/../b c", "/", "/b%20c", "/%2f").echo,
    ["/%E5%9B%9E", "/b%20c", "/", "/%2f"],
  );
  const defaults = checkOptions({}).paths;
  assertEquals(place("echo"), { ...defaults, echo: [] });
  const [taken, ...left] = ENDPOINTS.echo.paths;
  const { echo, [OTHER]: other } = place(OTHER, taken);
  assertEquals([echo, other], [left, [taken]]);
  const all = place("echo", ...defaults[OTHER]);
  assertEquals([all.echo, all[OTHER]], [defaults[OTHER], []]);
});

Deno.test("checkOptions() guards a reportError that throws", () => {
  const { reportError } = checkOptions({
    reportError() {
      throw new Error("The reporter is at fault");
    },
  });
  assertEquals(reportError("an error"), undefined);
});
