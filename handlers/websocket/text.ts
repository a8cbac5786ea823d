const MAX_QUOTED_CHARACTERS = 100;

/** Quotes a value for a sentence: its beginning is enough to recognize it. */
export function quote(value: string): string {
  return JSON.stringify(shorten(value, MAX_QUOTED_CHARACTERS));
}

/** Cuts a text that a client may have made very long. */
export function shorten(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters)}…` : text;
}

/**
 * Lists words as a sentence does: `a, b and c`. `Intl.ListFormat` would do, and
 * cost 6 MB of memory.
 */
export function listWords(
  words: readonly string[],
  conjunction: "and" | "or",
): string {
  return words.join(", ").replace(/, ([^,]*)$/, ` ${conjunction} $1`);
}

/** Escapes all of a text as JSON does: `\u` and four hex digits per unit. */
export function escapeUnits(text: string): string {
  return text.split("").map((unit) =>
    `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
  ).join("");
}
