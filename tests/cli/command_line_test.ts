import { assertEquals, assertThrows } from "@std/assert";
import { DEFAULT_LIMITS, type Limits } from "../handlers/limits.ts";
import { type EndpointPaths, optionSpecs } from "../handlers/option_specs.ts";
import { type Options, parseCommand, UsageError } from "../handlers/options.ts";

const ENDPOINTS: EndpointPaths[] = [
  { name: "echo", paths: ["/", "/echo"] },
  { name: "uppercase", paths: ["/uppercase"] },
];
const SPECS = optionSpecs(ENDPOINTS);

const DEFAULTS: Options = {
  hostname: "127.0.0.1",
  port: 8080,
  tls: undefined,
  paths: { echo: ["/", "/echo"], uppercase: ["/uppercase"] },
  prefix: "",
  subprotocols: [],
  origins: [],
  headers: [],
  limits: {
    maxMessageSize: 16_777_216,
    maxBuffered: 16_777_216,
    maxConnections: 10_000,
    idleTimeout: 30,
  },
  maxMemory: undefined,
  reusePort: false,
  grace: 5,
  log: "text",
  verbose: false,
};

type Environment = { HOST?: string; PORT?: string };

function parse(
  args: string[],
  environment: Environment = {},
  os = "linux",
): Options {
  const command = parseCommand(
    args,
    (name) => environment[name],
    SPECS,
    ENDPOINTS,
    os,
  );
  if (command.kind !== "serve") throw new Error(`Cannot use ${command.kind}`);
  return command.options;
}

/** The message of a refusal, always one sentence on one line. */
function refusal(args: string[], environment: Environment = {}): string {
  const { message } = assertThrows(() => parse(args, environment), UsageError);
  assertEquals(/^Cannot [^\r\n]*[^.\r\n]$/.test(message), true, message);
  return message;
}

function limits(changes: Partial<Limits>): Partial<Options> {
  return { limits: { ...DEFAULT_LIMITS, ...changes } };
}

/** Arguments, and what they change. */
const ACCEPTED: [args: string[], changes: Partial<Options>][] = [
  [[], {}],
  [["--host", "0.0.0.0"], { hostname: "0.0.0.0" }],
  [["--host=localhost"], { hostname: "localhost" }],
  [["--host", "::1"], { hostname: "::1" }],
  [["--host", "[::1]"], { hostname: "::1" }],
  [["--port", "0"], { port: 0 }],
  [["--port", "65535"], { port: 65_535 }],
  [["--port", "1", "--port", "2"], { port: 2 }],
  [["--cert", "a.pem", "--key", "b.pem"], {
    tls: { certFile: "a.pem", keyFile: "b.pem" },
  }],
  [["--prefix", "我  Received:  "], { prefix: "我  Received:  " }],
  [["--prefix="], {}],
  [["--prefix=--port"], { prefix: "--port" }],
  [["--subprotocol", "v2.chat", "--subprotocol", "chat"], {
    subprotocols: ["v2.chat", "chat"],
  }],
  [["--header", "Set-Cookie: a=b", "--header", "Set-Cookie:c=d ; e:f\t"], {
    headers: [["Set-Cookie", "a=b"], ["Set-Cookie", "c=d ; e:f"]],
  }],
  [["--header", "X-Empty:", "--header", "X-Latin: é"], {
    headers: [["X-Empty", ""], ["X-Latin", "é"]],
  }],
  [["--max-message-size", "1"], limits({ maxMessageSize: 1 })],
  [["--max-message-size", "64KiB"], limits({ maxMessageSize: 65_536 })],
  [["--max-message-size", "256MiB"], limits({ maxMessageSize: 268_435_456 })],
  [
    ["--max-message-size", "268435456"],
    limits({
      maxMessageSize: 268_435_456,
    }),
  ],
  [["--max-buffered", "1KiB"], limits({ maxBuffered: 1_024 })],
  [["--max-buffered", "4096MiB"], limits({ maxBuffered: 4_294_967_296 })],
  [["--max-connections", "1"], limits({ maxConnections: 1 })],
  [["--max-connections", "1000000"], limits({ maxConnections: 1_000_000 })],
  [["--idle-timeout", "0"], limits({ idleTimeout: 0 })],
  [["--idle-timeout", "86400"], limits({ idleTimeout: 86_400 })],
  [["--max-memory", "512MiB"], { maxMemory: 536_870_912 }],
  [["--max-memory", "1"], { maxMemory: 1 }],
  [["--reuse-port"], { reusePort: true }],
  [["--grace", "0"], { grace: 0 }],
  [["--grace", "3600"], { grace: 3_600 }],
  [["--log", "json"], { log: "json" }],
  [["--log", "off"], { log: "off" }],
  [["--log", "text", "--verbose"], { verbose: true }],
  // The form that browsers send: no default port, no path, lower case.
  [["--allow-origin", "HTTP://LocalHost:3000"], {
    origins: ["http://localhost:3000"],
  }],
  [["--allow-origin", "https://a.example:443/"], {
    origins: ["https://a.example"],
  }],
  [["--allow-origin", "http://a.example:443", "--allow-origin", "null"], {
    origins: ["http://a.example:443", "null"],
  }],
  [["--allow-origin", "chrome-extension://abcdef"], {
    origins: ["chrome-extension://abcdef"],
  }],
  [["--echo", "/ws/"], { paths: { ...DEFAULTS.paths, echo: ["/ws"] } }],
  [["--echo", "/a", "--echo", "/b", "--echo", "/a"], {
    paths: { ...DEFAULTS.paths, echo: ["/a", "/b"] },
  }],
  [["--echo", "/回"], { paths: { ...DEFAULTS.paths, echo: ["/%E5%9B%9E"] } }],
  [["--echo", "/a/../b c"], {
    paths: { ...DEFAULTS.paths, echo: ["/b%20c"] },
  }],
  // A path that is given to one endpoint is taken from another's defaults.
  [["--uppercase", "/"], { paths: { echo: ["/echo"], uppercase: ["/"] } }],
  [["--uppercase", "/echo/"], { paths: { echo: ["/"], uppercase: ["/echo"] } }],
  [["--echo", "/uppercase"], {
    paths: { echo: ["/uppercase"], uppercase: [] },
  }],
  [["--echo", "/uppercase", "--uppercase", "/echo"], {
    paths: { echo: ["/uppercase"], uppercase: ["/echo"] },
  }],
];

