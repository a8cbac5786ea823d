// @ts-check
import { wholeCharacter } from "./payload.js";

/** Deeper levels are not indented further: lines would grow with the depth. */
const deepestIndent = 32;

/**
 * Whether text is a JSON object or array.
 * @param {string} text
 * @returns {boolean}
 */
export function isJson(text) {
  if (!/^[ \t\r\n]*[[{]/.test(text)) return false;
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
    /** @param {string} replacement Of the character at the current position. */
    const write = (replacement) => {
      out += text.slice(from, this.at) + replacement;
      from = ++this.at;
    };
    while (this.at < text.length && out.length + this.at - from < limit) {
      const character = text[this.at] ?? "";
      if (this.#inString) {
        this.at += character === "\\" ? 2 : 1;
        if (character === '"') this.#inString = false;
      } else if (character === '"') {
        this.at++;
        this.#inString = true;
      } else if (character === ":") write(": ");
      else if (character === ",") write("," + this.#newLine());
      else if (/[[{]/.test(character)) {
        const next = afterSpace(text, this.at + 1);
        if (/[\]}]/.test(text[next] ?? "")) {
          write(character + text[next]);
          from = this.at = next + 1;
        } else {
          this.#depth++;
          write(character + this.#newLine());
        }
      } else if (/[\]}]/.test(character)) {
        this.#depth--;
        write(this.#newLine() + character);
      } else if (isSpace(character)) write("");
      else this.at++;
    }
    this.at = wholeCharacter(text, this.at);
    return out + text.slice(from, this.at);
  }

  #newLine() {
    return "\n" + "  ".repeat(Math.min(this.#depth, deepestIndent));
  }
}

/** @param {string | undefined} character */
function isSpace(character) {
  return character === " " || character === "\n" || character === "\r" ||
    character === "\t";
}

/**
 * @param {string} text
 * @param {number} at
 */
function afterSpace(text, at) {
  while (isSpace(text[at])) at++;
  return at;
}
