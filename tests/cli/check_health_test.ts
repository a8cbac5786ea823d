import { assertEquals, assertMatch } from "@std/assert";
import { run, ServiceProcess } from "../support/process.ts";

const check = (...args: string[]) => run({ args: ["--check-health", ...args] });

Deno.test("main.ts --check-health exits 0 while the service accepts connections", async () => {
  await using service = await ServiceProcess.start({
    args: ["--host", "0.0.0.0"],
  });
  const PORT = `${service.port}`;
  const args = ["--check-health", "--workers", "1"];
  for (const HOST of ["0.0.0.0", "127.0.0.1"]) {
    // No proxy stands between them.
    const env = { HOST, PORT, HTTP_PROXY: "http://127.0.0.1:9" };
    const { code, stdout, stderr } = await run({ args, env });
    assertEquals([code, stdout, stderr], [0, "", ""]);
  }
  await service.stop();
  const { code, stderr } = await check("--port", PORT);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^wsecho: Cannot reach http:\/\/127\.0\.0\.1:\d+\/\?health: [^\n]*ECONNREFUSED[^\n]*\n$/,
  );
});

Deno.test("main.ts --check-health exits 1 and says what the service says", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) =>
      url.endsWith("/?health")
        ? Response.json({ status: "draining" }, { status: 503 })
        : new Response(),
  );
  const { port } = server.addr;
  const { code, stdout, stderr } = await check("--port", `${port}`);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    `wsecho: Cannot open connections by http://127.0.0.1:${port}/?health: status 503: "{\\"status\\":\\"draining\\"}"\n`,
  );
});

Deno.test("main.ts --check-health takes no other server for the service", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<p>".repeat(1_000)),
  );
  const { code, stderr } = await check("--port", `${server.addr.port}`);
  assertEquals(code, 1);
  assertMatch(stderr, /: status 200: "(<p>){166}<p…"\n$/);
});

Deno.test("main.ts --check-health waits no longer than 4 s for an answer", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  await using server = Deno.serve(options, () => promise);
  const { code, stderr } = await check("--port", `${server.addr.port}`);
  resolve(new Response());
  assertEquals(code, 1);
  assertMatch(stderr, /^wsecho: Cannot reach [^\n]*: no answer within 4 s\n$/);
});
