import { join } from "@std/path";
import { type FileVersion, versionOf } from "./file_headers.ts";

/** What a file of the page is made of. */
export interface PageSource extends FileVersion {
  body: Uint8Array<ArrayBuffer>;
}

/** Files, by their names. */
export type PageSources = ReadonlyMap<string, PageSource>;

/** The name of the page itself. */
export const INDEX = "index.html";

/**
 * A file that another one names, in quotes. The page names all of its files so:
 * over HTTP there is no list of them.
 */
const NAMED_FILE = /"(?:\.\/)?([\w-]+\.(?:css|js|svg))"/g;

let imported: PageSources | undefined;
let fault: Error | undefined;

/**
 * Resolves when {@link ownSources} can be called. This module does not wait for
 * it: a worker would lose what it is told meanwhile (denoland/deno#14098).
 */
export const sourcesLoaded: Promise<void> = loadSources();

/**
 * The files of the page that come with this module: from the folder beside it
 * or, when it comes from a URL, from there, as they were when it was loaded.
 *
 * @throws {Error} when they cannot be read, in one sentence
 */
export function ownSources(): PageSources {
  if (fault !== undefined) throw fault;
  return imported ?? readFolder(join(import.meta.dirname!, "..", "static"));
}

async function loadSources() {
  if (import.meta.dirname !== undefined) return;
  try {
    imported = await importPage();
  } catch (cause) {
    const [reason] = `${cause instanceof Error ? cause.message : cause}`
      .split("\n");
    fault = new Error(`Cannot load the page: ${reason}`, { cause });
  }
}

/**
 * Reads the files of a folder, without those of its subfolders and without
 * symbolic links.
 *
 * @throws {Error} when they cannot be read or none is the page, in one sentence
 */
export function readFolder(directory: string): PageSources {
  try {
    const sources = new Map<string, PageSource>();
    for (const { name, isFile } of Deno.readDirSync(directory)) {
      if (isFile) sources.set(name, readFile(join(directory, name)));
    }
    if (!sources.has(INDEX)) throw new Error(`it has no file ${INDEX}`);
    return sources;
  } catch (cause) {
    throw new Error(
      `Cannot read the page's folder "${directory}": ${
        cause instanceof Error ? cause.message : cause
      }`,
      { cause },
    );
  }
}

function readFile(path: string): PageSource {
  return { body: Deno.readFileSync(path), ...versionOf(Deno.statSync(path)) };
}

/**
 * Imports the page as text, and whatever its files name, from where this module
 * comes from. Unlike `fetch`, an import is checked and kept by the
 * platform: a later start needs no network, nor more permissions than modules.
 */
async function importPage(): Promise<PageSources> {
  const sources = new Map<string, PageSource>();
  const seen = new Set<string>();
  const visit = async (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const { href } = new URL(`../static/${name}`, import.meta.url);
    const module = await import(href, { with: { type: "text" } });
    const text: string = module.default;
    sources.set(name, await toSource(text));
    const names = text.matchAll(NAMED_FILE);
    await Promise.all(Array.from(names, ([, name]) => visit(name!)));
  };
  await visit(INDEX);
  return sources;
}

async function toSource(text: string): Promise<PageSource> {
  const body = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", body);
  return { body, revision: new Uint8Array(digest, 0, 8).toHex() };
}