for (const [args, changes] of ACCEPTED) {
  Deno.test(`parseCommand() accepts ${Deno.inspect(args)}`, () => {
    assertEquals(parse(args), { ...DEFAULTS, ...changes });
  });
}

const PORTS = "a whole number from 0 to 65535";
const SIZES = (max: number) =>
  `bytes, or KiB or MiB as in 64KiB, from 1 to ${max}MiB`;
const PATHS = "a path that begins with one slash";
const ORIGINS = "scheme://host or scheme://host:port";
const TOKENS = "a token, such as chat or v1.chat";

/** An option, values that it refuses, and what it expects instead. */
const REFUSED: [option: string, values: string[], expected: string][] = [
  ["host", [""], "an address"],
  ["port", ["", "65536", "-1", "1.5", "1e3", "0x50", " 80", "http"], PORTS],
  ["port", ["8\n0"], PORTS],
  ["echo", [
    "",
    "echo",
    "//a",
    "/\\a",
    "/\t/a",
    "/a?",
    "/a?b",
    "/a#",
    "http://a/b",
  ], PATHS],
  ["uppercase", ["uppercase", "/?x=1"], PATHS],
  ["subprotocol", ["", "a b", "a,b", "ä", "a\nb"], TOKENS],
  [
    "allow-origin",
    ["", "*", "localhost:3000", "a.example", "http://", "http://a/b"],
    ORIGINS,
  ],
  ["allow-origin", ["http://u@a", "http://:p@a", "http://a/?b"], ORIGINS],
  ["allow-origin", [
    "http://a#b",
    "http:a",
    "http://a/?",
    "https://*.a",
    "file:///a",
    "data:,a",
  ], ORIGINS],
  ["header", ["", "a", ":a", "a b: c", "a : b", "ä: b"], '"Name: value"'],
  [
    "header",
    ["a: b\nc: d", "a: b\r\nc: d", "A: \x01", "A: b\x7f", "a:回"],
    "a value of printable Latin-1 characters",
  ],
  ["header", ["a\nb: c"], ""],
  ["max-message-size", ["", "0", "257MiB", "268435457"], SIZES(256)],
  ["max-message-size", ["-1", "1.5MiB", "1 MiB", "1mib"], SIZES(256)],
  ["max-message-size", ["1MB", "1GiB", "KiB", "1e6", "0KiB"], SIZES(256)],
  ["max-buffered", ["0", "4097MiB", "x"], SIZES(4_096)],
  ["max-memory", ["", "0", "80%", "16777217MiB"], SIZES(16_777_216)],
  [
    "max-connections",
    ["0", "1000001", "many"],
    "a whole number from 1 to 1000000",
  ],
  ["idle-timeout", ["-1", "86401", "30s"], "a whole number from 0 to 86400"],
  ["grace", ["3601", "0.5"], "a whole number from 0 to 3600"],
  ["log", ["", "yaml", "JSON", "text|json"], "text or json or off"],
];

for (const [option, values, expected] of REFUSED) {
  const names = values.map((value) => JSON.stringify(value)).join(" ");
  Deno.test(`parseCommand() refuses --${option} ${names}`, () => {
    for (const value of values) {
      const message = refusal([`--${option}=${value}`]);
      const begin = `Cannot use --${option} ${
        JSON.stringify(value)
      }: expected `;
      assertEquals(message.slice(0, begin.length), begin);
      if (expected) assertEquals(message.slice(begin.length), expected);
    }
  });
}

