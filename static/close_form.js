import { inRanges, pageRanges, reasonLimit } from "./close_code.js";
import { byId, showFault } from "./dom.js";
import { withWords, words } from "./language.js";
import { byteLength } from "./payload.js";

const closeCode = byId("close-code", HTMLInputElement);
const closeReason = byId("close-reason", HTMLInputElement);
const place = byId("closing-fault", HTMLElement);

/** The code and reason that the page closes with. */
export class CloseForm {
  /** @type {readonly import("./close_code.js").Range[]} What may be sent. */
  ranges = pageRanges;

  constructor() {
    for (const field of [closeCode, closeReason]) {
      field.addEventListener("input", () => this.#showFaults());
    }
    withWords(() => this.#showFaults());
  }

  /**
   * The code, if any, and the reason; otherwise shows what is wrong and moves
   * the focus there.
   */
  read() {
    this.#showFaults();
    const wrong = [closeCode, closeReason]
      .find((field) => field.matches("[aria-invalid]"));
    if (wrong) return wrong.focus();
    const code = closeCode.value.trim();
    const reason = closeReason.value;
    return { code: code === "" ? undefined : Number(code), reason };
  }

  #showFaults() {
    const text = closeCode.value.trim();
    const code = /^\d+$/.test(text) ? Number(text) : NaN;
    const codeFault = text === ""
      ? closeReason.value === "" ? "" : words.reasonNeedsCode
      : inRanges(code, this.ranges)
      ? ""
      : this.ranges === pageRanges
      ? words.pageCodeFault(pageRanges)
      : words.expected({ kind: "code", ranges: this.ranges });
    const reasonFault = byteLength(closeReason.value) <= reasonLimit
      ? ""
      : words.expected({ kind: "text", max: reasonLimit, unit: "bytes" });
    const fault = codeFault || reasonFault;
    showFault(closeCode, place, codeFault, fault);
    showFault(closeReason, place, reasonFault, fault);
  }
}
