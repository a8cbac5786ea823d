// @ts-check
import { byId, showFault } from "./dom.js";
import { words } from "./language.js";

const copies = byId("copies", HTMLInputElement);
const pause = byId("pause", HTMLInputElement);
const repeatFault = byId("repeat-fault", HTMLElement);

/** What the fields accept. */
const accepted = {
  copies: { kind: "integer", min: 1, max: 1_000_000 },
  pause: { kind: "integer", min: 0, max: 60_000, unit: "ms" },
};

/** @typedef {{ copies: number, pause: number }} Repeat `pause` in milliseconds. */

/** How often a message is sent, and with which pauses. */
export class RepeatFields {
  /** @param {() => void} edited */
  constructor(edited) {
    for (const field of [copies, pause]) {
      field.addEventListener("input", edited);
    }
  }

  /** What is in the fields, right or wrong. */
  get texts() {
    return { copies: copies.value, pause: pause.value };
  }

  /** @param {{ copies: string, pause: string }} texts */
  set texts(texts) {
    copies.value = texts.copies;
    pause.value = texts.pause;
  }

  /** Shows what is wrong. */
  show() {
    const { n, ms } = this.#values;
    const countFault = n === undefined ? words.expected(accepted.copies) : "";
    const pauseFault = ms === undefined ? words.expected(accepted.pause) : "";
    showFault(copies, repeatFault, countFault);
    showFault(pause, repeatFault, countFault || pauseFault);
    if (ms !== undefined) pause.removeAttribute("aria-invalid");
  }

  /** @returns {Repeat | undefined} `undefined`: a field is wrong. */
  read() {
    const { n, ms } = this.#values;
    return n === undefined || ms === undefined
      ? undefined
      : { copies: n, pause: ms };
  }

  /** Focuses the first field that is wrong. */
  focus() {
    (copies.matches("[aria-invalid]") ? copies : pause).focus();
  }

  get #values() {
    return {
      n: readWhole(copies.value, accepted.copies),
      ms: readWhole(pause.value, accepted.pause),
    };
  }
}

/**
 * @param {string} text
 * @param {{ min: number, max: number }} range
 * @returns {number | undefined}
 */
function readWhole(text, { min, max }) {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  return number >= min && number <= max ? number : undefined;
}
