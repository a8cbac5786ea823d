// @ts-check
import { findDifference } from "./difference.js";
import { appendVisible, create } from "./dom.js";
import { words } from "./language.js";

/** @param {import("./payload.js").Payload} payload */
const kindOf = (payload) =>
  words.types[typeof payload === "string" ? "text" : "binary"];

/**
 * What is wrong with a reply: where it differs from what was expected, and how.
 * @param {import("./payload.js").Payload} expected
 * @param {import("./payload.js").Payload} received
 */
export function differenceParts(expected, received) {
  const found = findDifference(expected, received);
  const [wanted, kind] = [kindOf(expected), kindOf(received)];
  const facts = kind === wanted ? [] : [words.difference.types(wanted, kind)];
  if (found === undefined) return [create("p", "differs fault", facts[0])];
  facts.unshift(words.difference.at(found));
  if (found.expected.length !== found.received.length) {
    facts.push(words.difference.lengths(found));
  }
  const list = create("dl", "difference");
  for (const name of /** @type {const} */ (["expected", "received"])) {
    const content = create("dd", "code");
    const mark = create("mark");
    appendVisible(content, found[name].before);
    appendVisible(mark, found[name].differing);
    content.append(mark);
    appendVisible(content, found[name].after);
    list.append(create("dt", undefined, words.difference[name]), content);
  }
  return [create("p", "differs fault", facts.join(" · ")), list];
}
