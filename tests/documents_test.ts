import { assert, assertEquals } from "@std/assert";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import project from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);
const DOCUMENTS = globSync(["*.md", ".github/*.md", "tests/*/*.md"], {
  cwd: fileURLToPath(ROOT),
});

/** A link or a picture's place, within the project. */
const LINK = /(?:\]\(|\ssrc(?:set)?=")(?!https?:)([^)"]+)/g;

/** The headings of a document, as links name them. */
function anchorsOf(text: string): string[] {
  return Array.from(
    text.matchAll(/^#+ (.*)$/gm),
    ([, title]) =>
      title!.toLowerCase().replace(/[^\p{L}\d_\s-]/gu, "").replaceAll(" ", "-"),
  );
}

Deno.test("the documents link to files and headings that there are, and name tasks of the project", async () => {
  assert(DOCUMENTS.length > 4);
  for (const document of DOCUMENTS) {
    const place = new URL(document.replaceAll("\\", "/"), ROOT);
    const text = await Deno.readTextFile(place);
    for (const [, link] of text.matchAll(LINK)) {
      const { href, hash } = new URL(link!, place);
      const target = new URL(href.replace(hash, ""));
      const { isFile } = await Deno.stat(target);
      if (hash === "") continue;
      assert(isFile, link);
      const anchors = anchorsOf(await Deno.readTextFile(target));
      assert(
        anchors.includes(decodeURIComponent(hash.slice(1))),
        `${document}: ${link}`,
      );
    }
    const tasks = text.matchAll(/deno task (?:-q |--quiet )?([a-z][\w:-]*)/g);
    for (const [, task] of tasks) {
      assertEquals(Object.hasOwn(project.tasks, task!), true, task);
    }
  }
});
