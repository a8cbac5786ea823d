import project from "../deno.json" with { type: "json" };

/** The permissions with which `deno task start` runs the service, as flags. */
export const PERMISSIONS = project.tasks.start.command
  .replace(/\$\(.*?\)/, "")
  .split(" ")
  .filter((word) => /^--(no-prompt|allow-)/.test(word));
