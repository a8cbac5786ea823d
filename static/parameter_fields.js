// @ts-check
import { closeName, namedCodes } from "./close_code.js";
import { byId, create, setMarked, showFault } from "./dom.js";
import { words } from "./language.js";
import { findFault, readParameters } from "./parameters.js";

/** @typedef {import("./parameters.js").Parameter} Parameter */

/** @typedef {ReturnType<typeof createField>} Field */

const box = byId("parameters", HTMLFieldSetElement);
const legend = byId("parameters-title", HTMLElement);

/** The fields of the URL's parameters, built from the server's table. */
export class ParameterFields {
  /** @type {Field[]} */
  #fields = [];
  /** @type {Map<string, HTMLElement>} By the name of the group. */
  #titles = new Map();
  #edited;

  /**
   * @param {(name: string, value: string) => void} edited The user changed a
   * value; an empty one removes the parameter.
   */
  constructor(edited) {
    this.#edited = edited;
  }

  /** @param {readonly Parameter[]} parameters */
  set parameters(parameters) {
    this.#titles.clear();
    box.replaceChildren(legend);
    box.hidden = parameters.length === 0;
    this.#fields = parameters.map((parameter) => {
      const field = createField(parameter);
      const { element, input } = field;
      input.addEventListener("input", () => {
        const isSet = input.type !== "checkbox" || input.checked;
        this.#edited(parameter.name, isSet ? input.value : "");
      });
      this.#groupOf(parameter).append(element);
      return field;
    });
    this.showWords();
  }

  /** @param {Parameter} parameter */
  #groupOf({ group = "" }) {
    const title = this.#titles.get(group) ?? create("legend");
    if (title.parentElement !== null) return title.parentElement;
    this.#titles.set(group, title);
    const place = create("fieldset", "group");
    place.append(title);
    box.append(place);
    return place;
  }

  /** Writes the titles, labels and hints, in the language in use. */
  showWords() {
    for (const [name, title] of this.#titles) {
      title.textContent = words.groups[name] ?? name;
    }
    for (const { parameter, label, unit, hint } of this.#fields) {
      const { name, needs } = parameter;
      const own = words.parameters[name];
      label.textContent = own?.label ?? name;
      unit.textContent = unitOf(parameter);
      const range = words.range(parameter);
      const parts = [
        `\`${name}\``,
        range,
        needs && words.needs(needs),
        own?.hint,
      ];
      setMarked(hint, parts.filter(Boolean).join(" · "));
    }
  }

  /**
   * The parameters that a URL sets.
   * @param {string} url
   * @returns {{ name: string, text: string, title: string }[]} The text as in
   * `delay 5 ms`; the title is the sentence of the field.
   */
  listSet(url) {
    const given = readParameters(url);
    return this.#fields.flatMap(({ parameter }) => {
      const { name, group = "", kind } = parameter;
      const value = given.get(name);
      if (value === null) return [];
      const shown = kind === "flag" && value === "1"
        ? ""
        : `${value} ${unitOf(parameter)}`;
      const label = words.parameters[name]?.label ?? name;
      return [{
        name,
        text: `${name} ${shown}`.trim(),
        title: `${words.groups[group] ?? group} ${label} ${shown}`.trim(),
      }];
    });
  }

  /** @param {string} url Its values go into the fields. */
  showValues(url) {
    const given = readParameters(url);
    for (const { parameter, input } of this.#fields) {
      const value = given.getAll(parameter.name).at(-1) ?? "";
      if (input.type === "checkbox") input.checked = value === "1";
      else if (input.value !== value) input.value = value;
    }
  }

  /** @param {string} url Its values are checked. */
  showFaults(url) {
    const given = readParameters(url);
    for (const { parameter, input, fault } of this.#fields) {
      const found = findFault(parameter, given);
      const text = found &&
        (found === "value" ? words.expected(parameter) : words[found]);
      showFault(input, fault, text ?? "");
    }
  }
}

/** @param {Parameter} parameter */
function createField(parameter) {
  const id = `parameter-${parameter.name}`;
  const input = createInput(parameter);
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-hint ${id}-fault`);
  const label = create("label");
  label.htmlFor = id;
  const unit = create("span", "unit");
  const hint = create("p", "hint");
  hint.id = `${id}-hint`;
  const fault = create("p", "fault");
  fault.id = `${id}-fault`;
  const element = create("div", "field");
  element.classList.toggle("check", input.type === "checkbox");
  element.append(label, input, unit, hint, fault);
  if (parameter.kind === "code") {
    const codes = create("datalist");
    codes.id = `${id}-codes`;
    input.setAttribute("list", codes.id);
    for (const code of namedCodes(parameter.ranges ?? [])) {
      codes.append(new Option(closeName(code), String(code)));
    }
    element.append(codes);
  }
  return { parameter, element, input, label, unit, hint, fault };
}

/** @param {Parameter} parameter Its unit, in the language in use. */
function unitOf({ kind, unit = "" }) {
  return kind === "integer" ? words.unit(unit) : "";
}

/** @param {Parameter} parameter */
function createInput({ kind }) {
  const input = create("input");
  if (kind === "flag") {
    input.type = "checkbox";
    input.value = "1";
  }
  // A number field could not show a wrong value, which is to be corrected.
  if (kind === "integer" || kind === "code") input.inputMode = "numeric";
  return input;
}
