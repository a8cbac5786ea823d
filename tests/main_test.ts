import { assert, assertEquals, assertMatch } from "@std/assert";
import project from "../deno.json" with { type: "json" };
import { formatHelp, optionSpecs } from "../handlers/option_specs.ts";
import { ENDPOINTS } from "../handlers/router.ts";
import { encodeFrame, OPCODE } from "./support/frames.ts";
import { Client } from "./support/client.ts";
import { mainCommand, run, ServiceProcess } from "./support/process.ts";
import {
  exchange,
  handshakeRequest,
  RawClient,
  RawConnection,
} from "./support/raw_client.ts";

const CERT = "tests/testdata/localhost_cert.pem";
const KEY = "tests/testdata/localhost_key.pem";
const READ_CERT = [
  "--no-prompt",
  "--allow-net",
  "--allow-read=static,tests/testdata",
  "--allow-env=HOST,PORT",
];

Deno.test("main.ts --help and --version print and exit 0", async () => {
  const help = await run({ args: ["--help"] });
  assertEquals(help, {
    code: 0,
    stdout: formatHelp(optionSpecs(ENDPOINTS)) + "\n",
    stderr: "",
  });
  const version = await run({ args: ["--version", "--port", "nonsense"] });
  assertEquals(version, {
    code: 0,
    stdout: `wsecho ${project.version}\n`,
    stderr: "",
  });
});

Deno.test("main.ts exits 2 with one sentence that names a bad option", async () => {
  for (
    const [args, named] of [
      [["--port", "80x"], '--port "80x"'],
      [["--nonsense"], "--nonsense"],
      [["nonsense"], "nonsense"],
      [["--cert", "a.pem"], '--cert "a.pem"'],
      [["--header", "Connection: close"], "Connection"],
    ] as const
  ) {
    const { code, stdout, stderr } = await run({ args: [...args] });
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^wsecho: Cannot [^\n]+[^.\n]\n$/);
    assert(stderr.includes(named), stderr);
  }
  const { code, stderr } = await run({ env: { PORT: "eighty" } });
  assertEquals(code, 2);
  assertMatch(stderr, /^wsecho: Cannot .*PORT "eighty"/);
});

Deno.test("main.ts exits 1 with one sentence when it cannot start", async () => {
  await using service = await ServiceProcess.start();
  const readCert = mainCommand(READ_CERT);
  for (
    const [options, expected] of [
      [
        { args: ["--port", `${service.port}`] },
        /port \d+: the address is already in use/,
      ],
      [
        { args: ["--cert", CERT, "--key", KEY] },
        /--cert "tests\/testdata\/localhost_cert.pem": .*--allow-read/,
      ],
      [
        { command: readCert, args: ["--cert", `${CERT}x`, "--key", KEY] },
        /--cert "tests\/testdata\/localhost_cert.pemx": /,
      ],
      [
        {
          command: readCert,
          args: ["--port", "0", "--cert", KEY, "--key", KEY],
        },
        /[Cc]ertificate/,
      ],
    ] as const
  ) {
    const { code, stdout, stderr } = await run({
      ...options,
      args: [...options.args],
    });
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^wsecho: Cannot [^\n]+\n$/);
    assertMatch(stderr, expected);
  }
});

Deno.test("main.ts prints its URLs and takes HOST and PORT from the environment", async () => {
  await using service = await ServiceProcess.start({
    env: { HOST: "::1", PORT: "1" },
  });
  const host = `[::1]:${service.port}`;
  assertEquals(service.lines, [
    `wsecho ${project.version} is listening`,
    `  page       http://${host}/`,
    `  echo       ws://${host}/  ws://${host}/echo`,
    `  uppercase  ws://${host}/uppercase`,
  ]);
});

