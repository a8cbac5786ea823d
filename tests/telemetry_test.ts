import { assertEquals } from "@std/assert";
import project from "../deno.json" with { type: "json" };
import { Client } from "./support/client.ts";
import { ServiceProcess } from "./support/process.ts";
import { exchange, handshakeRequest } from "./support/raw_client.ts";
import { until } from "./support/wait.ts";

/** What OTLP's JSON has for a list of attributes. */
type Attributes = { key: string; value: Record<string, string | number> }[];

/** The part of an OTLP export that is looked at. */
interface Export {
  resourceMetrics?: {
    scopeMetrics: {
      scope: { name: string; version?: string };
      metrics: {
        name: string;
        unit: string;
        sum?: {
          isMonotonic?: boolean;
          dataPoints: { attributes: Attributes; asDouble: number }[];
        };
      }[];
    }[];
  }[];
}

/** Receives what OpenTelemetry exports, as a collector does. */
class Receiver implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** The service's newest sums, by name, unit, kind and attributes. */
  readonly sums: Record<string, number> = {};

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        this.#receive(await request.json());
        return Response.json({});
      },
    );
  }

  /** The environment of a process that exports to it. */
  env(intervalMs: number): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: `${intervalMs}`,
    };
  }

  #receive({ resourceMetrics = [] }: Export) {
    const scopes = resourceMetrics.flatMap((resource) => resource.scopeMetrics);
    for (const { scope, metrics } of scopes) {
      if (scope.name !== "wsecho") continue;
      assertEquals(scope.version, project.version);
      for (const { name, unit, sum } of metrics) {
        for (const { attributes, asDouble } of sum!.dataPoints) {
          const kind = sum!.isMonotonic ? "" : " now";
          const list = attributes.map(({ key, value }) =>
            ` ${key}=${Object.values(value)}`
          );
          this.sums[`${name} ${unit}${kind}${list.join("")}`] = asDouble;
        }
      }
    }
  }

  async [Symbol.asyncDispose]() {
    await this.#server.shutdown();
  }
}

Deno.test("main.ts exports what all workers count, and the rest when it ends", async () => {
  await using receiver = new Receiver();
  await using service = await ServiceProcess.start({
    args: ["--workers", "2"],
    // Longer than the test: nothing is exported before the end.
    env: receiver.env(600_000),
  });
  const { port } = service;
  const url = `ws://127.0.0.1:${port}/echo`;
  for (let n = 0; n < 8; n++) {
    const client = await Client.open(url);
    assertEquals(await client.ask("hello"), "hello");
    client.socket.close(n < 5 ? 1000 : 3000 + n);
    await client.closed;
  }
  const client = await Client.open(`${url}?repeat=3`);
  client.send(new Uint8Array(1_000));
  for (let n = 0; n < 3; n++) await client.next();
  for (const path of ["/nowhere", "/nowhere", "/?status=418"]) {
    await exchange(port, handshakeRequest({ path }));
  }
  assertEquals(await service.stop(), 0);
  assertEquals((await client.closed).code, 1001);
  assertEquals(receiver.sums, {
    "wsecho.connections.open {connection} now": 0,
    "wsecho.connections.opened {connection}": 9,
    "wsecho.connections.closed {connection} wsecho.close_code=1000": 5,
    "wsecho.connections.closed {connection} wsecho.close_code=3xxx": 3,
    "wsecho.connections.closed {connection} wsecho.close_code=1001": 1,
    "wsecho.connections.refused {connection} http.response.status_code=404": 2,
    "wsecho.connections.refused {connection} http.response.status_code=418": 1,
    "wsecho.messages {message} network.io.direction=receive": 9,
    "wsecho.messages {message} network.io.direction=transmit": 11,
    "wsecho.io By network.io.direction=receive": 1_040,
    "wsecho.io By network.io.direction=transmit": 3_040,
  });
});

Deno.test("main.ts exports while it serves", async () => {
  await using receiver = new Receiver();
  // Ends by SIGKILL: an end within an export would hang (denoland/deno#33157).
  await using service = await ServiceProcess.start({ env: receiver.env(200) });
  const url = `ws://127.0.0.1:${service.port}/echo`;
  const open = () => receiver.sums["wsecho.connections.open {connection} now"];
  const clients = await Promise.all([Client.open(url), Client.open(url)]);
  await until(() => open() === 2, "2 connections are open");
  clients[0]!.socket.close();
  await until(() => open() === 1, "1 connection is open");
  assertEquals(service.errorLines, []);
});
