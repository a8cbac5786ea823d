import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  CertificateError,
  findAddress,
  Listener,
  type ListenOptions,
} from "../../handlers/server/listener.ts";
import { Client } from "../support/client.ts";
import { testOnUnix as test } from "../support/platform.ts";
import { ServiceProcess } from "../support/process.ts";
import { exchange, RawClient, RawConnection } from "../support/raw_client.ts";
import { until } from "../support/wait.ts";

/** Listens on a free port of 127.0.0.1, but for what is changed. */
function listen(
  change: Partial<ListenOptions> = {},
  handler: Deno.ServeHandler<Deno.NetAddr> = () => new Response("fine"),
): Listener {
  const tls = undefined;
  return new Listener(
    handler,
    { hostname: "127.0.0.1", port: 0, tls, reusePort: false, ...change },
    { onLost() {}, onError: () => new Response("failed", { status: 500 }) },
  );
}

const REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

Deno.test("Listener answers a request whose handler throws", async () => {
  let fails = false;
  const listener = listen({}, () => {
    if (fails) throw new Error("unexpected");
    return new Response("fine");
  });
  const { port } = listener.addr;
  assertEquals((await exchange(port, REQUEST)).body, "fine");
  fails = true;
  assertEquals((await exchange(port, REQUEST)).status, 500);
  await listener.close();
});

Deno.test("Listener says in a sentence why it cannot listen", async () => {
  const listener = listen();
  const { port } = listener.addr;
  // An address of RFC 5737, which no machine has.
  for (
    const [change, reason] of [
      [{ port }, `127.0.0.1 port ${port}: the address is already in use`],
      [
        { hostname: "192.0.2.1" },
        "192.0.2.1 port 0: the address is not one of this machine",
      ],
      [{ hostname: "a key" }, "a key port 0: invalid host"],
    ] as const
  ) {
    const { message } = assertThrows(() => listen(change), Error);
    assertStringIncludes(message, `Cannot listen on ${reason}`);
  }
  await listener.close();
});

Deno.test("findAddress() listens for a moment, but not where others may listen", async () => {
  const listener = listen();
  const { addr } = listener;
  const options = { ...addr, tls: undefined };
  assertThrows(
    () => findAddress({ ...options, reusePort: false }),
    Error,
    "already in use",
  );
  const { port } = addr;
  assertEquals(findAddress({ ...options, reusePort: true }).port, port);
  await listener.close();
  assertEquals(findAddress({ ...options, reusePort: false }).port, port);
});

function pem(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
}

Deno.test("Listener names the certificate or key that cannot be used", async () => {
  const read = (name: string) =>
    Deno.readTextFile(
      new URL(`../testdata/localhost_${name}`, import.meta.url),
    );
  const [cert, key] = [await read("cert.pem"), await read("key.pem")];
  const { privateKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign"],
  );
  const otherKey = await crypto.subtle.exportKey("pkcs8", privateKey);
  const wrong: [cert: string, key: string, part: string][] = [
    ["junk", key, "cert"],
    [key, key, "cert"],
    [pem("CERTIFICATE", "AAAA"), key, "cert"],
    [pem("CERTIFICATE", "%"), key, "cert"],
    [cert, "junk", "key"],
    [cert, cert, "key"],
    [cert, pem("PRIVATE KEY", "AAAA"), "key"],
    [cert, pem("PRIVATE KEY", new Uint8Array(otherKey).toBase64()), "key"],
  ];
  for (const [cert, key, part] of wrong) {
    const error = assertThrows(
      () => listen({ tls: { cert, key } }),
      CertificateError,
      `Cannot use tls.${part}: `,
    );
    assertEquals(error.part, part);
  }
});

Deno.test("Listener.restart() ends every connection and listens again", async () => {
  const listener = listen({}, (request) => {
    if (!request.headers.has("upgrade")) return new Response("fine");
    return Deno.upgradeWebSocket(request).response;
  });
  const { port } = listener.addr;
  using client = await RawClient.connect(port);
  await listener.restart();
  assertEquals((await client.closed()).code, 1001);
  assertEquals((await exchange(port, REQUEST)).body, "fine");
  await listener.close();
});

test("Listener and connections survive too many open files", async () => {
  await using service = await ServiceProcess.start({
    maxFiles: 120,
    args: ["--workers", "1"],
  });
  await using client = await Client.open(`ws://127.0.0.1:${service.port}`);
  const crowd: RawConnection[] = [];
  try {
    try {
      for (;;) crowd.push(await RawConnection.open(service.port));
    } catch (error) {
      // The listener has gone.
      if (
        !(error instanceof Deno.errors.ConnectionRefused ||
          error instanceof Deno.errors.ConnectionReset)
      ) throw error;
    }
    await service.line(/ lost error=/);
    assertEquals(await client.ask("unharmed"), "unharmed");
  } finally {
    for (const connection of crowd) connection.close();
  }
  await until(
    () =>
      exchange(service.port, REQUEST).then(
        ({ status }) => status === 200,
        // Refused until it listens again, or dropped while files are scarce.
        () => false,
      ),
    "it listens again",
  );
  assertEquals(await client.ask("still unharmed"), "still unharmed");
});
