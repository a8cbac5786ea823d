import { isAbsolute, join, relative } from "@std/path";
import { FileBody } from "./file_body.ts";
import { fileHeaders, versionOf } from "./file_headers.ts";
import type { Content } from "./response_limit.ts";

const INDEX = "index.html";
/** A separator of some system, or what can be in no file's name on all. */
const NO_NAME = /[/\\:\0]/;

/**
 * Finds the file of a folder that a URL's path names, as it is at the moment; in
 * the place of a subfolder its `index.html`. Hidden files, whose name or folder
 * begins with a dot, symbolic links that lead out of the folder, and what cannot
 * be read are as if they were not there.
 *
 * Returns no promise, as the router must not.
 *
 * @param path of a URL, percent-encoded
 * @param query of that URL, with its question mark, which a redirect keeps
 * @returns undefined when there is none
 */
export function findStaticFile(
  directory: string,
  path: string,
  query: string,
): Content | undefined {
  const names = decodeNames(path);
  if (!names) return undefined;
  const isFolder = path.endsWith("/");
  const file = stat(directory, names);
  if (file?.info.isFile) return isFolder ? undefined : toContent(file);
  const index = file?.info.isDirectory && stat(directory, [...names, INDEX]);
  if (!index || !index.info.isFile) return undefined;
  return isFolder ? toContent(index) : addSlash(path, query);
}

/** The names of a path; undefined when it cannot be one of files. */
function decodeNames(path: string): string[] | undefined {
  try {
    const names = path.split("/").map(decodeURIComponent);
    return names.some((name) => NO_NAME.test(name)) ? undefined : names;
  } catch {
    return undefined;
  }
}

/** A file or folder that may be shown, without links in its path. */
interface Found {
  path: string;
  info: Deno.FileInfo;
}

function stat(directory: string, names: string[]): Found | undefined {
  try {
    const path = Deno.realPathSync(join(directory, ...names));
    // The folder itself may be replaced, as by a build.
    const inside = relative(Deno.realPathSync(directory), path);
    // Absolute: on another drive of Windows.
    const isHidden = isAbsolute(inside) ||
      inside.split(/[/\\]/).some((name) => name.startsWith("."));
    if (isHidden) return undefined;
    const info = Deno.statSync(path);
    // Later, the response would have begun.
    if (info.isFile) Deno.openSync(path).close();
    return { path, info };
  } catch {
    return undefined;
  }
}

function toContent({ path, info }: Found): Content {
  return {
    status: 200,
    // Without a security policy: what the page needs, its author knows.
    headers: fileHeaders(path, info.size, versionOf(info)),
    body: new FileBody(path, info),
  };
}

/**
 * Relative links in a folder's page need the slash. The target is relative as
 * well, since a proxy may have removed a prefix of the path.
 */
function addSlash(path: string, query: string): Content {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return {
    status: 302,
    headers: { "Location": `./${name}/${query}` },
    body: new Uint8Array(),
  };
}
