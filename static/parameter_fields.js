import { closeName, namedCodes } from "./close_code.js";
import { byId, create, setMarked, showFault } from "./dom.js";
import { words } from "./language.js";
import { findFault, readParameters } from "./parameters.js";

/** @typedef {import("./parameters.js").Parameter} Parameter */

/**
 * A field that is set; the text is as in `delay 5 ms`, the title its sentence.
 * @typedef {{ input: HTMLInputElement, text: string, title: string }} Chip
 */

const box = byId("parameters", HTMLFieldSetElement);
const legend = byId("parameters-title", HTMLElement);

/** The fields of the URL's parameters. */
export class ParameterFields {
  /** @type {ReturnType<typeof createField>[]} */
  #fields = [];
  #edited;

  /**
   * @param {(name: string, value: string) => void} edited The user changed a
   * value; an empty one removes the parameter.
   */
  constructor(edited) {
    this.#edited = edited;
  }

  /**
   * Builds them from the server's table, in the language in use.
   * @param {readonly Parameter[]} parameters
   */
  build(parameters) {
    this.#fields = parameters.map(createField);
    box.replaceChildren(legend);
    box.hidden = parameters.length === 0;
    const groups = Map.groupBy(this.#fields, ({ group }) => group);
    for (const [group, fields] of groups) {
      const elements = fields.map(({ element }) => element);
      const title = create("legend", "", group);
      box.append(create("fieldset", "group", title, ...elements));
    }
    for (const { parameter, input } of this.#fields) {
      input.addEventListener("input", () => {
        const isSet = input.type !== "checkbox" || input.checked;
        this.#edited(parameter.name, isSet ? input.value : "");
      });
    }
  }

  /** @param {string} url Its values go into the fields, and are checked. */
  show(url) {
    const given = readParameters(url);
    for (const { parameter, input, fault } of this.#fields) {
      const value = given.getAll(parameter.name).at(-1) ?? "";
      if (input.type === "checkbox") input.checked = value === "1";
      else if (input.value !== value) input.value = value;
      const found = findFault(parameter, given);
      const text = found === "value"
        ? words.expected(parameter)
        : found && words[found];
      showFault(input, fault, text ?? "");
    }
  }

  /** @type {(url: string) => Chip[]} The parameters that a URL sets. */
  listSet(url) {
    const given = readParameters(url);
    return this.#fields.flatMap(({ parameter, input, sentence, unit }) => {
      const { name, kind } = parameter;
      const value = given.get(name);
      if (value === null) return [];
      const shown = kind === "flag" && value === "1" ? "" : `${value} ${unit}`;
      const text = `${name} ${shown}`.trim();
      return [{ input, text, title: `${sentence} ${shown}`.trim() }];
    });
  }
}

/** @param {Parameter} parameter */
function createField(parameter) {
  const { name, kind, needs, ranges = [] } = parameter;
  const own = words.parameters[name];
  const group = words.groups[parameter.group ?? ""] ?? parameter.group ?? "";
  const id = `parameter-${name}`;
  const input = create("input");
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-hint ${id}-fault`);
  if (kind === "flag") {
    input.type = "checkbox";
    input.value = "1";
  }
  // A number field could not show a wrong value, which is to be corrected.
  if (kind === "integer" || kind === "code") input.inputMode = "numeric";
  const label = create("label", "", own?.label ?? name);
  label.htmlFor = id;
  const unit = kind === "integer" ? words.unit(parameter.unit ?? "") : "";
  const hint = create("p", "hint");
  hint.id = `${id}-hint`;
  const range = words.range(parameter);
  const parts = [`\`${name}\``, range, needs && words.needs(needs), own?.hint];
  setMarked(hint, parts.filter(Boolean).join(" · "));
  const fault = create("p", "fault");
  fault.id = `${id}-fault`;
  const element = create("div", kind === "flag" ? "field check" : "field");
  element.append(label, input, create("span", "unit", unit), hint, fault);
  if (kind === "code") {
    const codes = create("datalist");
    codes.id = `${id}-codes`;
    input.setAttribute("list", codes.id);
    codes.append(
      ...namedCodes(ranges).map((code) =>
        new Option(closeName(code), String(code))
      ),
    );
    element.append(codes);
  }
  const sentence = `${group} ${label.textContent}`;
  return { parameter, group, sentence, element, input, unit, fault };
}
