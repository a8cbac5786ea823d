// @ts-check

const placeholders = /\{\{(n|time|random)\}\}|\{(n|time|random)\}/g;

/**
 * Reads a text with `{n}`, `{time}` (ISO 8601) and `{random}` (8 hexadecimal
 * digits); `{{n}}` stands for `{n}` itself.
 * @param {string} text
 * @returns {{ fill: (n: number) => string, isDistinct: boolean } | undefined}
 * What fills them in for copy n, and whether copies differ; `undefined` where
 * there are none.
 */
export function parseTemplate(text) {
  const found = [...text.matchAll(placeholders)];
  if (found.length === 0) return undefined;
  return {
    fill: (n) =>
      text.replace(
        placeholders,
        (_, literal, name) =>
          literal === undefined ? valueOf(name, n) : `{${literal}}`,
      ),
    isDistinct: found.some(([, , name]) => name === "n" || name === "random"),
  };
}

/**
 * @param {string} name
 * @param {number} n
 */
function valueOf(name, n) {
  if (name === "n") return String(n);
  if (name === "time") return new Date().toISOString();
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return random.toString(16).padStart(8, "0");
}
