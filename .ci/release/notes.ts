/**
 * Prints what the changelog says of a tag, the text of its release. Fails
 * unless the tag is that of `deno.json`'s version, and the changelog has a
 * dated section of it.
 *
 *     deno task release:notes v1.0.0
 *
 * @module
 */
import project from "../../deno.json" with { type: "json" };

const CHANGELOG = new URL("../../.github/CHANGELOG.md", import.meta.url);

/**
 * What a changelog says of the version that a tag names.
 *
 * @throws {Error} if the tag is not that version's, or there is no such section
 */
export function releaseNotes(
  tag: string,
  version: string,
  changelog: string,
): string {
  const refuse = (reason: string) =>
    new Error(`Cannot release the tag ${JSON.stringify(tag)}: ${reason}`);
  if (tag !== `v${version}`) {
    throw refuse(
      `deno.json has the version ${version}, expected "v${version}"`,
    );
  }
  for (const section of changelog.split(/^## /m).slice(1)) {
    const [heading, ...lines] = section.split("\n");
    if (!heading!.startsWith(`[${version}]`)) continue;
    if (!/^\[.*\] - \d{4}-\d\d-\d\d$/.test(heading!)) {
      throw refuse(`the changelog's section "${heading}" has no date`);
    }
    const text = lines.join("\n").trim();
    if (text === "") throw refuse(`the changelog says nothing of ${version}`);
    return text;
  }
  throw refuse(`the changelog has no section "## [${version}] - DATE"`);
}

if (import.meta.main) {
  try {
    const changelog = Deno.readTextFileSync(CHANGELOG);
    const [tag = ""] = Deno.args;
    console.log(releaseNotes(tag, project.version, changelog));
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
