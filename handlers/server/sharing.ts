/** Why a port cannot be shared here, undefined where it can. */
export const SHARING_FAULT: string | undefined = findFault();

function findFault(): string | undefined {
  if (Deno.build.os !== "linux") {
    return "only Linux spreads connections over those who listen on a port";
  }
  // Without the flag, an attempt to share ends the process. It adds this, too.
  return "listenDatagram" in Deno
    ? undefined
    : "to share a port, Deno has to be run with --unstable-net";
}
