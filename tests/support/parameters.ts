import { assert } from "@std/assert";
import {
  type ParameterValues,
  parseParameters,
} from "../../handlers/websocket/parameters.ts";
import { Refusal } from "../../handlers/websocket/refusal.ts";

/** The parameters of a query that is not refused. */
export function parametersOf(query: string): ParameterValues {
  const parameters = parseParameters(new URLSearchParams(query));
  assert(!(parameters instanceof Refusal), `${query} is refused`);
  return parameters;
}
