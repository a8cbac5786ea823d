// @ts-check
import { wholeCharacter } from "./payload.js";

/** Deeper levels are not indented further: lines would grow with the depth. */
const deepestIndent = 32;

/** To parse JSON of more values would take too long. */
const mostValues = 300_000;

/** @param {string} text Whether it is a JSON object or array, of not too many values. */
export function isJson(text) {
  if (!/^[ \t\r\n]*[[{]/.test(text)) return false;
  const values = /[,[{]/g;
  for (let n = 0; values.test(text); n++) if (n > mostValues) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sets out JSON over lines, in parts. Only the white space between tokens
 * changes: numbers, keys and escapes stay as they were sent, which a value that
 * was parsed and written again would not keep.
 */
export class JsonLayout {
  /** How much of the text has been set out, in UTF-16 code units. */
  at = 0;
  #text;
  #depth = 0;
  #inString = false;
  /** Whether the last token was an opening bracket. */
  #isFirst = false;

  /** @param {string} text A JSON object or array. */
  constructor(text) {
    this.#text = text;
  }

  /**
   * The next part.
   * @param {number} limit About how many UTF-16 code units to return.
   * @returns {string} Empty at the end.
   */
  take(limit) {
    const text = this.#text;
    let out = "";
    let from = this.at;
    while (this.at < text.length && out.length + this.at - from < limit) {
      const character = text[this.at] ?? "";
      if (this.#inString) {
        this.at += character === "\\" ? 2 : 1;
        if (character === '"') this.#inString = false;
        continue;
      }
      const written = this.#write(character);
      if (written !== character) {
        out += text.slice(from, this.at) + written;
        from = this.at + 1;
      }
      this.at++;
    }
    this.at = wholeCharacter(text, this.at);
    return out + text.slice(from, this.at);
  }

  /** @param {string} character Outside of strings. */
  #write(character) {
    if (" \t\r\n".includes(character)) return "";
    const opens = character === "[" || character === "{";
    const closes = character === "]" || character === "}";
    if (closes) this.#depth--;
    // No line break between brackets that hold nothing.
    const before = this.#isFirst !== closes ? this.#newLine() : "";
    this.#isFirst = opens;
    this.#inString = character === '"';
    if (opens) this.#depth++;
    if (character === ":") return ": ";
    return before + character + (character === "," ? this.#newLine() : "");
  }

  #newLine() {
    return "\n" + "  ".repeat(Math.min(this.#depth, deepestIndent));
  }
}
