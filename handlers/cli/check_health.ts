import { once } from "node:events";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { SETTINGS } from "../server/service_options.ts";
import { formatAddress, isAnyAddress } from "../server/urls.ts";
import { shorten } from "../websocket/text.ts";
import type { ProgramOptions } from "./options.ts";

/** How long the service may take to answer, in milliseconds. */
const TIMEOUT_MS = 4_000;
/** More than the service's answer has; another server's may be a page. */
const MAX_SHOWN_CHARACTERS = 500;

/**
 * Asks the service that runs with these options whether it accepts
 * connections. An image without a shell has nothing else to ask with.
 *
 * @throws {Error} saying why it does not; the message is one sentence
 */
export async function checkHealth({ service }: ProgramOptions): Promise<void> {
  const {
    hostname = SETTINGS.hostname.default,
    port = SETTINGS.port.default,
  } = service;
  // Not every system connects to the address that stands for all interfaces.
  const host = isAnyAddress(hostname) ? "localhost" : hostname;
  const address = formatAddress({ hostname: host, port, transport: "tcp" });
  const url = `http://${address}/?health`;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { status, body } = await ask(url, signal).catch((cause) => {
    const reason = signal.aborted
      ? `no answer within ${TIMEOUT_MS / 1_000} s`
      : cause.message;
    throw new Error(`Cannot reach ${url}: ${reason}`, { cause });
  });
  // Another server may give 200 as well.
  if (status === 200 && body.startsWith('{"status":"ok"')) return;
  const shown = JSON.stringify(shorten(body, MAX_SHOWN_CHARACTERS));
  throw new Error(
    `Cannot open connections by ${url}: status ${status}: ${shown}`,
  );
}

/** Sends a request; `fetch` would send it to the proxy of `HTTP_PROXY`. */
async function ask(url: string, signal: AbortSignal) {
  const [response] = await once(get(url, { signal }), "response", { signal });
  return { status: response.statusCode, body: await text(response) };
}
