import { assert, assertEquals, assertMatch } from "@std/assert";
import project from "../deno.json" with { type: "json" };
import { formatHelp } from "../handlers/cli/help.ts";
import { OPTIONS } from "../handlers/cli/options.ts";
import { ENDPOINT_NAMES, ENDPOINTS } from "../handlers/endpoints.ts";
import { Client } from "./support/client.ts";
import { encodeFrame, OPCODE } from "./support/frames.ts";
import { testOnUnix as test } from "./support/platform.ts";
import { mainCommand, run, ServiceProcess } from "./support/process.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  RawConnection,
} from "./support/raw_client.ts";

const CERT = "tests/testdata/localhost_cert.pem";
const KEY = "tests/testdata/localhost_key.pem";

Deno.test("main.ts prints what is asked for and exits 0, or says what is wrong", async () => {
  await using service = await ServiceProcess.start();
  const { port } = service;
  const use = "wsecho: Cannot use";
  const rows: [args: string[], code: number, output: string][] = [
    [["--help"], 0, formatHelp(OPTIONS)],
    [["--version", "--port", "x"], 0, `wsecho ${project.version}`],
    [["x"], 2, `${use} the argument "x": expected an option, see --help`],
    [
      ["--port", `${port}`],
      1,
      `wsecho: Cannot listen on 127.0.0.1 port ${port}: the address is already in use`,
    ],
    [
      ["--cert", CERT, "--key", "x"],
      1,
      'wsecho: Cannot read --key "x": ',
    ],
    [
      ["--cert", KEY, "--key", KEY],
      1,
      `${use} --cert "${KEY}": No certificates found`,
    ],
    [
      ["--cert", CERT, "--key", CERT],
      1,
      `${use} --key "${CERT}": No keys found`,
    ],
  ];
  for (const [args, expected, output] of rows) {
    const { code, stdout, stderr } = await run({ args });
    const [used, other] = code === 0 ? [stdout, stderr] : [stderr, stdout];
    assertEquals([code, other], [expected, ""]);
    // The system's own words may follow.
    assertEquals(used.slice(0, output.length), output);
    assertMatch(used.slice(output.length), code === 1 ? /^[^\n]*\n$/ : /^\n$/);
  }
});

Deno.test("main.ts --log off prints its URLs alone, by HOST and PORT", async () => {
  await using service = await ServiceProcess.start({
    args: ["--log", "off", "--verbose"],
    env: { HOST: "::1", PORT: "1" },
  });
  const host = `[::1]:${service.port}`;
  await using client = await Client.open(`ws://${host}`);
  await client.ask("x");
  await service.stop();
  const [first, ...rows] = service.lines;
  assertEquals(first, `wsecho ${project.version} is listening`);
  assertEquals(rows.map((row) => row.trim().split(/ {2,}/)), [
    ["page", `http://${host}/`],
    ...ENDPOINT_NAMES.map((name) => [
      name,
      ...ENDPOINTS[name].paths.map((path) => `ws://${host}${path}`),
    ]),
  ]);
  const columns = rows.map((row) => row.search(/(http|ws):/));
  assertEquals(new Set(columns).size, 1, "the URLs are below each other");
});

Deno.test("main.ts --static serves a folder, and says where the console is", async () => {
  for (const format of ["text", "json"]) {
    await using service = await ServiceProcess.start({
      args: ["--static", "tests", "--log", format],
    });
    const origin = `http://127.0.0.1:${service.port}`;
    const console = `${origin}/wsecho`;
    if (format === "json") {
      assertEquals(JSON.parse(service.lines[0]!).console, console);
    } else {assertEquals(
        await service.line(/console/),
        `  console    ${console}`,
      );}
    const config = await fetch(`${origin}/deno.json`);
    assertEquals(
      await config.text(),
      await Deno.readTextFile(new URL("deno.json", import.meta.url)),
    );
    const page = await fetch(console);
    assertMatch(await page.text(), /<title>wsecho/);
  }
});

Deno.test("main.ts says that all network interfaces are open", async () => {
  // One of several ways to write the address.
  const args = ["--host", "0"];
  await using text = await ServiceProcess.start({ args });
  assertEquals(
    text.lines[0],
    `wsecho ${project.version} is listening on all network interfaces`,
  );
  await using json = await ServiceProcess.start({
    args: [...args, "--log", "json"],
  });
  assertEquals(JSON.parse(json.lines[0]!).interfaces, "all");
});

const FORGED =
  '\n2026-01-01T00:00:00.000Z open id=666\x1b[31m\n{"event":"open"}\u2028';

/** Uses a service in ways that could forge a log, and gives its log. */
async function forge(...args: string[]): Promise<string[]> {
  await using service = await ServiceProcess.start({ args });
  using client = await RawClient.connect(service.port, {
    path: "/echo?prefix=%0Aforged",
    headers: [["Origin", 'x" \u0085 {"event":"open"}']],
  });
  await client.send(FORGED);
  await client.next();
  await client.sendClose(1000, FORGED);
  await client.closed();
  await service.line(/ close id=1 |"event":"close"/);
  await service.stop();
  return service.lines;
}