Deno.test("parseCommand() refuses headers of the handshake", () => {
  const names = [
    "Connection",
    "upgrade",
    "Sec-WebSocket-Accept",
    "sec-websocket-protocol",
    "SEC-WEBSOCKET-X",
    "Content-Length",
    "Transfer-Encoding",
  ];
  for (const name of names) {
    assertEquals(
      refusal(["--header", `${name}: x`]),
      `Cannot use --header "${name}: x": ${name} belongs to the handshake itself`,
    );
  }
  const others = ["X-Connection: x", "Upgrade-Insecure-Requests: 1"];
  for (const line of others) {
    assertEquals(parse(["--header", line]).headers.length, 1);
  }
});

Deno.test("parseCommand() refuses a path that is given to two endpoints", () => {
  assertEquals(
    refusal(["--uppercase", "/a/", "--echo", "/b", "--echo", "/a"]),
    'Cannot use --uppercase "/a/": the path belongs to --echo',
  );
});

Deno.test("parseCommand() refuses --reuse-port where it does not work", () => {
  for (const os of ["windows", "darwin", "freebsd"]) {
    const { message } = assertThrows(
      () => parse(["--reuse-port"], {}, os),
      UsageError,
    );
    assertEquals(
      message,
      `Cannot use --reuse-port on ${os}: only Linux spreads connections over the processes of a port`,
    );
    assertEquals(parse([], {}, os).reusePort, false);
  }
});

Deno.test("parseCommand() refuses one of --cert and --key alone", () => {
  assertEquals(
    refusal(["--cert", "a.pem"]),
    'Cannot use --cert "a.pem": it needs --key, too',
  );
  assertEquals(
    refusal(["--key", "b.pem"]),
    'Cannot use --key "b.pem": it needs --cert, too',
  );
});

/** Command lines that cannot be read, and what the message names. */
const UNREADABLE: [args: string[], named: string][] = [
  [["--colour"], "'--colour'"],
  [["--no-verbose"], "'--no-verbose'"],
  [["-p", "80"], "'-p'"],
  [["8080"], "'8080'"],
  [["--", "--port"], "'--port'"],
  [["--port"], "'--port <value>'"],
  [["--port", "--verbose"], "'--port'"],
  [["--verbose=yes"], "'--verbose'"],
];

for (const [args, named] of UNREADABLE) {
  Deno.test(`parseCommand() cannot read ${Deno.inspect(args)}`, () => {
    const message = refusal(args);
    assertEquals(message.includes(named), true, message);
    assertEquals(message.startsWith("Cannot read the command line: "), true);
  });
}

/** The environment, arguments beside it, and what they change. */
const ENVIRONMENTS: [Environment, args: string[], Partial<Options>][] = [
  [{ HOST: "::1", PORT: "9000" }, [], { hostname: "::1", port: 9_000 }],
  [{ HOST: "[::1]", PORT: "0" }, [], { hostname: "::1", port: 0 }],
  [{ HOST: "", PORT: "" }, [], {}],
  [{ HOST: "::1", PORT: "9000" }, ["--host", "::", "--port", "0"], {
    hostname: "::",
    port: 0,
  }],
  [{ HOST: "::1", PORT: "9000" }, ["--port", "80"], {
    hostname: "::1",
    port: 80,
  }],
  // What a flag overrules does not matter.
  [{ PORT: "http" }, ["--port", "80"], { port: 80 }],
];

for (const [environment, args, changes] of ENVIRONMENTS) {
  const name = `${Deno.inspect(environment)} and ${Deno.inspect(args)}`;
  Deno.test(`parseCommand() reads the environment: ${name}`, () => {
    assertEquals(parse(args, environment), { ...DEFAULTS, ...changes });
  });
}

Deno.test("parseCommand() refuses a bad PORT by the variable's name", () => {
  for (const PORT of ["http", "65536", "-1", " ", "80\n"]) {
    assertEquals(
      refusal([], { PORT }),
      `Cannot use environment variable PORT ${
        JSON.stringify(PORT)
      }: expected ${PORTS}`,
    );
  }
});

Deno.test("parseCommand() gives way to --help, then to --version", () => {
  const kind = (...args: string[]) =>
    parseCommand(args, () => "x", SPECS, ENDPOINTS).kind;
  assertEquals(kind("--help"), "help");
  assertEquals(kind("--version"), "version");
  assertEquals(kind("--version", "--help"), "help");
  assertEquals(kind("--port", "x", "--help"), "help");
  assertThrows(() => kind("--help", "--colour"), UsageError);
});

Deno.test("parseCommand() gives every endpoint an option", () => {
  const endpoints = [...ENDPOINTS, { name: "reverse", paths: ["/reverse"] }];
  const command = parseCommand(
    ["--reverse", "/echo"],
    () => undefined,
    optionSpecs(endpoints),
    endpoints,
  );
  assertEquals(command.kind === "serve" && command.options.paths, {
    echo: ["/"],
    uppercase: ["/uppercase"],
    reverse: ["/echo"],
  });
});
