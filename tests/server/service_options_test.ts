import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
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
/** A value that no setting takes. */
const NONSENSE = Symbol("nonsense");

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

for (const name of Object.keys(SETTINGS)) {
  Deno.test(`startService() checks the type of the option ${name}`, () => {
    const error = startError({ port: 0, [name]: NONSENSE });
    assert(error instanceof TypeError);
    assertMatch(error.message, /^Cannot use [^\r\n]*[^.\r\n]$/);
    const begin = `Cannot use ${name} Symbol(nonsense): expected `;
    assertEquals(error.message.slice(0, begin.length), begin);
  });
}

for (const [name, { default: value }] of Object.entries(LIMITS)) {
  Deno.test(`startService() checks the range of limits.${name}`, () => {
    for (const wrong of [-1, 1e12, 1.5, NaN, Infinity, `${value}`]) {
      const { constructor, message } = startError({
        port: 0,
        limits: { [name]: wrong },
      });
      const expected = typeof wrong === "string" ? TypeError : RangeError;
      assertEquals(constructor, expected);
      const begin = `Cannot use limits.${name} "${wrong}": expected a whole `;
      assertEquals(message.slice(0, begin.length), begin);
    }
    assertEquals(checkOptions({ limits: { [name]: value } }).limits, {
      ...checkOptions({}).limits,
      [name]: value,
    });
  });
}

const NOT_EMPTY = "a string that is not empty";
const ORIGIN = "scheme://host, scheme://host:port, self or *.host";
const TOKEN = "a token, such as chat or v1.chat";
const PAIR = "[name, value], both strings";

/** An option's name, the shown value, and what is expected instead. */
type Wrong = [options: unknown, shown: string, expected: string];

const WRONG_TYPES: Wrong[] = [
  [{ tls: {} }, "tls.cert undefined", NOT_EMPTY],
  [{ tls: { cert: "x" } }, "tls.key undefined", NOT_EMPTY],
  [{ paths: { echo: "/x" } }, 'paths.echo "/x"', "a list of paths"],
  [{ paths: { echo: [5] } }, 'paths.echo "5"', "a path"],
  [{ subprotocols: "chat" }, 'subprotocols "chat"', `a list, each ${TOKEN}`],
  [{ subprotocols: [null] }, "subprotocols null", TOKEN],
  [{ origins: [["null"]] }, 'origins [ "null" ]', ORIGIN],
  [{ headers: ["a: b"] }, 'headers "a: b"', PAIR],
  [{ headers: [["a"]] }, 'headers [ "a" ]', PAIR],
  [{ reusePort: 1 }, 'reusePort "1"', "a boolean"],
  [{ limits: null }, "limits null", "an object"],
  [{ log: {} }, "log.write undefined", "a function"],
];

/** Wrong values of one option, which are shown as JSON. */
function wrong<T>(
  name: string,
  values: T[],
  expected: string,
  toOptions: (value: T) => ServiceOptions,
): Wrong[] {
  return values.map((value) => [
    toOptions(value),
    `${name} ${JSON.stringify(`${value}`)}`,
    expected,
  ]);
}

const WRONG_VALUES: Wrong[] = [
  ...wrong(
    "port",
    [-1, 65_536, 1.5, NaN],
    "a whole number from 0 to 65535",
    (port) => ({ port }),
  ),
  ...wrong(
    "maxMemory",
    [0, 2 ** 44 + 1],
    "a whole number of bytes from 1 to 17592186044416 (16777216MiB)",
    (maxMemory) => ({ maxMemory }),
  ),
  ...wrong("hostname", [""], NOT_EMPTY, (hostname) => ({ hostname })),
  ...wrong("tls.key", [""], NOT_EMPTY, (key) => ({ tls: { cert: "x", key } })),
  ...wrong(
    "paths.echo",
    ["", "echo", "//a", "/\\a", "/\t/a", "//localhost/a", "http://a/b"],
    "a path that begins with one slash",
    (path) => ({ paths: { echo: ["/a", path] } }),
  ),
  ...["?", "#"].flatMap((mark) =>
    wrong(
      "paths.echo",
      [`/a${mark}`, `/a${mark}b?#c`],
      `a path without "${mark}"`,
      (path) => ({ paths: { echo: [path] } }),
    )
  ),
  ...wrong(
    "subprotocols",
    ["", "a b", "a,b", "ä", "a\nb"],
    TOKEN,
    (name) => ({ subprotocols: ["chat", name] }),
  ),
  ...wrong(
    "origins",
    // deno-fmt-ignore
    [
      "", "*", "a.example", "localhost:3000", "http:a", "http://", "http://a/b",
      "http://u@a", "http://:p@a", "http://a/?", "http://a/?b", "http://a#b",
      "https://*", "*.a.*", "file:///a", "data:,a",
    ],
    ORIGIN,
    (origin) => ({ origins: [origin] }),
  ),
  ...wrong(
    "headers",
    ["bad name: x", ": x", "ä: x", "a\nb: x"],
    '"Name: value"',
    (line) => ({ headers: [[line.slice(0, line.lastIndexOf(":")), "x"]] }),
  ),
  ...wrong(
    "headers",
    ["a: b\nc: d", "a: b\r\nc: d", "a: \x01", "a: b\x7f", "a: 回"],
    "a value of printable Latin-1 characters",
    (line) => ({ headers: [["a", line.slice(3)]] }),
  ),
];