Deno.test("main.ts logs JSON that a client cannot forge", async () => {
  await using service = await ServiceProcess.start({ args: ["--log", "json"] });
  const listening = JSON.parse(service.lines[0]!);
  assertEquals(listening.event, "listening");
  assertEquals(listening.page, `http://127.0.0.1:${service.port}/`);
  using client = await RawClient.connect(service.port, {
    headers: [["Origin", 'x" \u0085 {"event":"open"}']],
  });
  await client.sendClose(1000, 'a\n{"event":"open"}\u2028');
  await client.closed();
  await service.line(/"event":"close"/);
  await service.stop();
  const entries = service.lines.map((line) => JSON.parse(line));
  assertEquals(entries.map(({ event }) => event), [
    "listening",
    "open",
    "close",
  ]);
  assertEquals(entries[2].reason, 'a\n{"event":"open"}\u2028');
});

Deno.test("main.ts logs text that a client cannot forge", async () => {
  await using service = await ServiceProcess.start({ args: ["--verbose"] });
  const forged = "\n2026-01-01T00:00:00.000Z open id=666\x1b[31m";
  using client = await RawClient.connect(service.port, {
    path: "/echo?prefix=%0Aforged",
  });
  await client.send(forged);
  await client.next();
  await client.sendClose(1000, forged);
  await client.closed();
  await service.line(/ close id=1 /);
  await service.stop();
  for (const line of service.lines.slice(4)) {
    assertMatch(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z (open|message|close) id=1 /);
    assert(!line.includes("\x1b"));
  }
  assertEquals(service.lines.length, 4 + 4);
});

Deno.test("main.ts --log off prints its URLs alone", async () => {
  await using service = await ServiceProcess.start({ args: ["--log", "off"] });
  await using client = await Client.open(`ws://127.0.0.1:${service.port}`);
  await client.ask("x");
  await service.stop();
  assertEquals(service.lines.length, 4);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`main.ts closes with 1001 and exits 0 on ${signal}`, async () => {
    await using service = await ServiceProcess.start();
    const client = await Client.open(`ws://127.0.0.1:${service.port}`);
    await client.ask("x");
    service.signal(signal);
    assertEquals((await client.closed).code, 1001);
    assertEquals(await service.exitCode(), 0);
    assertMatch(service.lines.at(-1)!, / close id=1 .* code=1001 .* by=server/);
    assertEquals(service.errorLines, []);
  });

  Deno.test(`main.ts exits 0 after --grace on ${signal} with a stuck peer`, async () => {
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

  Deno.test(`main.ts exits at once on a second ${signal}`, async () => {
    await using service = await ServiceProcess.start({
      args: ["--grace", "3600"],
    });
    using stuck = await RawClient.connect(service.port);
    service.signal(signal);
    // One that comes together with the first is the same one.
    service.signal(signal);
    // The close frame shows that the first signal has been seen.
    assertEquals((await stuck.frame())?.opcode, OPCODE.close);
    const refused = await exchange(service.port, handshakeRequest());
    assertEquals(refused.status, 503);
    await new Promise((resolve) => setTimeout(resolve, 400));
    service.signal(signal);
    assertEquals(await service.exitCode(), signal === "SIGINT" ? 130 : 143);
  });
}

Deno.test("main.ts survives errors that nobody foresaw, and logs their stacks", async () => {
  const command = mainCommand();
  command.splice(-1, 0, "--preload", "./tests/testdata/unforeseen.ts");
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

Deno.test("main.ts ends although nobody reads its log", async () => {
  await using service = await ServiceProcess.start({ args: ["--grace", "1"] });
  service.pauseReading();
  // More refusals than a pipe holds.
  const refused = handshakeRequest({ path: `/${"x".repeat(400)}` });
  for (let i = 0; i < 400; i++) await exchange(service.port, refused);
  service.signal("SIGTERM");
  const code = await service.exitCodeUnread();
  assertEquals(code, 0);
});

Deno.test("main.ts goes on when nobody can read its log", async () => {
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
    command: mainCommand(READ_CERT),
    args: ["--cert", CERT, "--key", KEY],
  });
  assertMatch(service.lines[1]!, / https:\/\//);
  assertMatch(service.lines[2]!, / wss:\/\//);
  const conn = await Deno.connectTls({
    hostname: "127.0.0.1",
    port: service.port,
    caCerts: [await Deno.readTextFile(new URL(`../${CERT}`, import.meta.url))],
    // The platform offers h2, too, which has another way to upgrade.
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