Deno.test("main.ts logs JSON and text that a client cannot forge", async () => {
  const [listening, ...entries] = (await forge("--log", "json"))
    .map((line) => JSON.parse(line));
  const names = ["time", "event", "version", "page", ...ENDPOINT_NAMES];
  assertEquals(Object.keys(listening), names);
  assertMatch(listening.page, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assertEquals(entries.map(({ event }) => event), ["open", "close"]);
  assertEquals(entries[1].reason, FORGED);

  // The first line, the page's and the endpoints' come before the log.
  const lines = (await forge("--verbose")).slice(2 + ENDPOINT_NAMES.length);
  assertEquals(lines.length, 4);
  for (const line of lines) {
    assertMatch(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z (open|message|close) id=1 /);
    assert(!line.includes("\x1b"));
  }
});

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

for (const signal of SIGNALS) {
  test(`main.ts closes with 1001 and exits 0 on ${signal}`, async () => {
    await using service = await ServiceProcess.start();
    const client = await Client.open(`ws://127.0.0.1:${service.port}`);
    await client.ask("x");
    service.signal(signal);
    assertEquals((await client.closed).code, 1001);
    assertEquals(await service.exitCode(), 0);
    assertMatch(service.lines.at(-1)!, / close id=1 .* code=1001 .* by=server/);
    assertEquals(service.errorLines, []);
  });

  test(`main.ts exits 0 after --grace on ${signal} with a stuck client`, async () => {
    await using service = await ServiceProcess.start({
      args: ["--grace", "1"],
    });
    using stuck = await RawClient.connect(service.port);
    // More replies than the system's buffers hold wait for a reader.
    const message = encodeFrame(OPCODE.binary, new Uint8Array(1_000_000));
    for (let i = 0; i < 14; i++) await stuck.sendBytes(message);
    service.signal(signal);
    assertEquals(await service.exitCode(), 0);
  });

  test(`main.ts exits at once on a second ${signal}`, async () => {
    await using service = await ServiceProcess.start({
      args: ["--grace", "3600"],
    });
    using stuck = await RawClient.connect(service.port);
    // One that comes together with the first counts as the same one.
    for (const name of SIGNALS) service.signal(name);
    // The close frame shows that the first signal has been seen.
    assertEquals((await stuck.frame())?.opcode, OPCODE.close);
    const refused = await exchange(service.port, handshakeRequest());
    assertEquals(refused.status, 503);
    await new Promise((resolve) => setTimeout(resolve, 400));
    service.signal(signal);
    assertEquals(await service.exitCode(), signal === "SIGINT" ? 130 : 143);
  });
}

Deno.test("main.ts survives unexpected errors, and logs their stacks", async () => {
  const command = mainCommand();
  command.splice(-1, 0, "--preload", "./tests/testdata/unexpected.ts");
  await using service = await ServiceProcess.start({ command });
  await using client = await Client.open(`ws://127.0.0.1:${service.port}`);
  assertEquals(await client.ask("alive"), "alive");
  await service.stop();
  const text = service.errorLines.join("\n");
  assertMatch(text, /Z error Error: thrown in a listener\n {4,}at /);
  assertMatch(
    text,
    /Z error Error: rejected\n {4}2026-01-01T.* id=666\n {4,}at /,
  );
});

test("main.ts exits although its log is not read", async () => {
  await using service = await ServiceProcess.start({ args: ["--grace", "1"] });
  service.pauseReading();
  // More refusals than a pipe holds.
  const refused = handshakeRequest({ path: `/${"x".repeat(400)}` });
  for (let i = 0; i < 400; i++) await exchange(service.port, refused);
  service.signal("SIGTERM");
  assertEquals(await service.exitCode(), 0);
});

test("main.ts goes on when its log cannot be read", async () => {
  await using service = await ServiceProcess.start();
  await service.stopReading();
  for (let i = 0; i < 3; i++) {
    await using client = await Client.open(`ws://127.0.0.1:${service.port}`);
    assertEquals(await client.ask("unheard"), "unheard");
  }
  assertEquals(await service.stop(), 0);
  assertEquals(service.errorLines, []);
});

Deno.test("main.ts serves https and wss", async () => {
  await using service = await ServiceProcess.start({
    args: ["--cert", CERT, "--key", KEY],
  });
  assertMatch(service.lines[1]!, / https:\/\//);
  assertMatch(service.lines[2]!, / wss:\/\//);
  const conn = await Deno.connectTls({
    hostname: "127.0.0.1",
    port: service.port,
    caCerts: [await Deno.readTextFile(new URL(`../${CERT}`, import.meta.url))],
    // The platform also offers h2, which has another way to upgrade.
    alpnProtocols: ["http/1.1"],
  });
  using client = await RawClient.upgrade(new RawConnection(conn));
  await client.send("secret");
  assertEquals(await client.next(), "secret");
});

Deno.test({
  name: "main.ts --reuse-port shares the port with another process",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using one = await ServiceProcess.start({
      args: ["--reuse-port", "--prefix", "one"],
    });
    const other = await ServiceProcess.start({
      args: ["--reuse-port", "--prefix", "other", "--port", `${one.port}`],
    });
    const ask = async () => {
      await using client = await Client.open(`ws://127.0.0.1:${one.port}`);
      return await client.ask("");
    };
    const answers = new Set();
    for (let i = 0; i < 100 && answers.size < 2; i++) answers.add(await ask());
    assertEquals([...answers].sort(), ["one", "other"]);
    assertEquals(await other.stop("SIGTERM"), 0);
    for (let i = 0; i < 20; i++) assertEquals(await ask(), "one");
  },
});