for (
  const [type, table] of [
    [TypeError, WRONG_TYPES],
    [RangeError, WRONG_VALUES],
  ] as const
) {
  for (const [options, shown, expected] of table) {
    Deno.test(`startService() refuses ${shown} with a ${type.name}`, () => {
      const error = startError({ port: 0, ...options as ServiceOptions });
      assertEquals(
        [error.constructor, error.message],
        [type, `Cannot use ${shown}: expected ${expected}`],
      );
    });
  }
}

Deno.test("startService() refuses names that it does not know", () => {
  const wrong = {
    option: { prot: 80 },
    paths: { paths: { ehco: ["/x"] } },
    limits: { limits: { maxSize: 1 } },
    tls: { tls: { cert: "x", key: "y", ca: "z" } },
  };
  for (const [setting, options] of Object.entries(wrong)) {
    const { constructor, message } = startError({ port: 0, ...options });
    const [start, known] = message.split(": the known names are ");
    const name = message.split('"')[1];
    assertEquals(
      [constructor, start],
      [TypeError, `Cannot use ${setting} "${name}"`],
    );
    assert(JSON.stringify(options).includes(`"${name}"`) && known, message);
  }
});

Deno.test("startService() refuses headers of the handshake", () => {
  for (
    const name of [
      "Connection",
      "upgrade",
      "Sec-WebSocket-Accept",
      "sec-websocket-protocol",
      "SEC-WEBSOCKET-X",
      "Content-Length",
      "Transfer-Encoding",
    ]
  ) {
    assertEquals(
      startError({ port: 0, headers: [[name, "x"]] }).message,
      `Cannot use headers "${name}: x": ${name} belongs to the handshake itself`,
    );
  }
  const headers = [["X-Connection", " x\t"], ["A", "é"]] as const;
  assertEquals(checkOptions({ headers }).headers, [
    ["X-Connection", "x"],
    ["A", "é"],
  ]);
});

Deno.test("checkOptions() fills in the default of every option", () => {
  const defaults = Object.entries(SETTINGS)
    .map(([name, setting]) => [name, setting.default]);
  assertEquals(checkOptions({}), Object.fromEntries(defaults));
  const given = Object.keys(SETTINGS).map((name) => [name, undefined]);
  assertEquals(
    checkOptions(Object.fromEntries(given)),
    Object.fromEntries(defaults),
  );
  const paths = ENDPOINT_NAMES.map((name) => [name, ENDPOINTS[name].paths]);
  assertEquals(checkOptions({}).paths, Object.fromEntries(paths));
  assertEquals([SETTINGS.port.default, GRACE.default], [8_080, 5]);
});

Deno.test("checkOptions() brings origins into the form that browsers send", () => {
  const origins = ["HTTP://LocalHost:3000", "https://a.example:443/", "null"];
  assertEquals(checkOptions({ origins }).origins, [
    "http://localhost:3000",
    "https://a.example",
    "null",
  ]);
});

/** The paths of echo, and what they become. */
const PATHS: Record<string, [given: string[], placed: string[]]> = {
  "brings them into the form of a request": [
    ["/回/", "/a/../b c", "/", "/%2f"],
    ["/%E5%9B%9E", "/b%20c", "/", "/%2f"],
  ],
  "keeps one of each": [["/a", "/b", "/a/"], ["/a", "/b"]],
  "may have none": [[], []],
};

for (const [name, [echo, placed]] of Object.entries(PATHS)) {
  Deno.test(`checkOptions() paths: ${name}`, () => {
    const { paths } = checkOptions({ paths: { echo } });
    assertEquals(paths, { ...checkOptions({}).paths, echo: placed });
  });
}

Deno.test("checkOptions() takes given paths from the defaults of others", () => {
  const [taken, ...left] = ENDPOINTS.echo.paths;
  const { paths } = checkOptions({ paths: { [OTHER]: [taken] } });
  assertEquals([paths.echo, paths[OTHER]], [left, [taken]]);
  const all = checkOptions({ paths: { echo: ENDPOINTS[OTHER].paths } }).paths;
  assertEquals([all.echo, all[OTHER]], [ENDPOINTS[OTHER].paths, []]);
});

Deno.test("checkOptions() refuses a path that is given to two endpoints", () => {
  assertEquals(
    startError({ port: 0, paths: { echo: ["/a/"], [OTHER]: ["/b", "/a"] } })
      .message,
    `Cannot use paths.${OTHER} "/a": the path belongs to paths.echo`,
  );
});

Deno.test({
  name: "checkOptions() refuses reusePort where it does not work",
  ignore: Deno.build.os === "linux",
  fn: () =>
    assertEquals(
      startError({ port: 0, reusePort: true }).message,
      `Cannot use reusePort on ${Deno.build.os}: only Linux spreads connections over the processes of a port`,
    ),
});
