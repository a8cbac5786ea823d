/** Deeper levels are not indented further: lines would grow with the depth. */
const deepestIndent = 32;

/** To parse and set out JSON of more tokens would take too long. */
const mostTokens = 250_000;

const tokens = /\\.|"|[[{][ \t\r\n]*[\]}]|[ \t\r\n]+|[[\]{},:]/gs;

/** @param {string} text Whether it is a JSON object or array, of not too many tokens. */
export function isJson(text) {
  if (!/^[ \t\r\n]*[[{]/.test(text)) return false;
  tokens.lastIndex = 0;
  for (let n = 0; tokens.test(text); n++) if (n > mostTokens) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sets out JSON over lines; `undefined` where text is none. Only the white space
 * between tokens changes: numbers, keys and escapes stay as they were sent, which a
 * value that was parsed and written again would not keep.
 * @param {string} text
 */
export function layOutJson(text) {
  if (!isJson(text)) return undefined;
  let inString = false;
  let depth = 0;
  const newLine = () => "\n" + "  ".repeat(Math.min(depth, deepestIndent));
  return text.replace(tokens, (token) => {
    if (token === '"') inString = !inString;
    if (inString || '"\\'.includes(token[0] ?? "")) return token;
    if (token === ":") return ": ";
    if (token === ",") return token + newLine();
    if (token === "[" || token === "{") {
      depth++;
      return token + newLine();
    }
    if (token === "]" || token === "}") {
      depth--;
      return newLine() + token;
    }
    // White space, which may stand between brackets that hold nothing.
    return token.replace(/\s+/, "");
  });
}
