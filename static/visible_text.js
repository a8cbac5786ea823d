/**
 * What is not seen, or changes how other text is seen. Beyond controls and
 * formats these are all that Unicode lets a font ignore, which hides text as
 * well: fillers, tags, variation selectors. Two of them are exempt where they
 * only choose a picture that is seen: the joiner between pictographs, and a
 * variation selector behind one or within a keycap.
 */
const unseen =
  /\n|(?:(?!\n|(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d\p{Extended_Pictographic}|(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]|(?<=[\d#*])\ufe0f\u20e3)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}])+/gu;

/** @type {Readonly<Record<string, string>>} */
const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Divides text into what is seen and what is not; `escape` is what stands for
 * the latter, as in `\t`, `\u202e` or `\u{e0041}`. Line breaks stand alone.
 * @param {string} text
 * @returns {Generator<{ text: string, escape?: string }>} All of the text, in
 * order.
 */
export function* splitVisible(text) {
  let end = 0;
  for (const { 0: found, index } of text.matchAll(unseen)) {
    if (index > end) yield { text: text.slice(end, index) };
    yield { text: found, escape: Array.from(found, escape).join("") };
    end = index + found.length;
  }
  if (end < text.length) yield { text: text.slice(end) };
}

/** @param {string} character */
function escape(character) {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return short[character] ??
    (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`);
}

/** @param {string} text With escapes, which cannot be told from what looks like them. */
export function escapeInvisible(text) {
  const parts = splitVisible(text);
  return Array.from(parts, (part) => part.escape ?? part.text).join("");
}
