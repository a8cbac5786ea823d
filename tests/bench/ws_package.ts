/** Gets the package `ws` for Node.js at run time: it is no dependency of ours. */

/** The release that is measured. */
const WS_VERSION = "8.23.0";
/** How long the installation may take, in milliseconds. */
const PATIENCE_MS = 60_000;

/** `ws` in a temporary folder, or why it cannot be had. */
export type WsPackage =
  | { folder: string; version: string; node: string }
  | { unavailable: string };

async function run(command: string, ...args: string[]) {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    stdin: "null",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).output();
  const decoder = new TextDecoder();
  return {
    success,
    out: decoder.decode(stdout).trim(),
    error: decoder.decode(stderr).trim(),
  };
}

/** Asks for a program's version; nothing where it is not present. */
export async function versionOf(command: string): Promise<string | undefined> {
  try {
    const { success, out } = await run(command, "--version");
    return success ? out : undefined;
  } catch {
    return undefined;
  }
}

/** Installs `ws` into the given empty folder, with no scripts of its own. */
export async function installWs(folder: string): Promise<WsPackage> {
  const node = await versionOf("node");
  if (!node) return { unavailable: "Node.js is not present" };
  if (!await versionOf("npm")) return { unavailable: "npm is not present" };
  try {
    const { success, error } = await run(
      "npm",
      "install",
      "--prefix",
      folder,
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      `ws@${WS_VERSION}`,
    );
    if (success) return { folder, version: WS_VERSION, node };
    return {
      unavailable: `npm cannot install ws ${WS_VERSION}: ${firstLine(error)}`,
    };
  } catch (error) {
    return { unavailable: `npm cannot install ws ${WS_VERSION}: ${error}` };
  }
}

/** Only the first line, which has the reason; later ones name hosts and logs. */
function firstLine(text: string): string {
  return text.split("\n")[0]?.trim() ?? "";
}
