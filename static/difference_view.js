// @ts-check
import { findDifference } from "./difference.js";
import { appendVisible, create } from "./dom.js";
import { words } from "./language.js";

/** @typedef {import("./payload.js").Payload} Payload */

/**
 * What is wrong with a reply: where it differs from what was expected, and how.
 * @param {Payload} expected
 * @param {Payload} received
 * @returns {HTMLElement[]}
 */
export function differenceParts(expected, received) {
  const found = findDifference(expected, received);
  const kinds = [expected, received].map((payload) =>
    typeof payload === "string" ? words.text : words.types.binary
  );
  const facts = kinds[0] === kinds[1]
    ? []
    : [words.difference.types(kinds[0] ?? "", kinds[1] ?? "")];
  if (found === undefined) return [create("p", "differs", facts[0])];
  facts.unshift(words.difference.at(found));
  const { length } = found.expected;
  if (length !== found.received.length) {
    facts.push(words.difference.lengths(found));
  }
  const list = create("dl", "difference");
  for (const name of /** @type {const} */ (["expected", "received"])) {
    const { before, differing, after } = found[name];
    const content = create("dd", "code");
    const mark = create("mark");
    appendVisible(content, before);
    appendVisible(mark, differing);
    content.append(mark);
    appendVisible(content, after);
    list.append(create("dt", undefined, words.difference[name]), content);
  }
  return [create("p", "differs", facts.join(" · ")), list];
}
