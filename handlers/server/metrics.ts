import { type CounterName, SERIES } from "./counters.ts";
import type { Tally } from "./tally.ts";

/** The part of OpenTelemetry's API that is used here. */
interface MeterProvider {
  getMeter(name: string, version: string): Meter;
}
type Create = (
  name: string,
  options: { unit: string; description: string },
) => Counter;
interface Meter {
  createCounter: Create;
  createUpDownCounter: Create;
}
interface Counter {
  add(change: number, attributes?: Record<string, string | number>): void;
}

/** The counters' names, units and attributes, by OpenTelemetry's conventions. */
const COUNTERS: Record<
  CounterName,
  { name: string; unit: string; description: string; attribute?: string }
> = {
  opened: {
    name: "wsecho.connections.opened",
    unit: "{connection}",
    description: "Connections that have opened",
  },
  closed: {
    name: "wsecho.connections.closed",
    unit: "{connection}",
    description: "Connections that have ended, by close code",
    attribute: "wsecho.close_code",
  },
  refused: {
    name: "wsecho.connections.refused",
    unit: "{connection}",
    description: "Handshakes that were refused, by status",
    attribute: "http.response.status_code",
  },
  messages: {
    name: "wsecho.messages",
    unit: "{message}",
    description: "Messages received and sent",
    attribute: "network.io.direction",
  },
  bytes: {
    name: "wsecho.io",
    unit: "By",
    description: "Payload of the messages received and sent",
    attribute: "network.io.direction",
  },
  recycled: {
    name: "wsecho.workers.recycled",
    unit: "{worker}",
    description: "Workers that were recycled",
  },
};

/** How often what was counted is handed over; OpenTelemetry exports later. */
const UPDATE_MS = 1_000;

/**
 * Hands what the process counts to OpenTelemetry until it is disposed of, if
 * that is in use: undefined otherwise.
 *
 * The counters are not observable ones, which would need no timer: the runtime
 * does not ask for those when the process ends, and what came since the last
 * export would be lost.
 */
export function exportMetrics(
  tally: Tally,
  version: string,
): Disposable | undefined {
  const meter = findMeterProvider()?.getMeter("wsecho", version);
  if (!meter) return undefined;
  const open = meter.createUpDownCounter("wsecho.connections.open", {
    unit: "{connection}",
    description: "Connections that are open",
  });
  const counters = Object.fromEntries(
    Object.entries(COUNTERS).map(([key, { name, unit, description }]) => [
      key,
      meter.createCounter(name, { unit, description }),
    ]),
  ) as Record<CounterName, Counter>;
  let lastOpen = 0;
  const lastTotals = new Float64Array(SERIES.length);

  function update() {
    const nowOpen = tally.total("open");
    open.add(nowOpen - lastOpen);
    lastOpen = nowOpen;
    const totals = tally.counters.totals();
    for (const [index, { name, value }] of SERIES.entries()) {
      const change = totals[index]! - lastTotals[index]!;
      if (change === 0) continue;
      const { attribute } = COUNTERS[name];
      const attributes = attribute && value ? { [attribute]: value } : {};
      counters[name].add(change, attributes);
      lastTotals[index] = totals[index]!;
    }
  }
  const timer = setInterval(update, UPDATE_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      update();
    },
  };
}

/**
 * Where every copy of `@opentelemetry/api` 1.x looks for it, and the runtime
 * puts its own with `OTEL_DENO=true`. That package would be a dependency for
 * this line; `Deno.telemetry` throws when telemetry is off.
 */
function findMeterProvider(): MeterProvider | undefined {
  const key = Symbol.for("opentelemetry.js.api.1");
  const api: { metrics?: MeterProvider } | undefined = Reflect.get(
    globalThis,
    key,
  );
  return api?.metrics;
}
