import { createPage } from "../page.ts";
import {
  type Content,
  type ResponseInfo,
  textContent,
} from "../response_limit.ts";
import { findStaticFile } from "../static_files.ts";
import {
  type AdmissionRules,
  endpointAt,
  MAX_SHOWN_CHARACTERS,
} from "../websocket/admission.ts";
import { PARAMETERS } from "../websocket/parameters.ts";
import { escapeUnits, shorten } from "../websocket/text.ts";
import type { Connections } from "./connections.ts";
import { isHealthRequest, reportHealth } from "./health.ts";
import { CONSOLE_PATH, listPlaced } from "./paths.ts";
import type { CheckedOptions } from "./service_options.ts";
import type { Tally } from "./tally.ts";

/** The console, or a file in its folder. */
const OF_CONSOLE = new RegExp(`${CONSOLE_PATH}(?:/[^/]*)?$`);

/**
 * Creates the handler of every request that is not an upgrade. The console
 * answers them all but the request for the service's health.
 *
 * With a folder of the user's, its files come first at all paths but the
 * console's own, then the console at the paths of endpoints; others get 404.
 */
export function createPlainHandler(
  options: CheckedOptions,
  rules: AdmissionRules,
  connections: Connections,
  tally: Tally,
): (request: Request, info: ResponseInfo) => Response {
  const { static: folder } = options;
  const describe = (path: string) =>
    describeService(options, connections, path);

  return createPage({
    describe,
    countResponses: (change) => tally.add("responses", change),
    // Beside a page at the root, its files could be the user's.
    assets: folder === undefined ? "" : `${CONSOLE_PATH.slice(1)}/`,
    answer(url) {
      if (isHealthRequest(url)) {
        return reportHealth(options, connections, tally);
      }
      const { pathname: path, search } = url ?? { pathname: "/", search: "" };
      return folder === undefined || OF_CONSOLE.test(path)
        ? undefined
        : answerFrom(folder, path, search);
    },
  });

  function answerFrom(
    folder: string,
    path: string,
    query: string,
  ): Content | undefined {
    const file = findStaticFile(folder, path, query);
    if (!endpointAt(path, rules)) return file ?? refuse(path);
    // The console looks here for why a handshake was refused.
    const headers = { ...file?.headers, "X-Wsecho": describe(path) };
    return file && { ...file, headers };
  }
}

function refuse(path: string): Content {
  const shown = JSON.stringify(shorten(path, MAX_SHOWN_CHARACTERS));
  return textContent(
    404,
    `Cannot find ${shown}: the folder of --static has no such file; the console is at ${CONSOLE_PATH}\n`,
  );
}

/** Describes the service to the page. */
function describeService(
  { version, paths, prefix, subprotocols, origins, limits }: CheckedOptions,
  connections: Connections,
  path: string,
): string {
  const json = JSON.stringify({
    version,
    path: shorten(path, MAX_SHOWN_CHARACTERS),
    endpoints: listPlaced(paths).filter(({ name }) => name !== "watch"),
    watch: paths.watch[0] ?? null,
    parameters: PARAMETERS,
    prefix,
    subprotocols,
    origins,
    limits,
    refusing: connections.unavailable ?? null,
  });
  // Headers hold Latin-1 alone, and browsers read it in different ways.
  return json.replace(/[^\x20-\x7e]/g, escapeUnits);
}
