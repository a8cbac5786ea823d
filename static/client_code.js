// @ts-check

/** The programs that there is code for. */
export const KINDS = [
  { kind: "wscat", label: "wscat" },
  { kind: "curl", label: "curl" },
];

/**
 * How a program connects.
 * @param {string} kind
 * @param {string} url
 * @param {readonly string[]} _protocols
 * @returns {string}
 */
export function clientCode(kind, url, _protocols) {
  return kind === "curl" ? `curl -N '${url}'` : `wscat -c '${url}'`;
}
