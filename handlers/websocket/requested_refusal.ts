import { Buffer } from "node:buffer";
import type { ParameterValues } from "./parameters.ts";
import { createRandom } from "./random.ts";
import { Refusal } from "./refusal.ts";

const CHALLENGE = {
  "WWW-Authenticate": 'Basic realm="wsecho", charset="UTF-8"',
};

/**
 * Refuses a handshake as its own parameters ask: without the right credentials
 * (HTTP Basic, RFC 7617), or with a status.
 *
 * @param authorization the header `Authorization`
 * @returns undefined when they do not ask for it
 */
export function refuseAsRequested(
  { auth, status, odds, seed, location, retry }: ParameterValues,
  authorization: string | null,
): Refusal | undefined {
  if (auth !== "" && !isAuthorized(authorization, auth)) {
    return new Refusal(
      401,
      `Cannot upgrade: the header Authorization is ${
        authorization === null ? "missing" : "not the expected one"
      }, the parameter "auth" demands it`,
      CHALLENGE,
    );
  }
  if (status === undefined) return undefined;
  // The same URL always has the same outcome: workers share no sequence.
  if (createRandom(seed, "odds")() * 100 >= odds) return undefined;
  return new Refusal(
    status,
    `Cannot upgrade: the parameter "status" demands the answer ${status}`,
    {
      // RFC 9110 section 15.5.2: a 401 names what it wants.
      ...(status === 401 ? CHALLENGE : {}),
      ...(location === "" ? {} : { "Location": location }),
      ...(retry === undefined ? {} : { "Retry-After": `${retry}` }),
    },
  );
}

function isAuthorized(authorization: string | null, auth: string): boolean {
  const [, credentials] = /^basic +([\w+/]+={0,2})$/i.exec(
    authorization ?? "",
  ) ?? [];
  return credentials === Buffer.from(auth).toString("base64");
}
