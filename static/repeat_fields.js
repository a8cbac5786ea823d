// @ts-check
import { byId, showFault } from "./dom.js";
import { words } from "./language.js";

const place = byId("repeat-fault", HTMLElement);
const copies = byId("copies", HTMLInputElement);
const pause = byId("pause", HTMLInputElement);

/** How often a message is sent, and with which pauses in milliseconds. */
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

  /**
   * Shows what is wrong.
   * @returns {{ copies: number, pause: number } | undefined} `undefined`: a
   * field is wrong.
   */
  read() {
    const count = readWhole(copies, { min: 1, max: 1_000_000 });
    const rest = readWhole(pause, { min: 0, max: 60_000, unit: "ms" });
    const fault = count.fault || rest.fault;
    showFault(copies, place, count.fault, fault);
    showFault(pause, place, rest.fault, fault);
    return fault === "" ? { copies: count.n, pause: rest.n } : undefined;
  }

  /** Focuses the first field that is wrong. */
  focus() {
    (copies.matches("[aria-invalid]") ? copies : pause).focus();
  }
}

/** @type {(field: HTMLInputElement, range: { min: number, max: number, unit?: string }) => { n: number, fault: string }} */
function readWhole({ value }, range) {
  const n = /^\d+$/.test(value.trim()) ? Number(value) : NaN;
  const isIn = n >= range.min && n <= range.max;
  return {
    n,
    fault: isIn ? "" : words.expected({ kind: "integer", ...range }),
  };
}
